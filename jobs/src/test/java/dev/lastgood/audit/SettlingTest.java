package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Key;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What was found in the middle of a write is no finding; what is there each time is one, whoever writes beside it. */
@ExtendWith(SparkForTests.class)
class SettlingTest {
    private static final StructType ORDER = new StructType()
            .add("id", DataTypes.StringType)
            .add("customer", DataTypes.StringType)
            .add("price", DataTypes.IntegerType)
            .add("total", DataTypes.IntegerType)
            .add("note", DataTypes.StringType);
    private static final StructType CUSTOMER = new StructType().add("id", DataTypes.StringType);

    private static final String FINE = "fine,1,5,10,x";
    private static final List<String> BEFORE = List.of(
            FINE,
            "late,1,5,10,x",
            "often,1,5,10,x",
            "busy,1,5,10,x",
            "worse,1,5,10,x",
            "newly,1,5,10,x",
            "moved,1,5,10,x",
            "orphan,1,5,10,x",
            "gone,1,5,10,x",
            "back,1,5,10,x",
            "healed,1,5,10,x");

    @TempDir
    Path folder;

    /** States of the orders at the readings 0 to 3; the last one stays. */
    private static final List<List<String>> ORDERS = List.of(
            List.of(
                    FINE,
                    "late,1,6,10,x", // between its two writes
                    "often,1,5,99,x",
                    "busy,1,5,99,a",
                    "worse,1,5,99,x",
                    "newly,1,6,12,x",
                    "moved,2,5,10,x", // to a customer that is not there yet
                    "orphan,7,5,10,x",
                    "healed,1,5,99,x"),
            List.of(
                    FINE,
                    "late,1,6,12,x",
                    "often,1,5,99,x",
                    "busy,1,5,99,b",
                    "worse,1,5,999,x",
                    "newly,1,6,13,x",
                    "moved,2,5,10,x",
                    "orphan,7,5,10,y",
                    "back,1,5,10,x",
                    "healed,1,5,10,x"),
            List.of(
                    FINE,
                    "late,1,6,12,x",
                    "often,1,5,99,x",
                    "busy,1,5,99,c",
                    "worse,1,5,9999,x",
                    "newly,1,6,13,x",
                    "moved,2,5,10,x",
                    "orphan,7,5,10,z",
                    "back,1,5,10,x",
                    "healed,1,5,10,x"),
            List.of(
                    FINE,
                    "late,1,6,12,x",
                    "often,1,5,99,x",
                    "busy,1,5,99,d",
                    "worse,1,5,99999,x",
                    "newly,1,6,13,x",
                    "moved,2,5,10,x",
                    "orphan,7,5,10,z",
                    "back,1,5,10,x",
                    "healed,1,5,10,x"));

    private static final List<List<String>> CUSTOMERS = List.of(List.of("1"), List.of("1", "2"));

    @Test
    void what_is_found_again_stands(SparkSession spark) throws Exception {
        assertThat(audited(spark, ORDERS))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "late", "changed",
                        "often", "changed total",
                        "busy", "changed total",
                        "worse", "changed total",
                        "newly", "changed total",
                        "moved", "changed",
                        "orphan", "changed parent",
                        "gone", "removed",
                        "unsettled", "{}"));
    }

    @Test
    void what_is_broken_now_and_then_to_the_end_is_unsettled(SparkSession spark) throws Exception {
        List<List<String>> states = new ArrayList<>();
        for (String flicker : List.of("6,12", "6,10", "7,10", "8,10")) {
            states.add(List.of(FINE, "flicker,1," + flicker + ",x"));
        }
        Map<String, String> found = audited(spark, states);
        assertThat(found).containsEntry("flicker", "added").containsEntry("unsettled", "{total=1}");
    }

    @Test
    void what_a_relation_finds_from_the_second_reading_on_is_a_fault_of_the_record(SparkSession spark)
            throws Exception {
        List<List<String>> orders = List.of(List.of("fled,3,5,10,x", "orphan,7,5,10,x"));
        assertThat(audited(spark, orders, List.of(List.of("1", "3"), List.of("1")), RULES))
                .containsEntry("fled", "added parent")
                .containsEntry("orphan", "changed parent")
                .containsEntry("unsettled", "{}");
    }

    @Test
    void what_a_relation_finds_while_what_it_looks_at_moves_is_found_each_time_or_unsettled(SparkSession spark)
            throws Exception {
        List<List<String>> orders = List.of(List.of("fled,3,5,10,x", "orphan,7,5,10,x"));
        List<List<String>> customers =
                List.of(List.of("1", "3"), List.of("1", "4"), List.of("1", "5"), List.of("1", "6"));
        assertThat(audited(spark, orders, customers, RULES))
                .containsEntry("fled", "added")
                .containsEntry("orphan", "changed parent")
                .containsEntry("unsettled", "{parent=1}");
    }

    @Test
    void a_query_is_asked_again_of_all_datasets_in_it(SparkSession spark) throws Exception {
        List<List<String>> orders = List.of(List.of(FINE, "orphan,7,5,10,x"));
        assertThat(audited(spark, orders, List.of(List.of("1")), """
              - id: query
                dataset: orders
                query: "SELECT o.id FROM orders o LEFT ANTI JOIN customers c ON o.customer = c.id"
                fields: [customer]
            """))
                .containsEntry("orphan", "changed query")
                .containsEntry("unsettled", "{}");
    }

    @Test
    void what_a_rule_found_stands_when_it_fails_on_reading_again(SparkSession spark) throws Exception {
        List<List<String>> orders = List.of(List.of(FINE, "orphan,7,5,10,x"));
        assertThat(audited(spark, orders, List.of(List.of("1"), List.of("1", "no number")), """
              - id: query
                dataset: orders
                query: "SELECT o.id FROM orders o LEFT ANTI JOIN customers c ON CAST(o.customer AS INT) = CAST(c.id AS INT)"
                fields: [customer]
            """))
                .containsEntry("orphan", "changed query")
                .containsEntry("unsettled", "{}");
    }

    private static final String RULES = """
              - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
              - {id: total, dataset: orders, assert: total = price * 2, fields: [total]}
            """;

    private Map<String, String> audited(SparkSession spark, List<List<String>> orders) throws Exception {
        return audited(spark, orders, CUSTOMERS, RULES);
    }

    /** By record what became of it and the rules it breaks. */
    private Map<String, String> audited(
            SparkSession spark, List<List<String>> orders, List<List<String>> customers, String ruled)
            throws Exception {
        Files.writeString(folder.resolve("rules.yaml"), "rules:\n" + ruled);
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: w
            store: store
            rules: [rules.yaml]
            sources: {here: {files: .}}
            datasets:
              customers: {source: here, path: c.csv, format: csv, key: [id]}
              orders: {source: here, path: o.csv, format: csv, key: [id]}
            """);
        DatasetSpec ofCustomers = workspace.dataset("customers").orElseThrow();
        DatasetSpec ofOrders = workspace.dataset("orders").orElseThrow();
        Side parents = new Side(
                ofCustomers, frame(spark, CUSTOMER, customers.get(0)), frame(spark, CUSTOMER, List.of("1")), null, 1);
        Side children = new Side(
                ofOrders, frame(spark, ORDER, orders.get(0)), frame(spark, ORDER, BEFORE), null, BEFORE.size());
        Problems problems = new Problems();
        List<CompiledRule> rules = new RuleCompiler(
                        workspace.datasets(),
                        Map.of(
                                "customers",
                                parents.after().shape(),
                                "orders",
                                children.after().shape()),
                        Instant.EPOCH,
                        problems)
                .compile(workspace.rules().rules());
        problems.throwIfErrors();
        String here = Files.createTempDirectory(folder, "audit").toUri().toString();
        Auditor.Findings findings = new Auditor(spark, here, Instant.EPOCH, Auditor.History.NONE)
                .run(List.of(parents, children), rules, new Readings(spark, orders, customers));
        Map<String, String> found = new TreeMap<>();
        found.put("unsettled", findings.unsettled().toString());
        for (Row row : Records.read(spark, String.valueOf(findings.records().get("orders")))
                .selectExpr("key", "change", "array_join(array_sort(findings.rule), ' ')", "fault")
                .collectAsList()) {
            boolean broken = !row.getString(2).isEmpty();
            assertThat(row.getString(3)).as(row.toString()).matches(broken ? "corrupt" : "consistent|unattributed");
            found.put(
                    row.getString(0).replaceAll(".*:\"|\"}", ""), (row.getString(1) + " " + row.getString(2)).strip());
        }
        return found;
    }

    private record Readings(
            SparkSession spark, List<List<String>> orders, List<List<String>> customers, List<Integer> awaited)
            implements Auditor.Later {
        Readings(SparkSession spark, List<List<String>> orders, List<List<String>> customers) {
            this(spark, orders, customers, new ArrayList<>());
        }

        @Override
        public boolean moves(DatasetSpec dataset) {
            return true;
        }

        @Override
        public int most(DatasetSpec dataset) {
            return 100;
        }

        @Override
        public Frame of(Side side, @Nullable List<Key> keys) {
            List<List<String>> states = side.dataset().name().equals("orders") ? orders : customers;
            StructType type = side.dataset().name().equals("orders") ? ORDER : CUSTOMER;
            return frame(spark, type, states.get(Math.min(awaited.size(), states.size() - 1)));
        }

        @Override
        public void await() {
            awaited.add(awaited.size());
        }
    }

    private static Frame frame(SparkSession spark, StructType type, List<String> lines) {
        List<Row> rows = lines.stream()
                .map(line -> {
                    String[] texts = line.split(",");
                    Object[] cells = Arrays.copyOf(texts, texts.length, Object[].class);
                    for (int i = 0; i < cells.length; i++) {
                        boolean number = type.fields()[i].dataType().equals(DataTypes.IntegerType);
                        cells[i] = number ? Integer.valueOf((String) cells[i]) : cells[i];
                    }
                    return RowFactory.create(cells);
                })
                .toList();
        return new Frame(spark.createDataFrame(rows, type), Shape.of(type));
    }
}
