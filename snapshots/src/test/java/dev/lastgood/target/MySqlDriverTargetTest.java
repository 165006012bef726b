package dev.lastgood.target;

import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;

/** MySQL's own driver, with the server that is to be had: MariaDB. */
final class MySqlDriverTargetTest extends JdbcContract {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connectAsMySql("contract_mysql");
    }
}
