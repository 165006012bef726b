package dev.lastgood.cosmos;

import com.azure.cosmos.models.PartitionKey;
import dev.lastgood.record.Key;

/** All documents lie in one partition, that of no partition key: what is written together is a transaction. */
class CosmosTransactionTargetTest extends CosmosTargetTest {
    @Override
    String partition() {
        return "tenant";
    }

    @Override
    PartitionKey partition(Key key) {
        return PartitionKey.NONE;
    }
}
