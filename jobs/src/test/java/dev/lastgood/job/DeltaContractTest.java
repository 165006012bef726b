package dev.lastgood.job;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.target.Target;
import dev.lastgood.target.contract.TargetContract;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The contract of targets on Delta tables, of which every commit takes a second: see {@link DeltaTargetTest} for every day. */
@Tag("full")
final class DeltaContractTest extends TargetContract {
    private static final AtomicInteger TABLES = new AtomicInteger();

    private static SparkSession session;

    private @Nullable DeltaTable table;

    @TempDir
    Path folder = Path.of("");

    @BeforeAll
    static void a_session_that_knows_tables() {
        session = TablesForTests.open();
    }

    @AfterAll
    static void the_others_have_theirs_again() {
        TablesForTests.close();
    }

    @Override
    protected Target create() {
        DeltaTable made = DeltaTable.serializable(session, folder, "t" + TABLES.incrementAndGet());
        table = made;
        return made.target("key: [id]");
    }

    @Override
    protected void application(Key key, @Nullable Image image) {
        Objects.requireNonNull(table).write(key, image);
    }

    @Override
    protected Map<Key, Image> everything() {
        return Objects.requireNonNull(table).everything();
    }

    /** Thousands of commits are asked for; {@link DeltaTargetTest} has one between read and write instead. */
    @Override
    protected boolean isSafeAmongThreads() {
        return false;
    }
}
