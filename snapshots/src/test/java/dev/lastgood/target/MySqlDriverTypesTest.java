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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All that is true with the driver of MariaDB, with that of MySQL, and what its options might hide. */
final class MySqlDriverTypesTest extends MariaDbTypesTest {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connectAsMySql("types");
    }

    @Override
    String url() {
        return MariaDb.mySqlUrl("types");
    }

    private static Key id(int id) {
        return Key.of("id", Value.of(id));
    }

    private static Image thing(int id, int v) {
        return Image.of(Map.of("id", Value.of(id), "v", Value.of(v)));
    }

    /** Statements that a driver makes one of, and counts of rows that are not those found, hide nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "?rewriteBatchedStatements=true",
                "?useAffectedRows=true",
                "?useServerPrepStmts=true",
                "?tinyInt1isBit=true&zeroDateTimeBehavior=CONVERT_TO_NULL&emulateLocators=true"
            })
    void options_of_the_driver_hide_no_row(String options) throws SQLException {
        create(
                "create or replace table counted(id int primary key, v int)",
                "insert into counted select seq, -seq from seq_1_to_20");
        try (JdbcTarget target = new JdbcTarget(
                () -> DriverManager.getConnection(url() + options, MariaDb.USER, ""),
                JdbcTarget.Table.of("counted", List.of("id")))) {
            List<Key> keys = IntStream.rangeClosed(1, 40)
                    .mapToObj(MySqlDriverTypesTest::id)
                    .toList();
            try (Target.Batch batch = target.open(keys)) {
                Map<Key, Written> written = batch.write(IntStream.rangeClosed(1, 40)
                        .mapToObj(id -> new Change(
                                id(id),
                                Objects.requireNonNull(batch.seen().get(id(id))),
                                thing(id, id),
                                Set.of("id", "v")))
                        .toList());
                assertThat(written.values()).hasSize(40).allMatch(answer -> answer instanceof Written.Done);
            }
            assertThat(target.read(keys).values())
                    .extracting(Seen::image)
                    .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 40)
                            .mapToObj(id -> thing(id, id))
                            .toList());
        }
    }
}
