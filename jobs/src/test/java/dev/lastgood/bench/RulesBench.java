package dev.lastgood.bench;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.job.AuditJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.judge.Codes;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What rules cost, as multiples of one bare scan: any number of record rules in one projection written to a sink, and an
 * audit with one rule of each family; all in one run, because only such figures can be compared.
 */
@Command(name = "rules-bench", description = "Measures rules.", mixinStandardHelpOptions = true)
public final class RulesBench implements Callable<Integer> {
    /** One rule of each family, which every record of both sides fulfils. */
    private static final Map<String, String> FAMILIES = families();

    @Option(names = "--records", paramLabel = "N", description = "a multiple of 400 (default: ${DEFAULT-VALUE})")
    long records = 2_000_000;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "measured runs of each, after one (default: ${DEFAULT-VALUE})")
    int runs = 2;

    @Option(
            names = "--rules",
            split = ",",
            paramLabel = "N",
            description = "numbers of record rules (default: 1,10,100,300)")
    List<Integer> rules = List.of(1, 10, 100, 300);

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "rules-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    private final PrintWriter out;

    RulesBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new RulesBench(out)).execute(args));
    }

    private static Map<String, String> families() {
        Map<String, String> families = new LinkedHashMap<>();
        families.put("one record rule", "assert: unit_price > 0");
        families.put("unique", "unique: [id]");
        families.put("depends", "depends: {from: [id], to: [currency]}");
        families.put("deny", "deny: {pair: [a, b], join: a.id = b.id, if: a.total <> b.total}");
        families.put("metric", "metric: sum(total), min: 0, vs_baseline: {min_ratio: 0.5, max_ratio: 2}");
        families.put("reference", "reference: {fields: [id], to: orders, key: [id]}");
        families.put("reference 1..n", "reference: {fields: [id], to: orders, key: [id], cardinality: 1..n}");
        families.put("join", "join: {o: {dataset: orders, on: o.id = id}}, assert: total = o.total");
        families.put("reconcile", "reconcile: {by: [id], left: {sum: total}, right: {dataset: orders, sum: total}}");
        families.put("query", "query: 'select id from orders where unit_price < 0'");
        families.put("unchanged", "unchanged: [customer, sku]");
        families.put("transition", "transition: {field: sku, allow: {A: [B]}}");
        families.put("frozen_when", "frozen_when: status = 'NONE', allow_empty: true");
        families.put("assert_change", "assert_change: after.customer = before.customer");
        families.put(
                "explained", "explained: {delta: quantity, by: {dataset: orders, on: orders.id = id, sum: quantity}}");
        return families;
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(folder);
        Orders orders = new Orders(records);
        Workplace plain = workplace("plain", "rules: []\n");
        SparkSession session = plain.session();
        String live = folder.resolve("live").resolve(Orders.NAME).toUri().toString();
        orders.before(session).write().mode("overwrite").parquet(live);
        plain.taker().take(plain.datasets(List.of()), captured -> Verdict.INCONCLUSIVE);
        orders.after(session).write().mode("overwrite").parquet(live);
        Map<String, Runnable> contenders = new LinkedHashMap<>();
        contenders.put("bare scan", () -> sink(session.read().parquet(live)));
        for (int count : rules) {
            Workplace workplace = workplace("rules-" + count, Orders.rules(count));
            contenders.put(count + " record rules to a sink", () -> sink(codes(workplace)));
        }
        FAMILIES.forEach((name, rule) -> {
            String file = "rules:\n  - {id: r, dataset: orders, %s}\n".formatted(rule);
            Workplace workplace = workplace(name.replace(' ', '-'), file);
            contenders.put("audit: " + name, () -> audit(workplace));
        });
        Rounds rounds = Rounds.of(contenders, runs);
        out.printf("%d records, 12 fields, %s; median of %d after 1%n%n", records, master, runs);
        rounds.table("scan", out);
        return 0;
    }

    private Workplace workplace(String name, String rules) {
        try {
            Files.writeString(folder.resolve(name + ".rules"), rules);
            Path file = folder.resolve(name + "-" + WorkspaceReader.FILE_NAME);
            Files.writeString(file, Orders.workspace(name + ".rules"));
            return new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException("could not write the workspace", e);
        }
    }

    private static void sink(Dataset<Row> rows) {
        rows.write().format("noop").mode("overwrite").save();
    }

    /** The key and the codes of all rules, of every record of live. */
    private static Dataset<Row> codes(Workplace workplace) {
        Frame live = workplace.sources().live(workplace.datasets(List.of()).get(0));
        Problems problems = new Problems();
        List<Column> codes = new RuleCompiler(
                        workplace.workspace().datasets(),
                        Map.of(Orders.NAME, live.shape()),
                        Instant.parse("2026-03-01T00:00:00Z"),
                        problems)
                .compile(workplace.workspace().rules().rules()).stream()
                        .map(CompiledRule::after)
                        .toList();
        problems.throwIfErrors();
        return live.records()
                .select(
                        live.shape().view("").alias(AFTER),
                        lit(null).cast(live.shape().view()).alias(BEFORE))
                .select(col(AFTER).getField("id").alias("id"), Codes.of(codes).alias("codes"));
    }

    private static void audit(Workplace workplace) {
        AuditJob.Audit audit = workplace.auditJob().run(workplace.datasets(List.of()), "latest", Severity.ERROR);
        workplace.store().delete("audits/" + audit.id());
        for (JsonNode rule : audit.document().get("rules")) {
            if (rule.get("violations").asLong() > 0
                    || rule.get("outcome").asText().equals("ERROR")) {
                throw new IllegalStateException("every record fulfils it: " + rule);
            }
        }
    }
}
