package dev.lastgood.cli;

import dev.lastgood.target.contract.MariaDb;
import org.junit.jupiter.api.Tag;

/** The same by MySQL's own driver, which finds a MariaDB. */
@Tag("full")
final class MySqlDriverStoryTest extends MariaDbStoryTest {
    @Override
    String url() {
        return MariaDb.mySqlUrl("home");
    }
}
