package dev.lastgood.target;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

final class H2TargetTest extends JdbcContract {
    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:h2:mem:contract;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE");
    }
}
