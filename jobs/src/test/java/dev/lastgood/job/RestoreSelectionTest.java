package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.restore.Mode;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a plan is made of: each way to select, over two files in which a bug and a person have written. */
@ExtendWith(SparkForTests.class)
class RestoreSelectionTest {
    private static final String DATASETS = """
        rows:
          source: here
          path: rows.csv
          format: csv
          key: [id]
          schema: {amount: int}
          restore: {write: in_place}
        lines:
          source: here
          path: lines.csv
          format: csv
          key: [tenant, no]
          schema: {no: int, amount: int}
          restore: {write: in_place}
        """;

    private static final String RULES = """
        - {id: amount, dataset: rows, field: amount, min: 0}
        - {id: name, dataset: rows, field: name, min_length: 1}
        - {id: note, dataset: rows, field: note, not_in: [told], restore: false}
        - {id: lines-amount, dataset: lines, field: amount, min: 0}
        """;

    @TempDir
    static Path folder;

    private static WorkspaceForTests bench;
    private static String older;
    private static WorkspaceForTests.Audited audited;

    @BeforeAll
    static void audited(SparkSession session) {
        bench = WorkspaceForTests.in(folder, DATASETS).rules(RULES);
        bench.file("rows.csv", "id,amount,name,note", "r1,11,Old,o", "r2,12,Old,o")
                .file("lines.csv", "tenant,no,amount", "a,1,10");
        older = bench.take();
        bench.file(
                        "rows.csv",
                        "id,amount,name,note",
                        "r1,1,Ann,x",
                        "r2,2,Bob,x",
                        "r3,3,Cid,x",
                        "r4,4,Dan,x",
                        "r:5,5,Eve,x",
                        "5,6,Fay,x",
                        "r6,7,Gil,x")
                .file("lines.csv", "tenant,no,amount", "a,1,10", "a,2,20", "b,1,30");
        bench.take();
        bench.file(
                        "rows.csv",
                        "id,amount,name,note",
                        "r1,-1,Ann,y",
                        "r2,2,\"\",x",
                        "r3,-3,\"\",x",
                        "r4,4,Dan,z",
                        "r:5,-5,Eve,x",
                        "5,-6,Fay,x",
                        "r6,7,Gil,told")
                .file("lines.csv", "tenant,no,amount", "a,1,-10", "a,2,20", "b,1,-30");
        audited = bench.audit();
    }

    private static Selection rules(String... rules) {
        return new Selection(
                "", Set.of(), Set.of(), Set.of(rules), Set.of(), List.of(), "", false, false, Set.of(), "", Mode.BLOCK);
    }

    private static Selection named(
            List<String> keys, String where, boolean changed, Set<String> fields, String from, String... datasets) {
        Set<FieldPath> paths = fields.stream().map(FieldPath::valueOf).collect(Collectors.toSet());
        return new Selection(
                "",
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(datasets),
                keys,
                where,
                changed,
                false,
                paths,
                from,
                Mode.BLOCK);
    }

    private static Selection keys(String... keys) {
        return named(List.of(keys), "", false, Set.of(), "");
    }

    /** {@code r1 amount -1 -> 1} of every field of every step, by dataset and key. */
    private static List<String> planned(Selection selection) {
        PlanFiles.Stored stored = new PlanJob(bench.workplace()).plan(selection);
        List<String> steps = new ArrayList<>();
        for (Step step : stored.plan().steps()) {
            String key = step.key().parts().values().stream()
                    .map(Object::toString)
                    .collect(Collectors.joining(","))
                    .replace("\"", "");
            step.fields()
                    .forEach(field -> steps.add("%s %s %s -> %s"
                            .formatted(key, field.path(), field.before(), field.after())
                            .replace("\"", "")));
        }
        return steps.stream().sorted().toList();
    }

    @Test
    void without_a_selection_everything_corrupt_that_a_restore_may_act_on() {
        assertThat(planned(Selection.all()))
                .containsExactly(
                        "5 amount -6 -> 6",
                        "a,1 amount -10 -> 10",
                        "b,1 amount -30 -> 30",
                        "r1 amount -1 -> 1",
                        "r2 name  -> Bob",
                        "r3 amount -3 -> 3",
                        "r3 name  -> Cid",
                        "r:5 amount -5 -> 5");
    }

    @Test
    void a_rule_selects_the_records_that_break_it() {
        assertThat(planned(rules("name"))).containsExactly("r2 name  -> Bob", "r3 name  -> Cid");
        assertThat(planned(rules("name", "lines-amount"))).hasSize(4);
        assertThatThrownBy(() -> planned(rules("nam", "lines-amont")))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                    error: there is no rule 'lines-amont'
                    hint: Did you mean 'lines-amount'? There is: amount, lines-amount, name, note.
                    error: there is no rule 'nam'
                    hint: Did you mean 'name'? There is: amount, lines-amount, name, note.\
                    """);
    }

    @Test
    void an_incident_selects_its_records_and_no_other() {
        Map<String, List<String>> planned = new java.util.TreeMap<>();
        for (JsonNode incident : audited.audit().document().get("incidents")) {
            String rules = incident.get("dataset").asText() + " " + incident.get("rules");
            if (rules.equals("rows [\"note\"]")) {
                continue;
            }
            planned.put(
                    rules.replace("\"", ""),
                    planned(Selection.ofIncidents(Set.of(incident.get("id").asText()))));
        }
        assertThat(planned)
                .isEqualTo(Map.of(
                        "rows [amount,name]",
                        List.of(
                                "5 amount -6 -> 6",
                                "r1 amount -1 -> 1",
                                "r3 amount -3 -> 3",
                                "r3 name  -> Cid",
                                "r:5 amount -5 -> 5"),
                        "rows [name]",
                        List.of("r2 name  -> Bob"),
                        "lines [lines-amount]",
                        List.of("a,1 amount -10 -> 10", "b,1 amount -30 -> 30")));
    }

    @Test
    void a_key_selects_one_record_with_everything_that_changed_in_it() {
        assertThat(planned(keys("r1"))).containsExactly("r1 amount -1 -> 1", "r1 note y -> x");
        assertThat(planned(keys("5"))).as("and not r:5").containsExactly("5 amount -6 -> 6");
        assertThat(planned(keys("b,1"))).as("and not a,1").containsExactly("b,1 amount -30 -> 30");
        assertThat(planned(keys("{\"tenant\":\"a\",\"no\":1}"))).containsExactly("a,1 amount -10 -> 10");
        assertThat(planned(keys("{\"no\": 1, \"tenant\": \"a\"}", "r4")))
                .containsExactly("a,1 amount -10 -> 10", "r4 note z -> x");
    }

    @Test
    void a_condition_selects_the_records_of_which_it_is_true() {
        assertThat(planned(named(List.of(), "amount < -3", false, Set.of(), "", "rows")))
                .containsExactly("5 amount -6 -> 6", "r:5 amount -5 -> 5");
        assertThat(planned(named(List.of("r1", "r4"), "note = 'z'", false, Set.of(), "", "rows")))
                .containsExactly("r4 note z -> x");
    }

    @Test
    void all_that_changed_or_only_some_fields_of_it() {
        assertThat(planned(Selection.everyChange())).hasSize(11);
        assertThat(planned(named(List.of(), "", true, Set.of("note"), "", "rows")))
                .containsExactly("r1 note y -> x", "r4 note z -> x", "r6 note told -> x");
        assertThat(planned(named(List.of("r1"), "", false, Set.of("amount"), "")))
                .containsExactly("r1 amount -1 -> 1");
    }

    @Test
    void another_snapshot_may_be_the_good_one() {
        assertThat(planned(named(List.of("r1"), "", false, Set.of(), older)))
                .containsExactly("r1 amount -1 -> 11", "r1 name Ann -> Old", "r1 note y -> o");
    }

    @Test
    void a_selection_that_matches_nothing_is_said_to() {
        for (String key : List.of("r9", "1", ":5", "a,1,1", "{\"no\":1}")) {
            assertThatThrownBy(() -> planned(keys("r1", key)))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageStartingWith(
                            "error: audit %s has no record with key '%s' that changed or breaks a rule\n"
                                    .formatted(audited.audit().id(), key));
        }
        List<Selection> nothing = List.of(
                named(List.of(), "note = 'nobody'", false, Set.of(), "", "rows"),
                named(List.of("r1"), "note = 'z'", false, Set.of(), "", "rows"));
        for (Selection selection : nothing) {
            assertThatThrownBy(() -> planned(selection))
                    .as(selection.toString())
                    .isInstanceOf(InvalidInput.class)
                    .hasMessage("""
                        error: the selection matches no record of audit %s
                        hint: 'lastgood incident list' shows what there is to restore.\
                        """.formatted(audited.audit().id()));
        }
    }

    @Test
    void the_same_inputs_give_the_same_bytes_and_other_bytes_are_refused() throws IOException {
        Workplace workplace = bench.workplace();
        RestoreJob restore = new RestoreJob(workplace);
        PlanFiles.Stored one = new PlanJob(workplace).plan(Selection.all());
        PlanFiles.Stored other = new PlanJob(workplace).plan(Selection.all());
        assertThat(other).isEqualTo(one);
        assertThat(one.digest()).contains(one.id());

        Path payload = folder.resolve("store/plans/" + one.id() + "/payload/part-00000.jsonl");
        String text = Files.readString(payload);
        assertThat(text).contains("\"desired\":\"30\"");
        Files.delete(payload);
        Files.write(
                payload,
                text.replace("\"desired\":\"30\"", "\"desired\":\"31\"").getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> restore.approve(one.id(), Set.of(), null))
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        ("plan %s is not as it was written: plan.json: payload/part-00000.jsonl does not have the SHA-256"
                                        + " it has in plan.json; nothing was applied")
                                .formatted(one.id()));
    }
}
