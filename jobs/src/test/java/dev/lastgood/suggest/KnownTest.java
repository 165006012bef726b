package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.RuleFiles;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KnownTest {
    private static List<Rule> rules(String... rules) {
        Problems problems = new Problems();
        StringBuilder text = new StringBuilder("rules:\n");
        for (int i = 0; i < rules.length; i++) {
            text.append("  - {id: r%d, dataset: orders, %s}\n".formatted(i, rules[i]));
        }
        List<Rule> read = RuleFiles.read(List.of(new SourceFile("rules.yaml", text.toString())), problems)
                .rules();
        assertThat(problems.list()).isEmpty();
        return read;
    }

    private static boolean says(String known, String suggestion) {
        return new Known(rules(known)).says(rules(suggestion).get(0));
    }

    @Test
    void a_field_that_is_bounded_needs_no_other_bounds() {
        assertThat(says("field: total, required: true, min: 0.01", "field: total, min: 0, max: 500"))
                .isTrue();
        assertThat(says("field: total, min: 0.01", "field: total, required: true"))
                .isFalse();
        assertThat(says("field: total, min: 0", "field: shipping, min: 0")).isFalse();
        assertThat(says("field: email, matches: '.+@.+'", "field: email, format: email"))
                .isTrue();
        assertThat(says(
                        "each: 'lines[]', field: sku, required: true",
                        "each: 'lines[]', field: sku, required: true, min_length: 1"))
                .isTrue();
    }

    @Test
    void what_is_said_of_some_records_is_not_said_of_all() {
        assertThat(says("where: status = 'PAID', field: total, min: 0", "field: total, min: 0"))
                .isFalse();
    }

    @Test
    void relations_are_known_by_what_they_relate() {
        assertThat(says("unique: [a, b]", "unique: [b, a]")).isTrue();
        assertThat(says("unique: [a]", "unique: [a, b]")).isFalse();
        assertThat(says("depends: {from: [zip], to: [city, state]}", "depends: {from: [zip], to: [city]}"))
                .isTrue();
        assertThat(says("depends: {from: [zip], to: [city]}", "depends: {from: [zip], to: [city, state]}"))
                .isFalse();
        assertThat(says(
                        "reference: {fields: [customer], to: customers, key: [id], cardinality: 0..1}",
                        "reference: {fields: [customer], to: customers, key: [id]}"))
                .isTrue();
        assertThat(says("unchanged: [created_at, channel]", "unchanged: [channel]"))
                .isTrue();
        assertThat(says("increasing: version", "increasing: version, strict: when_changed"))
                .isTrue();
        assertThat(says("assert: a <= now()", "assert: a <= now()")).isTrue();
        assertThat(says("assert: a < now()", "assert: a <= now()")).isFalse();
    }
}
