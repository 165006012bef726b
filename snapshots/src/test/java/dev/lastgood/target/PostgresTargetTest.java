package dev.lastgood.target;

import java.sql.Connection;
import java.sql.SQLException;

final class PostgresTargetTest extends JdbcContract {
    @Override
    Connection connect() throws SQLException {
        return Postgres.connect();
    }
}
