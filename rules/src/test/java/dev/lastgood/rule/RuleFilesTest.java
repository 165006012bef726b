package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @Test
    void a_reference_may_be_of_elements_of_one_array() {
        var one = (Constraint.Reference)
                rule("reference: {fields: [tenant, 'lines[].taxes[].code', 'lines[].taxes[].state'], to: codes, "
                                + "key: [tenant, code, state], cardinality: 1..n}")
                        .constraint();

        assertThat(one.fields()).hasToString("[tenant, lines[].taxes[].code, lines[].taxes[].state]");
        assertThat(one.cardinality()).isEqualTo(Constraint.Cardinality.AT_LEAST_ONE_CHILD);
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
        assertThat(rule("append_only: history").constraint())
                .isEqualTo(new Constraint.AppendOnly(FieldPath.of("history")));
        assertThat(rule("query: select id from orders").constraint())
                .isEqualTo(new Constraint.Query(sql("select id from orders")));
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
    void a_dependency_knows_whom_to_blame() {
        Rule rule = rule("depends: {from: [zip], to: [city, state]}");
        Rule changed = rule("depends: {from: [zip], to: [city], blame: changed}");
        Rule all = rule("depends: {from: [zip], to: [city]}\nblame: all");

        assertThat(rule.constraint())
                .isEqualTo(new Constraint.Depends(
                        List.of(FieldPath.of("zip")),
                        List.of(FieldPath.of("city"), FieldPath.of("state")),
                        Constraint.Blame.MINORITY));
        assertThat(((Constraint.Depends) changed.constraint()).blame()).isEqualTo(Constraint.Blame.CHANGED);
        assertThat(((Constraint.Depends) all.constraint()).blame()).isEqualTo(Constraint.Blame.ALL);
        assertThat(rule.places().of("zip")).hasToString("f:4:22");
        assertThat(rule.places().of("state")).hasToString("f:4:39");
    }

    @Test
    void a_denial_names_two_records() {
        Constraint deny = rule("deny: {pair: [a, b], join: a.room = b.room, if: a.start < b.end}")
                .constraint();

        assertThat(deny).isEqualTo(new Constraint.Deny("a", "b", sql("a.room = b.room"), sql("a.start < b.end")));
    }

    @Test
    void a_metric_has_bounds_of_several_kinds() {
        Rule bounds = rule("metric: avg(total)\nmin: -0.50\nmax: 99");
        Rule others = rule("metric: count(*)\nvs_baseline: {min_ratio: 0.9}\nvs_history: {max_sigma: 2.5}");

        assertThat(bounds.constraint())
                .isEqualTo(new Constraint.Metric(
                        sql("avg(total)"), new BigDecimal("-0.50"), new BigDecimal("99"), null, null));
        assertThat(others.constraint())
                .isEqualTo(new Constraint.Metric(
                        sql("count(*)"),
                        null,
                        null,
                        new Constraint.Ratio(new BigDecimal("0.9"), null),
                        new Constraint.History(new BigDecimal("2.5"), 10)));
    }

    @Test
    void a_join_and_the_condition_beside_it_are_one_constraint() {
        Rule rule = rule("""
                join:
                  c: {dataset: customers, on: c.id = customer_id}
                  s: {dataset: customers, on: s.id = sponsor_id}
                assert: s.active
                """);

        assertThat(rule.constraint())
                .isEqualTo(new Constraint.Join(
                        Map.of(
                                "c", new Constraint.Joined("customers", sql("c.id = customer_id")),
                                "s", new Constraint.Joined("customers", sql("s.id = sponsor_id"))),
                        sql("s.active")));
        assertThat(rule.constraint().reaches()).containsExactly("customers");
        assertThat(rule.places().of("dataset customers")).hasToString("f:5:20");
        assertThat(rule.places().of("join.s")).hasToString("f:6:20");
    }

    @Test
    void a_reconciliation_has_two_sides_with_a_key_each() {
        Rule rule = rule("""
                reconcile:
                  by: [day, shop]
                  left: {where: paid, sum: total}
                  right: {dataset: payments, key: [paid_on, till], sum: amount}
                """);
        List<FieldPath> by = List.of(FieldPath.of("day"), FieldPath.of("shop"));

        assertThat(rule.constraint())
                .isEqualTo(new Constraint.Reconcile(
                        by,
                        new Constraint.Sum("orders", sql("paid"), by, sql("total")),
                        new Constraint.Sum(
                                "payments",
                                null,
                                List.of(FieldPath.of("paid_on"), FieldPath.of("till")),
                                sql("amount"))));
        assertThat(rule.places().of("day")).hasToString("f:5:12");
        assertThat(rule.places().of("reconcile.right till")).hasToString("f:7:49");
        assertThat(rule.places().of("reconcile.right")).hasToString("f:7:24");
    }

    @Test
    void a_side_of_a_reconciliation_without_a_key_has_the_common_one() {
        Rule rule = rule("reconcile: {by: [day], left: {dataset: orders, key: [placed_on], sum: total}, "
                + "right: {dataset: payments, sum: amount}}");

        var reconcile = (Constraint.Reconcile) rule.constraint();

        assertThat(reconcile.left().key()).hasToString("[placed_on]");
        assertThat(reconcile.right().key()).hasToString("[day]");
        assertThat(rule.places().of("placed_on")).hasToString("f:4:58");
        assertThat(rule.places().of("reconcile.right day")).hasToString("f:4:22");
    }

    @Test
    void what_freezes_a_record_may_leave_fields_out() {
        Rule rule = rule("frozen_when: closed\nexcept: [updated_at, 'lines[].note']");

        assertThat(rule.constraint())
                .isEqualTo(new Constraint.FrozenWhen(
                        sql("closed"), List.of(FieldPath.of("updated_at"), FieldPath.valueOf("lines[].note"))));
        assertThat(rule("frozen_when: closed").constraint())
                .isEqualTo(new Constraint.FrozenWhen(sql("closed"), List.of()));
        assertThat(rule.places().of("lines[].note")).hasToString("f:5:26");
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent_change: audit.version", "silent_change: {version: audit.version}"})
    void the_version_that_a_change_leaves_stands_inside_or_alone(String yaml) {
        Rule rule = rule(yaml);

        assertThat(rule.constraint()).isEqualTo(new Constraint.SilentChange(FieldPath.valueOf("audit.version")));
        assertThat(rule.places().of("audit.version").source()).isEqualTo("audit.version");
    }

    @Test
    void a_change_is_explained_by_records_of_another_dataset() {
        Rule rule =
                rule("explained: {delta: balance, by: {dataset: bookings, on: bookings.account = id, sum: amount}}");

        assertThat(rule.constraint())
                .isEqualTo(new Constraint.Explained(
                        FieldPath.of("balance"), "bookings", sql("bookings.account = id"), sql("amount")));
        assertThat(rule.isLocal()).isFalse();
        assertThat(rule.isCrossTime()).isTrue();
        assertThat(rule.places().of("explained.by")).hasToString("f:4:47");
        assertThat(rule.places().of("balance")).hasToString("f:4:24");
    }

    @Test
    void a_rule_knows_what_is_accepted() {
        var problems = new Problems();
        var file = new SourceFile("rules/f", "rules: [{id: a, dataset: d, assert: b, accepted: known/a.yaml}]");
        var known = new SourceFile("rules/known/a.yaml", """
                accepted:
                  - {key: {tenant: 1, 'order no': '007'}, path: 'lines[2].amount', reason: agreed, until: 2026-12-31}
                  - {key: {tenant: 1, 'order no': null}, reason: moved over, until: 2020-02-29}
                """);
        Map<String, SourceFile> others = Map.of("known/a.yaml", known);

        RuleSet rules = RuleFiles.read(List.of(file), name -> Optional.ofNullable(others.get(name.text())), problems);

        assertThat(problems.list()).isEmpty();
        assertThat(rules.rules().get(0).accepted())
                .containsExactly(
                        new Accepted(
                                Map.of("tenant", Literal.plain("1"), "order no", Literal.text("007")),
                                FieldPath.valueOf("lines[2].amount"),
                                "agreed",
                                LocalDate.of(2026, 12, 31),
                                new Place(known, 2, 11, 30)),
                        new Accepted(
                                Map.of("tenant", Literal.plain("1"), "order no", Literal.NULL),
                                null,
                                "moved over",
                                LocalDate.of(2020, 2, 29),
                                new Place(known, 3, 11, 29)));
    }

    @Test
    void a_named_file_is_missing_where_there_are_no_others() {
        var problems = new Problems();

        RuleFiles.read(
                List.of(new SourceFile("f", "rules: [{id: a, dataset: d, assert: b, accepted: known.yaml}]")),
                problems);

        assertThat(problems.list())
                .extracting(problem -> String.valueOf(problem.place()), Problem::message)
                .hasToString("[(\"f:1:50\", \"cannot read the file 'known.yaml': there is no such file\")]");
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

    /** Where SQL stands makes no difference. */
    private static Sql sql(String text) {
        return new Sql(text, new SourceFile("", "").start());
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
