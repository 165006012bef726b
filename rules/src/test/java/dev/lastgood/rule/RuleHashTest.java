package dev.lastgood.rule;

import static dev.lastgood.rule.RuleFilesTest.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    void what_is_left_out_and_what_it_stands_for_have_one_hash() {
        Map<String, String> rules = Map.of(
                "depends: {from: [a], to: [b]}",
                "depends: {from: [a], to: [b], blame: minority}",
                "metric: a\nmin: 1",
                "metric: a\nmin: 1.0",
                "metric: a\nvs_history: {max_sigma: 3}",
                "metric: a\nvs_history: {max_sigma: 3.0, last: 10}",
                "silent_change: a",
                "silent_change: {version: a}",
                "explained: {delta: a, by: {dataset: b, on: c, sum: d}}",
                "explained: {delta: a, by: {dataset: b, on: c, sum: d, window: between}}",
                "reconcile: {by: [a], left: {sum: b}, right: {dataset: c, sum: d}}",
                "reconcile: {by: [a], left: {dataset: orders, key: [a], sum: b}, right: {dataset: c, key: [a], sum: d}}");

        rules.forEach((brief, full) ->
                assertThat(rule(full).hash()).as(full).isEqualTo(rule(brief).hash()));
    }

    @Test
    void what_is_accepted_does_not_change_the_hash() {
        var file = new SourceFile("f", """
                rules:
                  - {id: a, dataset: orders, assert: total > 0, accepted: known.yaml}
                """);
        var known = new SourceFile("known.yaml", """
                accepted: [{key: {id: 7}, reason: known, until: 2026-12-31}]
                """);

        RuleSet rules = RuleFiles.read(List.of(file), name -> Optional.of(known), new Problems());

        assertThat(rules.rules().get(0).accepted()).hasSize(1);
        assertThat(rules.rules().get(0).hash()).isEqualTo(rule(SIMPLE).hash());
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
                "no_insert: {unless: a}",
                "depends: {from: [a], to: [b]}",
                "depends: {from: [a, b], to: [c]}",
                "depends: {from: [a], to: [b, c]}",
                "depends: {from: [a], to: [b], blame: all}",
                "depends: {from: [a], to: [b], blame: changed}",
                "deny: {pair: [a, b], join: c, if: d}",
                "deny: {pair: [b, a], join: c, if: d}",
                "deny: {pair: [a, b], join: d, if: d}",
                "deny: {pair: [a, b], join: c, if: c}",
                "metric: a\nmin: 1",
                "metric: b\nmin: 1",
                "metric: a\nmin: -1",
                "metric: a\nmax: 1",
                "metric: a\nmin: 1\nmax: 1",
                "metric: a\nvs_baseline: {min_ratio: 1}",
                "metric: a\nvs_baseline: {max_ratio: 1}",
                "metric: a\nvs_history: {max_sigma: 1}",
                "metric: a\nvs_history: {max_sigma: 2}",
                "metric: a\nvs_history: {max_sigma: 1, last: 11}",
                "join: {c: {dataset: d, on: e}}\n" + SIMPLE,
                "join: {b: {dataset: d, on: e}}\n" + SIMPLE,
                "join: {c: {dataset: e, on: e}}\n" + SIMPLE,
                "join: {c: {dataset: d, on: f}}\n" + SIMPLE,
                "join: {c: {dataset: d, on: e}, b: {dataset: d, on: e}}\n" + SIMPLE,
                "reconcile: {by: [a], left: {sum: b}, right: {dataset: c, sum: d}}",
                "reconcile: {by: [b], left: {sum: b}, right: {dataset: c, sum: d}}",
                "reconcile: {by: [a], left: {sum: d}, right: {dataset: c, sum: d}}",
                "reconcile: {by: [a], left: {sum: b}, right: {dataset: d, sum: d}}",
                "reconcile: {by: [a], left: {sum: b}, right: {dataset: c, sum: b}}",
                "reconcile: {by: [a], left: {sum: b, where: e}, right: {dataset: c, sum: d}}",
                "reconcile: {by: [a], left: {sum: b}, right: {dataset: c, sum: d, where: e}}",
                "reconcile: {by: [a], left: {sum: b, key: [e]}, right: {dataset: c, sum: d}}",
                "reconcile: {by: [a], left: {sum: b}, right: {dataset: c, sum: d, key: [e]}}",
                "append_only: a",
                "append_only: b",
                "frozen_when: a",
                "frozen_when: b",
                "frozen_when: a\nexcept: [b]",
                "silent_change: a",
                "silent_change: b",
                "explained: {delta: a, by: {dataset: b, on: c, sum: d}}",
                "explained: {delta: b, by: {dataset: b, on: c, sum: d}}",
                "explained: {delta: a, by: {dataset: c, on: c, sum: d}}",
                "explained: {delta: a, by: {dataset: b, on: d, sum: d}}",
                "explained: {delta: a, by: {dataset: b, on: c, sum: c}}",
                "query: a",
                "query: b");

        assertThat(rules.stream().map(yaml -> rule(yaml).hash()))
                .doesNotHaveDuplicates()
                .allMatch(hash -> hash.matches("[0-9a-f]{16}"));
    }
}
