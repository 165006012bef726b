package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleFilesTest {

    @Test
    void a_rule_has_everything_its_file_says() {
        Rule rule = rule("""
                where: status <> 'CANCELLED'
                because: The invoice run bills orders.total as it stands.
                owner: billing
                tags: [money, nightly]
                severity: critical
                allow: {count: 3, ratio: 0.01}
                tolerance: {abs: 0.005, rel: 0.001}
                on_null: pass
                restore: false
                allow_empty: true
                fields: [total, 'lines[].amount']
                assert: total = array_sum(lines.amount)
                tests:
                  - {record: {total: 1}, expect: pass}
                  - {record: {total: 2}, expect: unknown}
                """);

        assertThat(rule.id()).isEqualTo("order-total");
        assertThat(rule.dataset()).isEqualTo("orders");
        assertThat(rule.where()).hasToString("status <> 'CANCELLED'");
        assertThat(rule.because()).isEqualTo("The invoice run bills orders.total as it stands.");
        assertThat(rule.owner()).isEqualTo("billing");
        assertThat(rule.tags()).containsExactly("money", "nightly");
        assertThat(rule.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(rule.allow()).isEqualTo(new Allow(3L, new BigDecimal("0.01")));
        assertThat(rule.tolerance()).isEqualTo(new Tolerance(new BigDecimal("0.005"), new BigDecimal("0.001")));
        assertThat(rule.onNull()).isEqualTo(OnNull.PASS);
        assertThat(rule.restore()).isFalse();
        assertThat(rule.allowEmpty()).isTrue();
        assertThat(rule.fields()).hasToString("[total, lines[].amount]");
        assertThat(rule.tests())
                .extracting(RuleTest::expect)
                .containsExactly(RuleTest.Expect.PASS, RuleTest.Expect.UNKNOWN);
        assertThat(rule.place()).hasToString("f:2:9");
        assertThat(rule.places().of(FieldPath.valueOf("lines[].amount"))).hasToString("f:14:21");
    }

    @Test
    void what_a_rule_does_not_say_has_a_default() {
        Rule rule = rule("assert: total > 0");

        assertThat(rule.where()).isNull();
        assertThat(rule.severity()).isEqualTo(Severity.ERROR);
        assertThat(rule.allow()).isEqualTo(Allow.NONE);
        assertThat(rule.tolerance()).isEqualTo(Tolerance.NONE);
        assertThat(rule.onNull()).isEqualTo(OnNull.FAIL);
        assertThat(rule.restore()).isTrue();
        assertThat(rule.allowEmpty()).isFalse();
        assertThat(rule.fields()).isEmpty();
        assertThat(rule.isLocal()).isTrue();
        assertThat(rule.isCrossTime()).isFalse();
    }

    @Test
    void a_field_check_keeps_literals_as_written() {
        assertThat(rule("""
                                field: code
                                required: true
                                type: decimal(12,2)
                                in: [NEW, '12', 12, 1.50, true, 2026-11-22]
                                not_in: [OLD]
                                min: 0.10
                                max: 99
                                matches: '[A-Z]+'
                                min_length: 1
                                max_length: 10
                                format: date_time
                                """).constraint()).isInstanceOfSatisfying(Constraint.FieldCheck.class, check -> {
            assertThat(check.path()).hasToString("code");
            assertThat(check.checks())
                    .extracting(Check::keyword)
                    .containsExactly(
                            "required",
                            "type",
                            "in",
                            "not_in",
                            "min",
                            "max",
                            "matches",
                            "min_length",
                            "max_length",
                            "format");
            assertThat(((Check.In) check.checks().get(2)).values())
                    .hasToString("['NEW', '12', 12, 1.50, true, '2026-11-22']");
            assertThat(((Check.Min) check.checks().get(4)).bound()).isEqualTo(new Literal("0.10", Literal.Kind.NUMBER));
        });
    }

    @Test
    void each_takes_a_condition_or_a_field_check() {
        Rule condition = rule("each: lines[]\nassert: amount > 0");
        Rule check = rule("each: orders[].lines[]\nfield: tax.rate\nmax: 1");

        assertThat(condition.constraint().fields()).isEmpty();
        assertThat(check.constraint().fields()).hasToString("[orders[].lines[].tax.rate]");
        assertThat(check.isLocal()).isTrue();
    }

    @Test
    void a_reference_names_its_parent() {
        Rule rule = rule("reference: {fields: [tenant, 'lines[].product'], to: products, key: [tenant, id]}");

        assertThat(rule.constraint())
                .isEqualTo(new Constraint.Reference(
                        List.of(FieldPath.of("tenant"), FieldPath.valueOf("lines[].product")),
                        "products",
                        List.of(FieldPath.of("tenant"), FieldPath.of("id")),
                        Constraint.Cardinality.EXACTLY_ONE_PARENT));
        assertThat(rule.isLocal()).isFalse();
        assertThat(rule.places().of("reference.to")).hasToString("f:4:58");
        assertThat(rule.places().of("reference.key id")).hasToString("f:4:82");
        assertThat(rule.places().of("tenant")).hasToString("f:4:26");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reference: {fields: [a], to: b, key: [c], cardinality: 1..n}",
                "reference: {fields: [a], to: b, key: [c]}\ncardinality: 1..n"
            })
    void cardinality_stands_inside_or_beside(String yaml) {
        assertThat(((Constraint.Reference) rule(yaml).constraint()).cardinality())
                .isEqualTo(Constraint.Cardinality.AT_LEAST_ONE_CHILD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"increasing: version\nstrict: when_changed", "increasing: {field: version, strict: when_changed}"
            })
    void strict_stands_inside_or_beside(String yaml) {
        assertThat(rule(yaml).constraint()).isEqualTo(new Constraint.Increasing(FieldPath.of("version"), true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no_delete: {unless: status = 1}",
                "no_delete:\nunless: status = 1",
                "no_delete: true\nunless: status = 1"
            })
    void unless_stands_inside_or_beside(String yaml) {
        Rule rule = rule(yaml);

        assertThat(((Constraint.NoDelete) rule.constraint()).unless()).hasToString("status = 1");
        assertThat(rule.isLocal()).isTrue();
        assertThat(rule.isCrossTime()).isTrue();
    }

    @Test
    void the_other_constraints_are_read_too() {
        assertThat(rule("unique: [tenant, id]").constraint().fields()).hasToString("[tenant, id]");
        assertThat(rule("unchanged: [created_at]").constraint().fields()).hasToString("[created_at]");
        assertThat(rule("no_insert: true").constraint()).isEqualTo(new Constraint.NoInsert(null));
        assertThat(rule("assert_change: after.total >= before.total")
                        .constraint()
                        .keyword())
                .isEqualTo("assert_change");
        assertThat(rule("transition: {field: s, allow: {A: [B], B: [C], C: []}, reachable: true}")
                        .constraint())
                .isEqualTo(new Constraint.Transition(
                        FieldPath.of("s"), Map.of("A", List.of("B"), "B", List.of("C"), "C", List.of()), true));
    }

    @Test
    void every_problem_of_every_file_is_reported_in_one_run() {
        var problems = new Problems();
        var one =
                new SourceFile("one.yaml", "rules:\n  - id: a\n    dataset: d\n    assert: true\n    severty: warn\n");
        var two = new SourceFile("two.yaml", "rules:\n  - {id: a, dataset: d, unique: []}\n  - {id: b}\n");
        var three = new SourceFile("three.yaml", "rules: [");

        RuleFiles.read(List.of(one, two, three), problems);

        assertThat(problems.list())
                .extracting(problem -> String.valueOf(problem.place()), Problem::message)
                .hasToString("[(\"one.yaml:5:5\", \"unknown key 'severty' in rule 'a'\"), "
                        + "(\"three.yaml:1:8\", \"what begins here is not closed before the file ends\"), "
                        + "(\"two.yaml:2:25\", \"'unique' names no field\"), "
                        + "(\"two.yaml:3:5\", \"rule 'b' has no 'dataset'\")]");
    }

    @Test
    void rules_of_several_files_are_one_set() {
        var problems = new Problems();
        var one = new SourceFile("one.yaml", "rules:\n  - {id: a, dataset: d, unique: [id]}\n");
        var two = new SourceFile("two.yaml", "rules:\n  - {id: b, dataset: e, unique: [id]}\n");

        RuleSet rules = RuleFiles.read(List.of(one, two), problems);

        assertThat(problems.isEmpty()).isTrue();
        assertThat(rules.rules()).extracting(Rule::id).containsExactly("a", "b");
        assertThat(rules.about("e")).extracting(Rule::id).containsExactly("b");
        assertThat(rules.rule("a")).isPresent();
        assertThat(rules.rule("c")).isEmpty();
    }

    /** The only rule of a file in which these lines are its constraint and qualifiers. */
    static Rule rule(String yaml) {
        var problems = new Problems();
        var file = new SourceFile("f", "rules:\n  - id: order-total\n    dataset: orders\n" + yaml.indent(4));
        RuleSet rules = RuleFiles.read(List.of(file), problems);
        problems.throwIfErrors();
        return rules.rules().get(0);
    }
}
