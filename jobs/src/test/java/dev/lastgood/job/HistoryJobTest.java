package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Image;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
class HistoryJobTest {
    @TempDir
    Path folder;

    @Test
    void every_state_of_a_record_and_what_changed_in_it() {
        WorkspaceForTests bench = WorkspaceForTests.in(
                folder,
                "docs: {source: here, path: docs.jsonl, format: json, key: [tenant, ref.no], ignore: [seen]}\n");
        String other = "{\"tenant\":\"a\",\"ref\":{\"no\":2},\"total\":7,\"seen\":0}";
        bench.file("docs.jsonl", other);
        String first = bench.take();
        bench.file("docs.jsonl", other, "{\"tenant\":\"a\",\"ref\":{\"no\":1},\"total\":5,\"seen\":1}");
        String second = bench.take();
        bench.file("docs.jsonl", other, "{\"total\":5.0,\"ref\":{\"no\":1},\"tenant\":\"a\",\"seen\":2}");
        String third = bench.take();
        bench.file("docs.jsonl", other, "{\"tenant\":\"a\",\"ref\":{\"no\":1,\"by\":\"x\"},\"total\":6}");
        Workplace workplace = bench.workplace();

        List<HistoryJob.Step> history =
                new HistoryJob(workplace).history(workplace.datasets(List.of()).get(0), "a,1");

        assertThat(history.stream()
                        .map(step -> step.where() + " " + text(step.image()) + " " + step.changes())
                        .toList())
                .containsExactly(
                        first + " absent []",
                        second + " {\"ref\":{\"no\":1},\"seen\":1,\"tenant\":\"a\",\"total\":5} []",
                        third + " {\"ref\":{\"no\":1},\"seen\":2,\"tenant\":\"a\",\"total\":5.0} []",
                        "live {\"ref\":{\"by\":\"x\",\"no\":1},\"tenant\":\"a\",\"total\":6}"
                                + " [ref.by added, total changed]");
        assertThatThrownBy(() -> new HistoryJob(workplace)
                        .history(workplace.datasets(List.of()).get(0), "a,3"))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith(
                        "error: neither live nor a snapshot of dataset 'docs' has a record with key 'a,3'");
        for (String key : List.of("a", "a,b", "a,1,2", "{\"tenant\":\"a\"}")) {
            assertThatThrownBy(() -> new HistoryJob(workplace)
                            .history(workplace.datasets(List.of()).get(0), key))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessage("""
                        error: '%s' is no key of dataset 'docs'
                        hint: Write the values of tenant (string) and ref.no (bigint), joined by commas.\
                        """.formatted(key));
        }
    }

    private static String text(@Nullable Image image) {
        return image == null ? "absent" : image.toString();
    }
}
