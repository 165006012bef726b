package dev.lastgood;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;

/** The one PostgreSQL of this JVM, started by the first test that asks for it. Each test uses a schema of its own. */
public final class PostgresForTests {
    private PostgresForTests() {}

    public static final String USER = "postgres";

    public static String url() {
        return "jdbc:postgresql://localhost:" + Shared.SERVER.getPort() + "/postgres";
    }

    public static Connection connect() throws SQLException {
        return Shared.SERVER.getPostgresDatabase().getConnection();
    }

    private static final class Shared {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
