package dev.lastgood.judge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Rule;
import dev.lastgood.spark.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a rule is known before anything is read. */
@ExtendWith(SparkForTests.class)
class BindingTest {
    private static final String DATASETS = """
        orders: {source: here, path: orders.csv, format: csv, key: [id]}
        customers: {source: here, path: customers.csv, format: csv, key: [id]}
        """;

    private static final Map<String, Shape> SHAPES = Map.of(
            "orders",
            Shape.of(StructType.fromDDL(
                    "id string, customer int, total decimal(10,2), total_net decimal(10,2), status string, paid boolean,"
                            + " address struct<zip:string>, lines array<struct<q:int, parts:array<struct<n:int>>>>,"
                            + " tags map<string,string>")),
            "customers",
            Shape.of(StructType.fromDDL("id int, name string")));

    @TempDir
    Path folder;

    private record Bound(List<String> compiled, String problems) {}

    private Workplace workplace(String... rules) {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < rules.length; i++) {
            list.append("- {id: r%d, dataset: orders, %s}\n".formatted(i, rules[i]));
        }
        return WorkspaceForTests.in(folder, DATASETS).rules(list.toString()).workplace();
    }

    private RuleCompiler compiler(Problems problems) {
        return new RuleCompiler(workplace("assert: total > 0").workspace().datasets(), SHAPES, Instant.EPOCH, problems);
    }

    private Bound bound(String... rules) {
        Problems problems = new Problems();
        List<Rule> read = workplace(rules).workspace().rules().rules();
        List<String> compiled =
                compiler(problems).compile(read).stream().map(CompiledRule::id).toList();
        StringBuilder text = new StringBuilder();
        for (Problem problem : problems.list()) {
            text.append(problem.toString().replace(folder + "/", "")).append('\n');
        }
        return new Bound(compiled, text.toString());
    }

    @Test
    void every_problem_of_every_rule_is_reported_at_once_and_the_others_are_bound() {
        Bound bound = bound(
                "assert: total > 0",
                "assert: total_net > 0 and totl > 0",
                "assert: total +",
                "assert: total + 1",
                "assert: rand() < total",
                "assert: sum(total) > 0",
                "assert: lenght(status) > 0",
                "assert: total in (select 1)",
                "assert: paid > date'2026-01-01'",
                "assert: total > 0, where: statis = 'NEW'",
                "assert: total > 0, fields: [address.zap]",
                "field: address.zip.code, required: true",
                "each: 'status[]', assert: q > 0",
                "each: 'lines[]', assert: r > 0",
                "each: 'lines[]', field: r, min: 1",
                "each: 'lines[].parts[]', assert: n > 0",
                "unchanged: [customer, sttus]",
                "unchanged: [tags]",
                "increasing: tags",
                "unique: [tags]",
                "transition: {field: state, allow: {A: [B]}}",
                "no_delete: {unless: deleted}",
                "assert_change: after.total > before.totl",
                "reference: {fields: [customer], to: customers, key: [nr]}",
                "reference: {fields: [status], to: customers, key: [id]}",
                "reference: {fields: ['lines[].q'], to: customers, key: [id]}",
                "reference: {fields: [customer], to: customers, key: [id], cardinality: 1..n}");

        assertThat(bound.problems()).isEqualTo("""
                    rules.yaml:3:57: error: dataset 'orders' has no field 'totl'
                        3 |   - {id: r1, dataset: orders, assert: total_net > 0 and totl > 0}
                          |                                                         ^~~~
                    hint: Did you mean 'total'? The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:4:45: error: this is not a SQL expression: syntax error at or near end of input
                        4 |   - {id: r2, dataset: orders, assert: total +}
                          |                                             ^
                    rules.yaml:5:39: error: the sentence is of type decimal(11,2), not a sentence that is true or false
                        5 |   - {id: r3, dataset: orders, assert: total + 1}
                          |                                       ^~~~~~~~~
                    hint: Compare it with something.
                    rules.yaml:6:39: error: rand() gives another answer each time
                        6 |   - {id: r4, dataset: orders, assert: rand() < total}
                          |                                       ^~~~
                    hint: Use now(), which is the time of the audit, or leave it out.
                    rules.yaml:7:39: error: sum() is about many records, the sentence about one
                        7 |   - {id: r5, dataset: orders, assert: sum(total) > 0}
                          |                                       ^~~
                    hint: For the elements of an array use array_sum, array_max, exists, forall or aggregate.
                    rules.yaml:8:39: error: there is no function lenght()
                        8 |   - {id: r6, dataset: orders, assert: lenght(status) > 0}
                          |                                       ^~~~~~
                    hint: Did you mean length?
                    rules.yaml:9:39: error: a subquery cannot be part of a sentence about one record
                        9 |   - {id: r7, dataset: orders, assert: total in (select 1)}
                          |                                       ^~~~~~~~~~~~~~~~~~~
                    hint: Use reference for what must exist in another dataset.
                    rules.yaml:10:39: error: the sentence does not fit the types of the fields: cannot resolve "(after.paid > DATE '2026-01-01')" due to data type mismatch: the left and right operands of the binary operator have incompatible types ("BOOLEAN" and "DATE")
                       10 |   - {id: r8, dataset: orders, assert: paid > date'2026-01-01'}
                          |                                       ^~~~~~~~~~~~~~~~~~~~~~~
                    rules.yaml:11:57: error: dataset 'orders' has no field 'statis'
                       11 |   - {id: r9, dataset: orders, assert: total > 0, where: statis = 'NEW'}
                          |                                                         ^~~~~~
                    hint: Did you mean 'status'? The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:12:60: error: dataset 'orders' has no field 'zap'
                       12 |   - {id: r10, dataset: orders, assert: total > 0, fields: [address.zap]}
                          |                                                            ^~~~~~~~~~~
                    hint: Did you mean 'zip'? The fields are zip.
                    rules.yaml:13:39: error: 'address.zip.code' does not lead into a value of type string
                       13 |   - {id: r11, dataset: orders, field: address.zip.code, required: true}
                          |                                       ^~~~~~~~~~~~~~~~
                    hint: Write the path as NAME.NAME for objects and NAME[] for arrays.
                    rules.yaml:14:38: error: 'status[]' does not lead into a value of type string
                       14 |   - {id: r12, dataset: orders, each: 'status[]', assert: q > 0}
                          |                                      ^~~~~~~~~~
                    hint: Write the path as NAME.NAME for objects and NAME[] for arrays.
                    rules.yaml:15:57: error: dataset 'orders' has no field 'r'
                       15 |   - {id: r13, dataset: orders, each: 'lines[]', assert: r > 0}
                          |                                                         ^
                    hint: The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:16:56: error: dataset 'orders' has no field 'r'
                       16 |   - {id: r14, dataset: orders, each: 'lines[]', field: r, min: 1}
                          |                                                        ^
                    hint: The fields are q, parts.
                    rules.yaml:18:54: error: dataset 'orders' has no field 'sttus'
                       18 |   - {id: r16, dataset: orders, unchanged: [customer, sttus]}
                          |                                                      ^~~~~
                    hint: Did you mean 'status'? The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:20:44: error: 'increasing' does not fit the types of the fields: cannot resolve "(after.tags >= before.tags)" due to data type mismatch: The `>=` does not support ordering on type "MAP<STRING, STRING>"
                       20 |   - {id: r18, dataset: orders, increasing: tags}
                          |                                            ^~~~
                    rules.yaml:21:41: error: 'tags' does not fit the types of the fields: cannot resolve "(after.tags = after.tags)" due to data type mismatch: The `=` does not support ordering on type "MAP<STRING, STRING>"
                       21 |   - {id: r19, dataset: orders, unique: [tags]}
                          |                                         ^~~~
                    rules.yaml:22:52: error: dataset 'orders' has no field 'state'
                       22 |   - {id: r20, dataset: orders, transition: {field: state, allow: {A: [B]}}}
                          |                                                    ^~~~~
                    hint: Did you mean 'status'? The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:23:52: error: dataset 'orders' has no field 'deleted'
                       23 |   - {id: r21, dataset: orders, no_delete: {unless: deleted}}
                          |                                                    ^~~~~~~
                    hint: The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:24:68: error: dataset 'orders' has no field 'totl'
                       24 |   - {id: r22, dataset: orders, assert_change: after.total > before.totl}
                          |                                                                    ^~~~
                    hint: Did you mean 'total'? The fields are id, customer, total, total_net, status, paid, address, lines, tags.
                    rules.yaml:25:85: error: dataset 'customers' has no field 'nr'
                       25 |   - {id: r23, dataset: orders, reference: {fields: [customer], to: customers, key: [nr]}}
                          |                                                                                     ^~
                    hint: The fields are id, name.
                    rules.yaml:26:53: error: 'status' is of type string and 'id' of dataset 'customers' of type int, so none is ever the other
                       26 |   - {id: r24, dataset: orders, reference: {fields: [status], to: customers, key: [id]}}
                          |                                                     ^~~~~~
                    hint: Declare the same type for both in lastgood.yaml.
                    """);
        assertThat(bound.compiled()).containsExactly("r0", "r15", "r17", "r25", "r26");
    }

    @Test
    void what_is_about_many_records_or_changes_is_refused_whatever_it_is_called() {
        Bound bound = bound(
                "assert: try_sum(total) > 0",
                "assert: size(array_agg(total)) > 0, where: total > 0",
                "assert: explode_outer(lines).q > 0",
                "assert: 'total > 0', where: 'regr_count(total, total) > 0'",
                "each: 'lines[]', assert: try_avg(q) > 0",
                "assert: 'total > uniform(0, 10)'",
                "assert: aes_encrypt(status) is null",
                "assert: reflect(status) is null");

        assertThat(bound.compiled()).isEmpty();
        assertThat(bound.problems().lines().filter(line -> line.startsWith("rules.yaml")))
                .hasSize(8);
    }

    @Test
    void relations_are_bound_to_all_they_look_at() throws IOException {
        Bound bound = bound(
                "unique: [tags]",
                "depends: {from: [statis], to: [paid]}",
                "depends: {from: [status], to: [tags]}",
                "deny: {pair: [a, b], join: a.status = b.status, if: total > 3}",
                "deny: {pair: [a, b], join: a.total < b.total, if: a.paid}",
                "metric: sum(totl), min: 0",
                "metric: max(status), min: 0",
                "metric: first(total), min: 0",
                "metric: total, min: 0",
                "reference: {fields: ['lines[].q'], to: customers, key: [name]}",
                "join: {c: {dataset: customers, on: c.id = customer}}, assert: c.nam = status",
                "join: {c: {dataset: customers, on: customer > 3}}, assert: c.name = status",
                "reconcile: {by: [customer], left: {sum: status}, right: {dataset: customers, key: [id], sum: id}}",
                "reconcile: {by: [customer], left: {sum: double(total)}, right: {dataset: customers, key: [id], sum: id}}",
                "append_only: status",
                "frozen_when: total, except: [nte]",
                "silent_change: {version: versio}",
                "explained: {delta: total, by: {dataset: customers, on: customers.id > customer, sum: id}}",
                "query: select name from customers",
                "query: select id from custmers",
                "query: drop table customers",
                "query: select id from parquet.`/etc`",
                "query: select id from range(3)",
                "query: select id form customers");

        assertThat(bound.compiled()).isEmpty();
        Path expected = Path.of("src/test/resources/dev/lastgood/judge/relations.txt");
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(expected.getParent());
            Files.writeString(expected, bound.problems());
        }
        assertThat(bound.problems()).isEqualTo(Files.readString(expected));
    }

    @Test
    void relations_that_are_sound_are_compiled() {
        Bound bound = bound(
                "unique: [customer, address.zip]",
                "depends: {from: [customer], to: [status, paid]}",
                "deny: {pair: [a, b], join: a.status = b.status, if: a.total > b.total}",
                "metric: count(distinct status) / count(*), max: 1",
                "reference: {fields: ['lines[].q'], to: customers, key: [id], cardinality: 1..n}",
                "join: {c: {dataset: customers, on: c.id = customer}}, assert: c.name = status",
                "reconcile: {by: [customer], left: {sum: total}, right: {dataset: customers, key: [id], sum: id}}",
                "each: 'lines[].parts[]', assert: n > customer",
                "append_only: lines",
                "frozen_when: paid, except: [status]",
                "silent_change: id",
                "explained: {delta: total, by: {dataset: customers, on: customers.id = customer, sum: id}}",
                "query: 'with late as (select * from orders where total > 3) select l.id from late l join customers c"
                        + " on c.id = l.customer where now() > date_sub(now(), 3) and array_sum(l.lines.q) > 1'");

        assertThat(bound.problems()).isEmpty();
        assertThat(bound.compiled()).hasSize(13);
    }

    @Test
    void what_is_always_true_or_never_is_remarked() {
        assertThat(remarks("assert: total = total or total is null or total <> total", "assert: 1 = 1"))
                .containsExactly("r1 can never fail: this is true of every record");
        assertThat(remarks("assert: 1 = 2", "assert: 1 = null", "assert: total > 0, where: 1 = 1"))
                .containsExactly(
                        "r0 fails for every record: this is never true",
                        "r1 fails for every record: this is never true",
                        "this is true of every record");
        assertThat(remarks("field: id, type: string"))
                .containsExactly("r0 can never fail: this is true of every record");
        assertThat(remarks("assert: total > 0, where: 1 = 2"))
                .containsExactly("this is true of no record, so r0 examines nothing");
    }

    private List<String> remarks(String... rules) {
        RuleCompiler compiler = compiler(new Problems());
        compiler.compile(workplace(rules).workspace().rules().rules());
        return compiler.remarks().stream()
                .map(problem -> problem.message().replaceAll("rule '(r[0-9])'", "$1"))
                .toList();
    }

    @Test
    void every_function_there_is_has_been_judged(SparkSession spark) {
        assertThat(spark.sql("show system functions").collectAsList().stream().map(row -> row.getString(0)))
                .as("add it to functions.txt where it belongs")
                .allMatch(Functions::isJudged);
    }

    @Test
    void a_plan_tells_what_the_list_does_not() throws AnalysisException {
        assertThat(foreign("id + 1")).isEmpty();
        assertThat(foreign("try_sum(id) + 1")).contains(Catalyst.Foreign.MANY_RECORDS);
        assertThat(foreign("explode(array(id))")).contains(Catalyst.Foreign.MANY_RECORDS);
        assertThat(foreign("row_number() over (order by id)")).contains(Catalyst.Foreign.MANY_RECORDS);
        assertThat(foreign("concat(id, uuid())")).contains(Catalyst.Foreign.CHANGING);
    }

    private static Optional<Catalyst.Foreign> foreign(String sql) throws AnalysisException {
        return Catalyst.analyzed(new StructType().add("id", "bigint"), functions.expr(sql))
                .foreign();
    }
}
