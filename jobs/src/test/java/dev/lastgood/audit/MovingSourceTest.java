package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.Problems;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A live source goes on while it is audited: what is there is another thing each time something is read. */
@ExtendWith(SparkForTests.class)
class MovingSourceTest {
    private static final StructType ORDER = new StructType()
            .add("id", DataTypes.StringType)
            .add("customer", DataTypes.StringType)
            .add("code", DataTypes.StringType);
    private static final StructType CUSTOMER = new StructType().add("id", DataTypes.StringType);

    /** How often anything was read so far. The session and the test are in one JVM. */
    private static final AtomicInteger READS = new AtomicInteger();

    @TempDir
    Path folder;

    @Test
    void an_order_that_comes_with_its_customer_is_no_orphan(SparkSession spark) throws Exception {
        assertThat(violations(spark, List.of(List.of(), List.of("a,9,1")), List.of(List.of(), List.of("9"))))
                .containsExactly(0L, 0L, 0L);
    }

    @Test
    void nothing_is_said_of_a_record_that_is_gone_when_it_is_fetched(SparkSession spark) throws Exception {
        List<String> then = List.of("a,9,1", "b,9,1");
        assertThat(violations(spark, List.of(then, then, List.of()), List.of(List.of())))
                .containsExactly(0L, 0L, 0L);
        assertThat(violations(spark, List.of(then), List.of(List.of()))).containsExactly(2L, 2L, 0L);
    }

    /** Of the reference, of uniqueness, and of the reference of orders to themselves. */
    private List<Long> violations(SparkSession spark, List<List<String>> orders, List<List<String>> customers)
            throws Exception {
        Files.writeString(folder.resolve("rules.yaml"), """
            rules:
              - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
              - {id: once, dataset: orders, unique: [code]}
              - {id: self, dataset: orders, reference: {fields: [id], to: orders, key: [id]}}
            """);
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
        READS.set(0);
        Side parents = Side.alone(workspace.dataset("customers").orElseThrow(), frame(spark, CUSTOMER, customers));
        Side children = Side.alone(workspace.dataset("orders").orElseThrow(), frame(spark, ORDER, orders));
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
        return new Auditor(spark, here, Instant.EPOCH, Auditor.History.NONE)
                .run(List.of(parents, children), rules).rules().stream()
                        .map(Auditor.RuleTally::violations)
                        .toList();
    }

    /** The records there are after so many reads; the last ones stay. */
    private static Frame frame(SparkSession spark, StructType type, List<List<String>> states) {
        FlatMapFunction<Long, Row> read =
                one -> states.get(Math.min(READS.getAndIncrement(), states.size() - 1)).stream()
                        .map(line -> RowFactory.create((Object[]) line.split(",")))
                        .iterator();
        return new Frame(spark.range(0, 1, 1, 1).as(Encoders.LONG()).flatMap(read, Encoders.row(type)), Shape.of(type));
    }
}
