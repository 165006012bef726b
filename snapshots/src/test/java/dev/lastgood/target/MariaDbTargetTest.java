package dev.lastgood.target;

import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;

final class MariaDbTargetTest extends JdbcContract {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connect("contract");
    }
}
