package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A sample finds some of what all of it would find, and says what it proves: never that all is well. */
@ExtendWith(SparkForTests.class)
class SampleTest {
    private static final int RECORDS = 2_000;

    @TempDir
    Path folder;

    private static String[] rows(int damagedEvery) {
        return IntStream.rangeClosed(0, RECORDS)
                .mapToObj(i -> i == 0 ? "id,code,total" : "%d,c%d,%d".formatted(i, i, i % damagedEvery == 0 ? -i : i))
                .toArray(String[]::new);
    }

    private static AuditJob.Audit audit(WorkspaceForTests bench, Sample sample) {
        Workplace workplace = bench.workplace();
        return workplace
                .auditJob()
                .run(workplace.datasets(List.of()), "", Severity.ERROR, RuleOutcome.Counting.ALL, sample);
    }

    private static JsonNode rule(AuditJob.Audit audit, String id) {
        for (JsonNode rule : audit.document().get("rules")) {
            if (rule.get("id").asText().equals(id)) {
                return rule;
            }
        }
        throw new IllegalStateException(id);
    }

    @Test
    void a_sample_fails_or_proves_a_bound() {
        WorkspaceForTests bench = WorkspaceForTests.in(
                        folder,
                        "rows: {source: here, path: rows.csv, format: csv, key: [id], schema: {total: bigint}}\n")
                .rules("- {id: positive, dataset: rows, field: total, min: 0}\n"
                        + "- {id: code, dataset: rows, unique: [code]}");
        bench.file("rows.csv", rows(RECORDS + 1));
        bench.take();

        AuditJob.Audit clean = audit(bench, new Sample(4, 1));
        JsonNode positive = rule(clean, "positive");
        int examined = positive.get("examined").asInt();
        assertThat(examined).isBetween(RECORDS / 8, RECORDS / 2);
        assertThat(clean.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(positive.get("outcome").asText()).isEqualTo("PASS");
        assertThat(positive.get("reason").asText())
                .isEqualTo("in a sample: with 95 %% confidence fewer than %s %% of all records break it"
                        .formatted(Sample.bound(examined)));
        assertThat(rule(clean, "code").get("outcome").asText()).isEqualTo("SKIP");
        assertThat(clean.document().get("datasets").get(0).toString())
                .isEqualTo(("{\"name\":\"rows\",\"before\":%1$d,\"after\":%1$d,\"added\":0,\"removed\":0,"
                                + "\"changed\":0,\"unchanged\":%1$d}")
                        .formatted(examined));
        assertThat(clean.document().get("sample").toString()).isEqualTo("{\"of\":4,\"number\":1}");

        bench.file("rows.csv", rows(10));
        AuditJob.Audit damaged = audit(bench, new Sample(4, 1));
        AuditJob.Audit rest = audit(bench, new Sample(4, 2));
        assertThat(damaged.verdict()).isEqualTo(Verdict.FAIL);
        int found = rule(damaged, "positive").get("violations").asInt();
        assertThat(found).isPositive();
        assertThat(damaged.document().get("datasets").get(0).get("changed").asInt())
                .isEqualTo(found);
        assertThat(found + rule(rest, "positive").get("violations").asInt()).isLessThan(RECORDS / 10);
    }

    @Test
    void the_rule_of_three() {
        assertThat(Sample.bound(0)).isEqualTo("100");
        assertThat(Sample.bound(300)).isEqualTo("1");
        assertThat(Sample.bound(7_000)).isEqualTo("0.043");
        assertThat(Sample.bound(30_000_000)).isEqualTo("0.00001");
    }
}
