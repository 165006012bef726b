package dev.lastgood.cosmos;

import dev.lastgood.workspace.Source;

/** Many documents to a request. */
class CosmosBulkTargetTest extends CosmosTargetTest {
    @Override
    Source.Requests requests() {
        return Source.Requests.BULK;
    }
}
