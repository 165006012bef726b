package dev.lastgood.cli;

import dev.lastgood.target.contract.MariaDb;

/** The same by MySQL's own driver, which finds a MariaDB. */
final class MySqlDriverStoryTest extends MariaDbStoryTest {
    @Override
    String url() {
        return MariaDb.mySqlUrl("home");
    }
}
