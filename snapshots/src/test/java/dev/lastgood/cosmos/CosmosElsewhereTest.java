package dev.lastgood.cosmos;

import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.Tier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What was tried on the stand-in, on all others that can be had. */
@Tag("full")
@ParameterizedClass(name = "{0}")
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STAND_IN")
class CosmosElsewhereTest {
    private final Tier tier;

    CosmosElsewhereTest(Tier tier) {
        this.tier = tier;
    }

    @Nested
    class Point extends CosmosTargetTest {
        @Override
        CosmosForTests cosmos() {
            return CosmosForTests.of(tier);
        }
    }

    @Nested
    class Bulk extends CosmosBulkTargetTest {
        @Override
        CosmosForTests cosmos() {
            return CosmosForTests.of(tier);
        }
    }

    @Nested
    class Transaction extends CosmosTransactionTargetTest {
        @Override
        CosmosForTests cosmos() {
            return CosmosForTests.of(tier);
        }
    }

    @Nested
    class Keys extends PartitionKeysTest {
        @Override
        CosmosForTests cosmos() {
            return CosmosForTests.of(tier);
        }
    }

    @Nested
    class Changes extends ChangeFeedTest {
        @Override
        CosmosForTests cosmos() {
            return CosmosForTests.of(tier);
        }
    }
}
