package dev.lastgood.rule;

import static dev.lastgood.rule.RuleFilesTest.rule;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleHashTest {

    private static final String SIMPLE = "assert: total > 0";

    @Test
    void a_hash_is_the_same_in_every_version() {
        assertThat(rule(SIMPLE).hash()).isEqualTo("77b76c388a1af899");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "because: of this",
                "owner: billing",
                "tags: [money]",
                "tests: [{record: {total: 1}, expect: pass}]",
                "severity: error",
                "on_null: fail",
                "allow: {count: 0}"
            })
    void what_is_not_meaning_does_not_change_the_hash(String qualifier) {
        assertThat(rule(SIMPLE + "\n" + qualifier).hash())
                .isEqualTo(rule(SIMPLE).hash());
    }

    @Test
    void the_notation_of_a_number_does_not_change_the_hash() {
        assertThat(rule(SIMPLE + "\ntolerance: {abs: 0.50}").hash())
                .isEqualTo(rule(SIMPLE + "\ntolerance: {abs: 5e-1}").hash());
    }

    @Test
    void every_difference_of_meaning_gives_another_hash() {
        List<String> rules = List.of(
                SIMPLE,
                "assert: total > 1",
                "assert_change: total > 0",
                SIMPLE + "\nwhere: a",
                SIMPLE + "\nseverity: warn",
                SIMPLE + "\nallow: {count: 1}",
                SIMPLE + "\nallow: {ratio: 1}",
                SIMPLE + "\ntolerance: {abs: 1}",
                SIMPLE + "\ntolerance: {rel: 1}",
                SIMPLE + "\non_null: pass",
                SIMPLE + "\nfields: [total]",
                SIMPLE + "\nfields: [total, shipping]",
                SIMPLE + "\nrestore: false",
                SIMPLE + "\nallow_empty: true",
                "each: lines[]\n" + SIMPLE,
                "each: lines[]\nfield: a\nmin: 1",
                "field: a\nmin: 1",
                "field: a\nmax: 1",
                "field: a\nmin: '1'",
                "field: a\nmin: 1\nmax: 1",
                "field: a\nin: [b, c]",
                "field: a\nin: ['b, c']",
                "field: a\nnot_in: [b, c]",
                "field: a\nrequired: true",
                "field: a\ntype: int",
                "field: a\nmatches: int",
                "field: a\nmin_length: 1",
                "field: a\nmax_length: 1",
                "field: a\nformat: uri",
                "unique: [a, b]",
                "unique: [a]",
                "unchanged: [a]",
                "reference: {fields: [a], to: b, key: [c]}",
                "reference: {fields: [a], to: c, key: [c]}",
                "reference: {fields: [a], to: b, key: [c], cardinality: 0..1}",
                "transition: {field: a, allow: {b: [c]}}",
                "transition: {field: a, allow: {b: [c]}, reachable: true}",
                "transition: {field: a, allow: {b: [c, d]}}",
                "transition: {field: a, allow: {b: [c], d: []}}",
                "increasing: a",
                "increasing: a\nstrict: when_changed",
                "no_delete: true",
                "no_delete: {unless: a}",
                "no_insert: true",
                "no_insert: {unless: a}");

        assertThat(rules.stream().map(yaml -> rule(yaml).hash()))
                .doesNotHaveDuplicates()
                .allMatch(hash -> hash.matches("[0-9a-f]{16}"));
    }
}
