package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.UnusableEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What audits leave for later ones, where it lies in a store. */
@ExtendWith(SparkForTests.class)
class StagesTest {
    private static final String DATASETS = """
        customers: {source: here, path: customers.csv, format: csv, key: [id], schema: {rank: int}}
        orders: {source: here, path: orders.csv, format: csv, key: [id]}
        """;
    private static final String RULES = """
        - {id: ranked, dataset: customers, field: rank, min: 1}
        - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
        - {id: paired, dataset: orders, join: {c: {dataset: customers, on: c.id = customer}}, assert: c.rank > 0}
        """;

    @TempDir
    Path folder;

    private static List<String> remarks(WorkspaceForTests.Audited audited) {
        List<String> remarks = new ArrayList<>();
        audited.audit().document().get("remarks").forEach(remark -> remarks.add(remark.asText()));
        return remarks;
    }

    private static String id(WorkspaceForTests.Audited audited) {
        return audited.audit().id();
    }

    private WorkspaceForTests bench() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, DATASETS)
                .rules(RULES)
                .file("customers.csv", "id,rank", "1,1", "2,2", "3,3")
                .file("orders.csv", "id,customer", "a,1", "b,2", "c,2");
        bench.take();
        return bench;
    }

    @Test
    void what_was_judged_anew_is_told_and_what_was_damaged_is_not_gone_on_from() throws IOException {
        WorkspaceForTests bench = bench();

        WorkspaceForTests.Audited first = bench.since("last");
        assertThat(remarks(first))
                .containsExactly("everything was judged: no earlier audit has left what one could go on from");

        WorkspaceForTests.Audited second =
                bench.file("customers.csv", "id,rank", "1,1", "3,0").since("last");
        assertThat(remarks(second))
                .containsExactly(
                        "dataset 'customers': of 2 keys the records are others than in audit %s and were judged; the others are as they were"
                                .formatted(id(first)),
                        "dataset 'orders': of 0 keys the records are others than in audit %s and were judged; the others are as they were"
                                .formatted(id(first)),
                        "asked of all records together and not only of the groups in which something changed: paired");
        JsonNode since = second.audit().document().get("since");
        assertThat(since.get("judged").toString()).isEqualTo("{\"customers\":2,\"orders\":0}");
        assertThat(since.get("narrowed").toString()).isEqualTo("[\"parent\"]");
        assertThat(second.outcome("ranked")).isEqualTo("FAIL 1/2");
        assertThat(second.findings("parent")).containsExactly("2 - false");
        assertThat(second.outcome("paired")).isEqualTo("FAIL 2/3");

        WorkspaceForTests.Audited third =
                bench.rules(RULES.replace("min: 1", "min: 0")).since("last");
        assertThat(remarks(third))
                .contains("dataset 'customers' was judged whole: its fields, its key or the rules that look at it are"
                        + " others than in audit " + id(second));
        assertThat(third.outcome("ranked")).isEqualTo("PASS 0/2");
        assertThatThrownBy(() -> bench.since(id(first)))
                .as("two are kept")
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("audit %s has left nothing that one can go on from".formatted(id(first)));

        Path rows = folder.resolve("store/audits/" + id(third) + "/stage/orders");
        try (Stream<Path> files = Files.list(rows)) {
            Path file = files.filter(one -> one.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }
        assertThatThrownBy(() -> bench.since(id(third))).isInstanceOf(UnusableEntry.class);
        assertThat(remarks(bench.since("last")))
                .first()
                .asString()
                .startsWith("everything was judged: ")
                .contains("what it holds of dataset 'orders' is not what the audit left");
    }

    @Test
    void an_audit_that_was_stopped_is_gone_on_from_where_it_was_done() throws IOException {
        WorkspaceForTests bench = bench().rules("""
            - {id: ranked, dataset: customers, field: rank, min: 1}
            - {id: named, dataset: orders, field: customer, required: true}
            """);
        assertThatThrownBy(() -> bench.since("stopped"))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("no audit was stopped that one could go on from");
        bench.file("orders.csv", "id,customer", "a,1", "b,2,3,4");
        assertThatThrownBy(() -> bench.since("last")).isInstanceOf(Exception.class);
        String stopped;
        try (Stream<Path> audits = Files.list(folder.resolve("store/audits"))) {
            stopped = audits.findFirst().orElseThrow().getFileName().toString();
        }
        assertThat(folder.resolve("store/audits/" + stopped))
                .isDirectoryContaining("glob:**/stage")
                .isDirectoryContaining("glob:**/checkpoints")
                .isDirectoryNotContaining("glob:**/work");

        WorkspaceForTests.Audited resumed = bench.file("orders.csv", "id,customer", "a,1", "b,")
                .file("customers.csv", "id,rank", "1,1", "2,0", "3,3")
                .since("stopped");

        assertThat(remarks(resumed))
                .contains(
                        "dataset 'customers': of 1 key the records are others than in audit %s and were judged; the others are as they were"
                                .formatted(stopped),
                        "dataset 'orders' was judged whole: audit %s has left nothing of it".formatted(stopped));
        assertThat(resumed.outcome("ranked")).isEqualTo("FAIL 1/3");
        assertThat(resumed.outcome("named")).isEqualTo("FAIL 1/2");
    }
}
