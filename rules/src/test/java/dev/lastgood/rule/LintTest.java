package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What rules say to each other that nobody can have meant. */
class LintTest {

    private static String found(String... rules) {
        StringBuilder text = new StringBuilder("rules:\n");
        for (int i = 0; i < rules.length; i++) {
            text.append("  - {id: r%d, dataset: d, %s}%n".formatted(i, rules[i]));
        }
        var problems = new Problems();
        RuleSet read = RuleFiles.read(List.of(new SourceFile("rules.yaml", text.toString())), problems);
        assertThat(problems.list()).isEmpty();
        Lint.check(read.rules(), problems);
        return problems.list().stream().map(Problem::render).collect(Collectors.joining("\n"));
    }

    @Test
    void the_same_twice_is_needless() {
        assertThat(found(
                        "assert: a > 0",
                        "assert: a > 0, because: I say so",
                        "assert: a > 1",
                        "assert: a > 0, where: b"))
                .isEqualTo("""
                        rules.yaml:3:10: warning: rule 'r1' says what rule 'r0' says
                            3 |   - {id: r1, dataset: d, assert: a > 0, because: I say so}
                              |          ^~
                        hint: The other stands at rules.yaml:2:10. Leave one of them out.""");
    }

    @Test
    void what_allows_every_record_never_fails() {
        assertThat(found("assert: a > 0, allow: {ratio: 1}", "assert: a > 1, allow: {ratio: 1, count: 3}"))
                .isEqualTo("""
                        rules.yaml:2:10: error: rule 'r0' can never fail: it allows every record to break it
                            2 |   - {id: r0, dataset: d, assert: a > 0, allow: {ratio: 1}}
                              |          ^~
                        hint: Write a smaller ratio.""");
    }

    @Test
    void checks_that_exclude_each_other_are_found_across_rules() {
        assertThat(found("field: a, in: [A, B]", "field: a, in: [C]"))
                .startsWith("rules.yaml:3:10: error: rules 'r0' and 'r1' ask for what no value is:"
                        + " 'in' and 'in' of a exclude each other");
        assertThat(found("field: a, in: [A, B]", "field: a, not_in: [A, B, C]")).contains("'in' and 'not_in'");
        assertThat(found("field: a, min: 5", "field: a, max: 4")).contains("'min' and 'max' of a");
        assertThat(found("field: a, in: [1, 2]", "field: a, min: 3")).contains("'in' and 'min'");
        assertThat(found("field: a, in: [AB], min_length: 3"))
                .contains("rule 'r0' asks for what no value is: 'in' and 'min_length' exclude each other");
        assertThat(found("each: 'l[]', field: a, min: 5", "each: 'l[]', field: a, max: 4"))
                .contains("of l[].a");
    }

    @Test
    void what_is_about_other_records_or_may_hold_is_no_contradiction() {
        assertThat(found(
                        "field: a, in: [A, B], where: c",
                        "field: a, in: [C]",
                        "field: b, min: 1",
                        "field: b, max: 1",
                        "field: e, in: [A, B]",
                        "field: e, not_in: [A]",
                        "field: f, min: A",
                        "field: f, max: 3"))
                .isEmpty();
    }
}
