package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.PostgresForTests;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.workspace.Source;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an exported snapshot promises to who reads by it, on a real PostgreSQL. */
final class ExportedSnapshotTest {
    private static final Source.Jdbc SOURCE = new Source.Jdbc(
            "db",
            PostgresForTests.url(),
            PostgresForTests.USER,
            null,
            Source.Limit.NONE,
            Source.Confirm.DEFAULT,
            null,
            new Place(new SourceFile("lastgood.yaml", ""), 1, 1, 0));

    @BeforeEach
    void a_table_of_three_rows() throws SQLException {
        sql("""
            drop schema if exists moment cascade;
            create schema moment;
            create table moment.t (id int);
            insert into moment.t values (1), (2), (3);
            """);
    }

    private static void sql(String statements) throws SQLException {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private static ExportedSnapshot exported(String... tables) {
        ExportedSnapshot.Attempt attempt = ExportedSnapshot.open(SOURCE, List.of(tables));
        assertThat(attempt.reason()).isEmpty();
        return Objects.requireNonNull(attempt.snapshot());
    }

    private static long rows(Connection connection, ExportedSnapshot moment) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery(
                        "select count(*) from (select * from moment.t where " + moment.guard() + ") t")) {
            count.next();
            return count.getLong(1);
        }
    }

    @Test
    void who_enters_sees_the_moment_and_not_what_was_written_since() throws SQLException {
        try (ExportedSnapshot moment = exported("moment.t");
                Connection one = DriverManager.getConnection(SOURCE.url(), JdbcReader.login(SOURCE));
                Connection other = DriverManager.getConnection(SOURCE.url(), JdbcReader.login(SOURCE))) {
            sql("insert into moment.t values (4)");
            moment.enter(one);
            assertThat(rows(one, moment)).isEqualTo(3);
            sql("delete from moment.t where id < 3");
            moment.enter(other);
            assertThat(rows(other, moment)).isEqualTo(3);
        }
    }

    @Test
    void who_has_not_entered_gets_an_error_and_no_rows() throws SQLException {
        try (ExportedSnapshot moment = exported("moment.t");
                Connection outside = PostgresForTests.connect()) {
            assertThat(rows(outside, moment))
                    .as("nothing was written: it is that moment still")
                    .isEqualTo(3);
            sql("insert into moment.t values (4)");
            assertThatThrownBy(() -> rows(outside, moment))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("not the moment exported but ");
        }
    }

    @Test
    void nobody_enters_a_moment_that_is_over() throws SQLException {
        ExportedSnapshot moment = exported("moment.t");
        moment.close();
        try (Connection late = PostgresForTests.connect()) {
            assertThatThrownBy(() -> moment.enter(late))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("snapshot");
        }
    }

    /** Truncating is seen by every snapshot, also by older ones. */
    @Test
    void a_table_that_is_being_read_cannot_be_truncated() throws SQLException {
        try (ExportedSnapshot moment = exported("moment.t")) {
            assertThatThrownBy(() -> sql("set lock_timeout = '100ms'; truncate moment.t"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("lock timeout");
            assertThat(moment.apart("moment.t")).isEmpty();
        }
        sql("truncate moment.t");
    }

    @Test
    void a_table_that_lies_elsewhere_is_not_of_the_moment_nor_is_a_view_of_it() throws SQLException {
        sql("""
            drop foreign data wrapper if exists elsewhere cascade;
            create foreign data wrapper elsewhere;
            create server far foreign data wrapper elsewhere;
            create foreign table moment.f (id int) server far;
            create view moment.v as select id from moment.t union all select id from moment.f;
            create view moment.w as select * from moment.v;
            create view moment.own as select * from moment.t;
            """);
        try (ExportedSnapshot moment = exported("moment.t", "moment.f", "moment.w", "moment.own")) {
            assertThat(moment.apart("moment.t")).isEmpty();
            assertThat(moment.apart("moment.own")).isEmpty();
            assertThat(moment.apart("moment.f"))
                    .hasValueSatisfying(why -> assertThat(why).startsWith("it could not be kept from being truncated"));
            assertThat(moment.apart("moment.w"))
                    .contains("some of its records are in another database, which the snapshot does not reach");
        } finally {
            sql("drop foreign data wrapper elsewhere cascade");
        }
    }
}
