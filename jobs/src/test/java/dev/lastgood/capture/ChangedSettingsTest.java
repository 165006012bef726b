package dev.lastgood.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.VerifyJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot is what it was, whatever the workspace has come to say since. */
@ExtendWith(SparkForTests.class)
class ChangedSettingsTest {
    private static final String ITEMS = "items: {source: here, path: items.csv, format: csv, key: [id]";

    @TempDir
    Path folder;

    @Test
    void another_key_or_comparison_makes_no_damage() {
        WorkspaceForTests.in(folder, ITEMS + ", json: [lines]}\n")
                .file("items.csv", "id,no,lines,seen", "a,1,\"[{\"\"q\"\": 1}]\",x", "b,1,,x")
                .take();
        for (String settings : List.of(
                ", json: [lines]}",
                ", json: [lines], ignore: [seen]}",
                ", json: [lines], schema: {no: int}}",
                "}",
                ", ignore: [seen], mask: {phone: full}}")) {
            assertThat(verdict(ITEMS + settings)).as(settings).isEqualTo(Verdict.PASS);
        }
        assertThat(verdict(ITEMS.replace("[id]", "[no]") + ", json: [lines]}")).isEqualTo(Verdict.PASS);
        assertThat(verdict(ITEMS.replace(", key: [id]", ", key: [no]") + ", schema: {no: int}}"))
                .isEqualTo(Verdict.PASS);
    }

    private Verdict verdict(String datasets) {
        Workplace workplace = WorkspaceForTests.in(folder, datasets + "\n").workplace();
        return new VerifyJob(workplace)
                .verify(workplace.datasets(List.of()), "latest", Level.L3).stream()
                        .map(one -> one.report().verdict())
                        .reduce(Verdict.PASS, Verdict::and);
    }

    @Test
    void a_field_named_since_is_not_asked_of_an_older_snapshot() {
        WorkspaceForTests.in(folder, ITEMS + "}\n")
                .file("items.csv", "id,no", "a,1")
                .take();
        String more = ", ignore: [seen], mask: {phone: full}, explain: [shop], changed_at: seen, version: rev,"
                + " schema: {rev: int}}";
        WorkspaceForTests bench = WorkspaceForTests.in(folder, ITEMS + more + "\n")
                .file("items.csv", "id,no,seen,phone,shop,rev", "a,2,x,y,z,1");

        assertThat(bench.audit().changes("items")).containsExactly("a changed unattributed no:unattributed");

        assertThatThrownBy(() -> WorkspaceForTests.in(folder, ITEMS.replace("[id]", "[rev]") + more + "\n")
                        .audit())
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("dataset 'items' has no field 'rev'");
    }
}
