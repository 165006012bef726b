package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.WorkspaceForTests;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleOutcomeTest {
    @TempDir
    Path folder;

    /** The verdict of rules with these outcomes; one is written as {@code FAIL warn} or {@code SKIP error allow_empty}. */
    private Verdict verdict(Severity failOn, String... outcomes) {
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < outcomes.length; i++) {
            String[] words = outcomes[i].split(" ", -1);
            rules.append("- {id: r%d, dataset: rows, assert: n > 0, severity: %s%s}\n"
                    .formatted(i, words[1], words.length > 2 ? ", allow_empty: true" : ""));
        }
        List<Rule> read = WorkspaceForTests.in(folder, "rows: {source: here, path: rows.csv, format: csv, key: [id]}\n")
                .rules(outcomes.length == 0 ? "[]" : rules.toString())
                .workspace()
                .rules()
                .rules();
        List<RuleOutcome> all = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            all.add(new RuleOutcome(read.get(i), Outcome.valueOf(outcomes[i].split(" ", -1)[0]), 9, 1, 0, 0, null, ""));
        }
        return RuleOutcome.verdict(all, failOn);
    }

    @Test
    void absence_of_evidence_is_never_a_pass() {
        assertThat(verdict(Severity.ERROR)).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(Severity.ERROR, "PASS error", "SKIP error")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(Severity.ERROR, "PASS error", "ERROR error")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(Severity.ERROR, "PASS error", "SKIP info")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(Severity.ERROR, "PASS error", "ERROR info")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(Severity.ERROR, "PASS error", "SKIP error allow_empty"))
                .isEqualTo(Verdict.PASS);
        assertThat(verdict(Severity.ERROR, "PASS error", "ERROR error allow_empty"))
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void what_is_below_the_line_is_told_and_does_not_fail() {
        assertThat(verdict(Severity.ERROR, "PASS error", "FAIL warn")).isEqualTo(Verdict.PASS);
        assertThat(verdict(Severity.ERROR, "FAIL warn")).isEqualTo(Verdict.PASS);
        assertThat(verdict(Severity.WARN, "PASS error", "FAIL warn")).isEqualTo(Verdict.FAIL);
        assertThat(verdict(Severity.CRITICAL, "PASS error", "FAIL error")).isEqualTo(Verdict.PASS);
        assertThat(verdict(Severity.CRITICAL, "SKIP error", "FAIL critical")).isEqualTo(Verdict.FAIL);
        assertThat(verdict(Severity.ERROR, "FAIL warn", "SKIP error")).isEqualTo(Verdict.INCONCLUSIVE);
    }
}
