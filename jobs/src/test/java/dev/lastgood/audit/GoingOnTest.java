package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.Problems;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An audit that goes on from an earlier one comes to what one comes to that judges everything: after random changes, most
 * of which keep the rules and some of which break them or heal what was broken. {@code -Dseed} repeats one.
 */
@ExtendWith(SparkForTests.class)
class GoingOnTest {
    private static final Long REPEATED = Long.getLong("seed");
    private static final int STEPS = Integer.getInteger("steps", Boolean.getBoolean("lastgood.full") ? 25 : 1);

    private static final Map<String, StructType> TYPES = new TreeMap<>(Map.of(
            "customers", StructType.fromDDL("id int, region string, rate int, placed int"),
            "orders", StructType.fromDDL("id int, customer int, code string, status string, total int, at timestamp"),
            "payments", StructType.fromDDL("id int, order_id int, amount int")));

    private static final String RULES = """
        rules:
          - {id: ranked, dataset: customers, field: rate, min: 0}
          - {id: stays, dataset: customers, no_delete: true}
          - {id: rates, dataset: customers, depends: {from: [region], to: [rate]}}
          - {id: rates-all, dataset: customers, depends: {from: [region], to: [rate], blame: all}}
          - {id: rates-changed, dataset: customers, depends: {from: [region], to: [rate], blame: changed}}
          - {id: many, dataset: customers, metric: count(*), min: 10}
          - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
          - {id: has-one, dataset: orders, reference: {fields: [customer], to: customers, key: [id], cardinality: "1..n"}}
          - {id: once, dataset: orders, unique: [code]}
          - {id: once-open, dataset: orders, unique: [customer], where: status = 'OPEN'}
          - {id: moves, dataset: orders, transition: {field: status, allow: {OPEN: [PAID], PAID: [SENT]}}}
          - {id: paid, dataset: orders, reconcile: {by: [order_id], left: {key: [id], sum: total, where: status <> 'OPEN'}, right: {dataset: payments, sum: amount}}}
          - {id: past, dataset: orders, assert: at <= now()}
          - {id: once-past, dataset: orders, unique: [code], where: at <= now()}
          - {id: apart, dataset: orders, deny: {pair: [a, b], join: a.customer = b.customer, if: a.status = 'OPEN' and b.status = 'SENT'}}
          - {id: small, dataset: payments, join: {o: {dataset: orders, on: o.id = order_id}}, assert: amount <= o.total}
          - {id: placed, dataset: customers, explained: {delta: placed, by: {dataset: orders, on: orders.customer = id, sum: total}}}
        """;

    @TempDir
    Path folder;

    private final Random random = new Random();
    private final Map<String, Map<Integer, @Nullable Object[]>> live = new TreeMap<>();

    @Test
    void what_is_taken_over_changes_no_answer(SparkSession spark) throws Exception {
        long seed = REPEATED == null ? new Random().nextLong() : REPEATED;
        random.setSeed(seed);
        Files.writeString(folder.resolve("rules.yaml"), RULES);
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: w
            store: store
            rules: [rules.yaml]
            sources: {here: {files: .}}
            datasets:
              customers: {source: here, path: c, format: parquet, key: [id]}
              orders: {source: here, path: o, format: parquet, key: [id]}
              payments: {source: here, path: p, format: parquet, key: [id]}
            """);
        TYPES.keySet().forEach(name -> live.put(name, new TreeMap<>()));
        for (int id = 0; id < 40; id++) {
            customer(id);
        }
        for (int id = 0; id < 60; id++) {
            order(id, id % 40);
        }
        Map<String, Frame> baseline = frames(spark);
        Auditor.Since since = new Auditor.Since("", Map.of(), Set.of(), (name, stage) -> {});
        Set<String> narrowed = new TreeSet<>();
        Set<String> broken = new TreeSet<>();
        for (int step = 0; step <= STEPS; step++) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                change();
            }
            if (random.nextInt(5) == 0) {
                baseline = frames(spark);
            }
            Map<String, Frame> now = frames(spark);
            Instant time = Instant.parse("2026-03-01T00:00:00Z").plusSeconds(step * 3600L);
            String at = folder.resolve("audit" + step).toUri().toString();
            List<Side> sides = sides(workspace, baseline, now);
            Auditor.Findings some = audit(spark, workspace, at, time, sides, since);
            Auditor.Findings all = audit(spark, workspace, at + "-all", time, sides, Auditor.Since.NOTHING);
            assertThat(said(spark, some)).as("-Dseed=%d step %d", seed, step).isEqualTo(said(spark, all));
            if (step > 0) {
                assertThat(some.followed().judged()).hasSize(TYPES.size());
            }
            narrowed.addAll(some.followed().narrowed());
            all.rules().stream()
                    .filter(tally -> tally.violations() > 0)
                    .forEach(tally -> broken.add(tally.rule().id()));
            since = new Auditor.Since(at, some.followed().stages(), Set.of("past", "once-past"), (name, stage) -> {});
        }
        System.out.printf("narrowed %s, broken %s%n", narrowed, broken);
        assertThat(narrowed).isNotEmpty();
        if (STEPS >= 25) {
            assertThat(narrowed)
                    .containsExactlyInAnyOrder(
                            "rates", "rates-all", "rates-changed", "parent", "has-one", "once", "once-open", "paid");
            assertThat(broken).as("rules that were broken at some step").hasSizeGreaterThan(10);
        }
    }

    private static Auditor.Findings audit(
            SparkSession spark, Workspace workspace, String at, Instant time, List<Side> sides, Auditor.Since since) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        sides.forEach(side -> shapes.put(side.dataset().name(), side.after().shape()));
        Problems problems = new Problems();
        RuleCompiler compiler = new RuleCompiler(workspace.datasets(), shapes, time, problems);
        List<CompiledRule> rules = compiler.compile(workspace.rules().rules());
        problems.throwIfErrors();
        assertThat(compiler.timed()).containsExactlyInAnyOrder("past", "once-past");
        return new Auditor(spark, at, time, Auditor.History.NONE).run(sides, rules, Auditor.Later.SAME, since);
    }

    private static List<Side> sides(Workspace workspace, Map<String, Frame> baseline, Map<String, Frame> now) {
        List<Side> sides = new ArrayList<>();
        now.forEach((name, frame) -> {
            Frame before = java.util.Objects.requireNonNull(baseline.get(name));
            // Another baseline has another name.
            String id = "20260101T000000Z-%04x".formatted(System.identityHashCode(baseline) & 0xffff);
            sides.add(new Side(
                    workspace.dataset(name).orElseThrow(),
                    frame,
                    before,
                    new SnapshotId(id),
                    before.records().count()));
        });
        return sides;
    }

    /** All that findings are, in an order of its own. */
    private static List<String> said(SparkSession spark, Auditor.Findings findings) {
        List<String> said = new ArrayList<>();
        findings.datasets().forEach(tally -> said.add(tally.toString()));
        findings.rules()
                .forEach(tally -> said.add("%s examined %d violations %d errors %d pre-existing %d known %d %s %s"
                        .formatted(
                                tally.rule().id(),
                                tally.examined(),
                                tally.violations(),
                                tally.errors(),
                                tally.preExisting(),
                                tally.known(),
                                tally.measure(),
                                tally.failure())));
        findings.records()
                .forEach((name, at) -> Records.all(spark, at).toJSON().collectAsList().stream()
                        .map(line -> name + " " + line)
                        .sorted()
                        .forEach(said::add));
        return said;
    }

    // ---- the records

    private Map<String, Frame> frames(SparkSession spark) {
        Map<String, Frame> frames = new LinkedHashMap<>();
        TYPES.forEach((name, type) -> {
            List<Row> rows =
                    rows(name).values().stream().map(RowFactory::create).toList();
            frames.put(name, new Frame(spark.createDataFrame(rows, type).coalesce(1), Shape.of(type)));
        });
        return frames;
    }

    private Map<Integer, @Nullable Object[]> rows(String name) {
        return java.util.Objects.requireNonNull(live.get(name));
    }

    private void customer(int id) {
        rows("customers").put(id, new @Nullable Object[] {id, "r" + id % 7, id % 7, 100});
    }

    private void order(int id, int customer) {
        String status = Stream.of("OPEN", "PAID", "SENT").toList().get(id % 3);
        rows("orders").put(id, new @Nullable Object[] {
            id, customer, "c" + id, status, 10 * id, java.sql.Timestamp.from(Instant.parse("2026-02-01T00:00:00Z"))
        });
        rows("payments").remove(id);
        if (id % 3 != 0) {
            rows("payments").put(id, new @Nullable Object[] {id, id, 10 * id});
        }
    }

    private void change() {
        int id = random.nextInt(45);
        @Nullable Object @Nullable [] order = rows("orders").get(id);
        @Nullable Object @Nullable [] customer = rows("customers").get(id);
        switch (random.nextInt(14)) {
            case 0 -> rows("customers").remove(id);
            case 1 -> rows("orders").remove(id);
            case 2 -> rows("payments").remove(id);
            case 3, 4 -> customer(id);
            case 5, 6 -> order(id, id % 40);
            case 7 -> order(60 + id, id);
            case 8 -> set(order, 2, "c" + random.nextInt(60));
            case 9 -> set(order, 1, random.nextInt(8) == 0 ? null : random.nextInt(45));
            case 10 -> set(order, 3, random.nextBoolean() ? "SENT" : "OPEN");
            case 11 -> set(customer, 2, random.nextInt(9) - 1);
            case 12 -> set(customer, 1, "r" + random.nextInt(9));
            // The next audit, or the one after it, is past this.
            default ->
                set(
                        order,
                        5,
                        java.sql.Timestamp.from(
                                Instant.parse("2026-03-01T00:30:00Z").plusSeconds(3600L * random.nextInt(STEPS + 1))));
        }
    }

    private static void set(@Nullable Object @Nullable [] row, int field, @Nullable Object value) {
        if (row != null) {
            row[field] = value;
        }
    }
}
