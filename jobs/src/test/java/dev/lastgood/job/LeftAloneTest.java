package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.Mode;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a plan does not touch: what somebody has accepted, what was wrong before, and what was added since. */
@ExtendWith(SparkForTests.class)
class LeftAloneTest {
    @TempDir
    static Path folder;

    private static WorkspaceForTests bench;

    @BeforeAll
    static void audited() {
        bench = WorkspaceForTests.in(folder, """
                        rows:
                          source: here
                          path: rows.csv
                          format: csv
                          key: [id]
                          version: v
                          schema: {amount: int, v: int}
                          restore: {write: in_place}
                        """)
                .rules("""
                        - {id: amount, dataset: rows, field: amount, min: 0, accepted: accepted.yaml}
                        - {id: name, dataset: rows, field: name, min_length: 1}
                        """)
                .file(
                        "../accepted.yaml",
                        "accepted:",
                        "  - {key: {id: r1}, path: amount, reason: a credit note, until: 2026-12-31}")
                .file("rows.csv", "id,amount,name,v", "r1,1,Ann,1", "r2,2,Bob,1", "r3,-3,Cid,1");
        bench.take();
        bench.file("rows.csv", "id,amount,name,v", "r1,-1,Ann,2", "r2,-2,Bob,2", "r3,-3,\"\",2", "r4,4,Dan,1");
        bench.audit();
    }

    /** {@code UPDATE r2 amount}, and so on: what is written of which record. */
    private static List<String> planned(Set<String> rules, boolean changed, boolean deleteAdded) {
        Selection selection = new Selection(
                "", Set.of(), Set.of(), rules, Set.of(), List.of(), "", changed, deleteAdded, Set.of(), "", Mode.BLOCK);
        return new PlanJob(bench.workplace())
                .plan(selection).plan().steps().stream()
                        .map(step -> step.action() + " "
                                + step.key().parts().get("id") + " "
                                + step.fields().stream()
                                        .map(field -> field.path().toString())
                                        .collect(Collectors.joining(", ")))
                        .map(text -> text.replace("\"", ""))
                        .sorted()
                        .toList();
    }

    @Test
    void what_is_accepted_is_no_fault_and_what_was_wrong_before_keeps_nothing_from_being_put_back() {
        assertThat(planned(Set.of(), false, false)).containsExactly("UPDATE r2 amount", "UPDATE r3 name");
        assertThat(planned(Set.of("amount"), false, false)).containsExactly("UPDATE r2 amount");
    }

    @Test
    void records_that_were_added_stay_unless_they_are_said_to_go_and_versions_do_not_go_back() {
        assertThat(planned(Set.of(), true, false))
                .containsExactly("UPDATE r1 amount", "UPDATE r2 amount", "UPDATE r3 name");
        assertThat(planned(Set.of(), true, true)).hasSize(4).contains("DELETE r4 amount, id, name, v");
    }

    @Test
    void a_write_moves_the_version_on() {
        RestoreJob restore = new RestoreJob(bench.workplace());
        PlanFiles.Stored plan = new PlanJob(bench.workplace()).plan(Selection.all());
        assertThat(plan.plan().steps()).extracting(Step::dataset).containsOnly("rows");
        restore.approve(plan.id(), Set.of(), null);
        restore.apply(plan.id(), new Applier.Watch() {});

        assertThat(bench.live("rows.csv").lines().map(line -> line.replace("\"", "")))
                .containsExactly("id,amount,name,v", "r1,-1,Ann,2", "r2,2,Bob,3", "r3,-3,Cid,3", "r4,4,Dan,1");
        restore.undo(plan.id(), new Applier.Watch() {});
        assertThat(bench.live("rows.csv")).contains("r2,-2,Bob");
    }
}
