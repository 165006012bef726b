package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.restore.PlanFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Texts that differ in what a dataset says does not count are the same to a diff, to an audit and to a restore. */
@ExtendWith(SparkForTests.class)
class TextToleranceTest {
    @TempDir
    Path folder;

    @Test
    void what_does_not_count_is_no_change_and_is_not_put_back() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                        people:
                          source: here
                          path: people.csv
                          format: csv
                          key: [id]
                          compare: {email: {ignoring: [case, blanks]}}
                          restore: {write: in_place}
                        """)
                .rules("- {id: at, dataset: people, field: email, matches: '.*@.*', fields: [email]}")
                .file("people.csv", "id,email,name", "1,Ann@x.org,Ann", "2,Bob@x.org,Bob", "3,Cid@x.org,Cid");
        bench.take();
        bench.file("people.csv", "id,email,name", "1, ann@X.org ,Ann", "2,bob at x.org,Bob", "3,CID@x.org,CID");

        List<String> lines = new ArrayList<>();
        Workplace workplace = bench.workplace();
        new DiffJob(workplace).diff(workplace.datasets(List.of()), "latest", "live", lines::add);

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains("\"id\":\"2\"").contains("\"path\":\"email\"");
        assertThat(lines.get(1))
                .contains("\"id\":\"3\"")
                .contains("\"path\":\"name\"")
                .doesNotContain("email");

        assertThat(bench.audit().changes("people"))
                .containsExactly("2 changed corrupt email:corrupt", "3 changed unattributed name:unattributed");
        PlanFiles.Stored plan = new PlanJob(bench.workplace()).plan(Selection.everyChange());
        assertThat(plan.plan().steps()).hasSize(2);
    }
}
