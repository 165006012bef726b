package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Receipt;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Written;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Delta table as what a restore writes to, while others commit. */
final class DeltaTargetTest {
    private static SparkSession session;

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

    private static Key key(int id) {
        return Key.of("id", Value.of(id));
    }

    private static Image image(int id, String name, int total) {
        return Image.of(
                Map.of("id", Value.of(id), "name", Value.of(name), "note", Value.NULL, "total", Value.of(total)));
    }

    @Test
    void what_somebody_commits_between_read_and_write_is_refused_record_by_record() {
        DeltaTable table = DeltaTable.serializable(session, folder, "things");
        Target target = table.target("key: [id]");
        table.write(key(1), image(1, "a", 10));
        table.write(key(2), image(2, "b", 20));
        List<Key> keys = List.of(key(1), key(2), key(3), key(4));
        try (Target.Batch batch = target.open(keys)) {
            table.write(key(1), image(1, "theirs", 10));
            table.write(key(3), image(3, "theirs", 30));
            Map<Key, Written> written = batch.write(List.of(
                    new Change(
                            key(1),
                            Objects.requireNonNull(batch.seen().get(key(1))),
                            image(1, "a", 11),
                            Set.of("total")),
                    new Change(
                            key(2),
                            Objects.requireNonNull(batch.seen().get(key(2))),
                            image(2, "b", 21),
                            Set.of("total")),
                    new Change(
                            key(3), Objects.requireNonNull(batch.seen().get(key(3))), image(3, "ours", 31), Set.of()),
                    new Change(
                            key(4), Objects.requireNonNull(batch.seen().get(key(4))), image(4, "ours", 41), Set.of())));

            assertThat(written.get(key(1))).isInstanceOf(Written.Refused.class);
            assertThat(written.get(key(2))).isInstanceOf(Written.Done.class);
            assertThat(written.get(key(3))).isInstanceOf(Written.Refused.class);
            assertThat(written.get(key(4))).isInstanceOf(Written.Done.class);
        }
        assertThat(table.everything())
                .isEqualTo(Map.of(
                        key(1), image(1, "theirs", 10),
                        key(2), image(2, "b", 21),
                        key(3), image(3, "theirs", 30),
                        key(4), image(4, "ours", 41)));
        assertThat(session.sql("DESCRIBE HISTORY " + table.sql())
                        .where("userMetadata LIKE 'lastgood %'")
                        .collectAsList())
                .as("one commit of ours, with its mark")
                .hasSize(1);
    }

    @Test
    void without_an_isolation_that_shows_appends_nothing_is_inserted() {
        DeltaTable table = DeltaTable.made(session, folder, "plain", "");
        Target target = table.target("key: [id]");
        try (Target.Batch batch = target.open(List.of(key(1)))) {
            Written written = Objects.requireNonNull(batch.write(List.of(new Change(
                            key(1), Objects.requireNonNull(batch.seen().get(key(1))), image(1, "a", 1), Set.of())))
                    .get(key(1)));
            assertThat(written)
                    .isEqualTo(new Written.Refused("the table's isolation level does not show what others append"
                            + " meanwhile: set delta.isolationLevel to Serializable"));
        }
        assertThat(table.everything()).isEmpty();
    }

    @Test
    void json_keeps_its_notation_where_it_is_not_written_and_several_records_of_a_key_are_left_alone() {
        DeltaTable table = DeltaTable.serializable(session, folder, "things");
        session.sql("INSERT INTO " + table.sql()
                + " VALUES (1, 'a', '{ \"b\" : 1.0 }', 1), (2, 'x', null, 1), (2, 'y', null, 2)");
        Target target = table.target("key: [id], json: [note]");
        try (Target.Batch batch = target.open(List.of(key(1), key(2)))) {
            Target.Seen one = Objects.requireNonNull(batch.seen().get(key(1)));
            Target.Seen two = Objects.requireNonNull(batch.seen().get(key(2)));
            assertThat(two.isSeveral()).isTrue();
            Map<Key, Written> written = batch.write(List.of(
                    new Change(
                            key(1),
                            one,
                            Objects.requireNonNull(one.image()).with("total", Value.of(2)),
                            Set.of("total")),
                    new Change(key(2), two, two.image(), Set.of("total"))));
            assertThat(written.get(key(1))).isInstanceOf(Written.Done.class);
            assertThat(written.get(key(2))).isEqualTo(new Written.Refused("several records have this key"));
        }
        assertThat(session.read()
                        .table(table.sql())
                        .where("id = 1")
                        .select("note", "total")
                        .head()
                        .toString())
                .isEqualTo("[{ \"b\" : 1.0 },2]");
    }

    @Test
    void a_damaged_table_is_audited_restored_and_undone() throws Exception {
        DeltaTable table = DeltaTable.serializable(session, folder, "things");
        session.sql(
                "INSERT INTO " + table.sql() + " SELECT cast(id AS int), 'n', null, cast(id AS int) FROM range(1, 21)");
        Files.writeString(
                folder.resolve("rules.yaml"), "rules:\n  - {id: positive, dataset: things, field: total, min: 0}\n");
        Path file = Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: shop
                store: store
                rules: [rules.yaml]
                sources: {lake: {files: '%s', write: {}}}
                datasets:
                  things: {source: lake, path: '%s', format: delta, key: [id], restore: {write: in_place}}
                """.formatted(folder, table.path()));
        Workplace workplace =
                new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "test", "local[2]", Map.of());
        String snapshot = workplace
                .taker()
                .take(workplace.datasets(List.of()), captured -> Verdict.PASS)
                .snapshot()
                .text();
        session.sql("UPDATE " + table.sql() + " SET total = -total WHERE id <= 5");
        session.sql("UPDATE " + table.sql() + " SET name = 'later' WHERE id IN (1, 9)");

        AuditJob.Audit audit = workplace.auditJob().run(workplace.datasets(List.of()), snapshot, Severity.ERROR);
        assertThat(audit.verdict()).isEqualTo(Verdict.FAIL);
        RestoreJob restore = new RestoreJob(workplace);
        PlanFiles.Stored plan = new PlanJob(workplace).plan(Selection.all());
        assertThat(plan.plan().steps()).hasSize(5);
        restore.approve(plan.id(), Set.of(), null);
        Map<Key, Image> damaged = table.everything();
        Receipt applied = restore.apply(plan.id(), new Applier.Watch() {});
        assertThat(applied.isClean()).as(JsonValues.write(applied.json())).isTrue();
        assertThat(session.sql("SELECT sum(total), count_if(name = 'later') FROM " + table.sql())
                        .head()
                        .toString())
                .isEqualTo("[210,2]");

        Receipt undone = restore.undo(plan.id(), new Applier.Watch() {});
        assertThat(undone.isClean()).as(JsonValues.write(undone.json())).isTrue();
        assertThat(table.everything()).isEqualTo(damaged);
    }

    @Test
    void a_table_is_known_by_its_own_id_and_maps_cannot_be_guarded() {
        String before = DeltaTable.serializable(session, folder, "things")
                .target("key: [id]")
                .identity();
        DeltaTable table = new DeltaTable(session, folder, folder.resolve("maps"));
        session.sql("CREATE TABLE " + table.sql() + " (id int, more map<string, int>) USING delta");
        assertThat(table.target("key: [id]").identity())
                .isNotEqualTo(before)
                .startsWith("delta table " + table.path() + " ");
        assertThatThrownBy(() -> table.target("key: [id]").open(List.of(key(1))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("field 'more' of type map<string,int>");
    }
}
