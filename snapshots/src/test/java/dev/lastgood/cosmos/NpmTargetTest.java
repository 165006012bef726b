package dev.lastgood.cosmos;

import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.Tier;

/** The same, every day, on a server that others have made after the service, where Node can run it. */
class NpmTargetTest extends CosmosTargetTest {
    @Override
    CosmosForTests cosmos() {
        return CosmosForTests.of(Tier.NPM);
    }
}
