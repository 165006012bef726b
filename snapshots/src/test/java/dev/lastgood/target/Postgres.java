package dev.lastgood.target;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One real PostgreSQL for all tests of this JVM. */
public final class Postgres {
    private Postgres() {}

    private static @Nullable EmbeddedPostgres running;

    public static Connection connect() throws SQLException {
        return server().getPostgresDatabase().getConnection();
    }

    /** Where it is, with the user to connect as. */
    public static String url() {
        return server().getJdbcUrl("postgres", "postgres");
    }

    private static synchronized EmbeddedPostgres server() {
        EmbeddedPostgres postgres = running;
        if (postgres == null) {
            try {
                postgres = EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            running = postgres;
        }
        return postgres;
    }
}
