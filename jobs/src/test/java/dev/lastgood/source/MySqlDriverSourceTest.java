package dev.lastgood.source;

import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;

/** A source {@code jdbc:mysql:}, by MySQL's own driver, from the server that is there: a MariaDB. */
final class MySqlDriverSourceTest extends MariaDbSourceTest {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connectAsMySql("source_of_mysql");
    }

    @Override
    String url() {
        return MariaDb.mySqlUrl("source_of_mysql");
    }

    @Override
    String shape() {
        return "geometry";
    }
}
