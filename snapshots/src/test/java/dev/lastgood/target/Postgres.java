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

    public static synchronized Connection connect() throws SQLException {
        EmbeddedPostgres postgres = running;
        if (postgres == null) {
            try {
                postgres = EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            running = postgres;
        }
        return postgres.getPostgresDatabase().getConnection();
    }
}
