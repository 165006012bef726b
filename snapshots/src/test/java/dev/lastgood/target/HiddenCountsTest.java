package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Drivers that are told to send several statements as one, and then do not say how many rows each has written. */
final class HiddenCountsTest {
    private static final String UNTOLD = "does not tell the rows of each statement";

    enum Driver {
        POSTGRESQL {
            @Override
            Connection connect() throws SQLException {
                return DriverManager.getConnection(Postgres.url() + "&reWriteBatchedInserts=true");
            }
        },
        MARIADB {
            @Override
            Connection connect() throws SQLException {
                MariaDb.connect("hidden").close();
                return DriverManager.getConnection(MariaDb.url("hidden") + "?useBulkStmts=true", MariaDb.USER, "");
            }
        };

        abstract Connection connect() throws SQLException;
    }

    private static void sql(Driver driver, String... statements) throws SQLException {
        try (Connection connection = driver.connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private static Key id(int id) {
        return Key.of("id", Value.of(id));
    }

    private static Collection<Written> write(Target target, int first, int last) {
        List<Key> keys = IntStream.rangeClosed(first, last)
                .mapToObj(HiddenCountsTest::id)
                .toList();
        try (Target.Batch batch = target.open(keys)) {
            return batch.write(IntStream.rangeClosed(first, last)
                            .mapToObj(id -> new Change(
                                    id(id),
                                    Objects.requireNonNull(batch.seen().get(id(id))),
                                    Image.of(java.util.Map.of("id", Value.of(id), "v", Value.of(id))),
                                    Set.of("v")))
                            .toList())
                    .values();
        }
    }

    /** What the driver hides is refused at first, and written one by one from then on. */
    private static Collection<Written> writeAgain(Target target, int first, int last) {
        Collection<Written> written = write(target, first, last);
        boolean isUntold = written.stream()
                .anyMatch(
                        one -> one instanceof Written.Refused no && no.reason().contains(UNTOLD));
        return isUntold ? write(target, first, last) : written;
    }

    @ParameterizedTest
    @EnumSource(Driver.class)
    void every_record_is_counted_whatever_the_driver_hides(Driver driver) throws SQLException {
        sql(driver, "drop table if exists hidden", "create table hidden(id int, v int)");
        StringBuilder rows = new StringBuilder("insert into hidden values (0, 0)");
        IntStream.rangeClosed(1, 20).forEach(id -> rows.append(", (%d, %d)".formatted(id, -id)));
        sql(driver, rows.toString());
        try (JdbcTarget target = new JdbcTarget(driver::connect, JdbcTarget.Table.of("hidden", List.of("id")))) {
            if (driver == Driver.POSTGRESQL) {
                assertThat(write(target, 1, 40))
                        .as("inserts of which the driver makes one")
                        .allMatch(one ->
                                one instanceof Written.Refused no && no.reason().contains(UNTOLD));
                assertThat(Objects.requireNonNull(target.read(List.of(id(1))).get(id(1)))
                                .image())
                        .extracting(image -> image.field("v"))
                        .isEqualTo(Value.of(-1));
            }
            assertThat(writeAgain(target, 1, 40)).hasSize(40).allMatch(one -> one instanceof Written.Done);
            assertThat(target.read(IntStream.rangeClosed(1, 40)
                                    .mapToObj(HiddenCountsTest::id)
                                    .toList())
                            .values())
                    .extracting(Seen::image)
                    .allMatch(image -> image != null && Objects.equals(image.field("v"), image.field("id")));
        }
        sql(driver, "drop table hidden");
    }

    @ParameterizedTest
    @EnumSource(Driver.class)
    void a_statement_among_others_that_writes_two_rows_is_noticed(Driver driver) throws SQLException {
        sql(driver, "drop table if exists hidden", "create table hidden(id int, v int)");
        StringBuilder rows = new StringBuilder("insert into hidden values (10, -10)");
        IntStream.rangeClosed(1, 20).forEach(id -> rows.append(", (%d, %d)".formatted(id, -id)));
        sql(driver, rows.toString());
        try (JdbcTarget target = new JdbcTarget(driver::connect, JdbcTarget.Table.of("hidden", List.of("id")))) {
            assertThat(writeAgain(target, 1, 20))
                    .allMatch(one ->
                            one instanceof Written.Refused no && no.reason().contains("2 rows have this key, not one"));
        }
        sql(driver, "delete from hidden where v < 0");
        try (Connection connection = driver.connect();
                Statement statement = connection.createStatement();
                var left = statement.executeQuery("select count(*) from hidden")) {
            left.next();
            assertThat(left.getInt(1)).as("nothing was written").isZero();
        }
    }
}
