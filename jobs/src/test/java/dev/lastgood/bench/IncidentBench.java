package dev.lastgood.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import dev.lastgood.audit.Records;
import dev.lastgood.incident.Incident;
import dev.lastgood.incident.Incidents;
import dev.lastgood.incident.OlderCaptures;
import dev.lastgood.job.Workplace;
import dev.lastgood.snapshot.StoreFormat;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What explaining the incidents of an audit costs, against one scan of the changes it found; in one run, because only such
 * figures can be compared. Two bugs are planted, each with two of the dimensions; both must come out.
 */
@Command(name = "incident-bench", description = "Measures diagnosis.", mixinStandardHelpOptions = true)
public final class IncidentBench implements Callable<Integer> {
    private static final int DIMENSIONS = 12;

    @Option(names = "--changes", paramLabel = "N", description = "changed records (default: ${DEFAULT-VALUE})")
    long changes = 10_000_000;

    @Option(names = "--findings", paramLabel = "N", description = "about so many of them (default: ${DEFAULT-VALUE})")
    long findings = 100_000;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "measured runs of each, after one (default: ${DEFAULT-VALUE})")
    int runs = 2;

    @Option(names = "--folder", paramLabel = "DIR", description = "used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "incident-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    private final PrintWriter out;

    IncidentBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new IncidentBench(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("none.rules"), "rules: []\n");
        Path file = folder.resolve(WorkspaceReader.FILE_NAME);
        String explain = IntStream.range(0, DIMENSIONS).mapToObj(d -> "d" + d).collect(Collectors.joining(", "));
        Files.writeString(
                file,
                Orders.workspace("none.rules").replace("key: [id]}", "key: [id], explain: [%s]}".formatted(explain)));
        Workplace workplace =
                new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, Map.of());
        StoreFormat.establish(workplace.store(), workplace.workspace().name());
        SparkSession session = workplace.session();
        String records = folder.resolve("records").toUri().toString();
        table(session).write().mode("overwrite").parquet(records);
        AtomicInteger number = new AtomicInteger();
        Path runs = Files.createTempDirectory(folder, "runs");
        List<Incident> found = new ArrayList<>();
        Map<String, Runnable> contenders = new LinkedHashMap<>();
        contenders.put(
                "scan of the changes",
                () -> session.read()
                        .parquet(records)
                        .write()
                        .format("noop")
                        .mode("overwrite")
                        .save());
        contenders.put("diagnosis", () -> {
            String at = runs.toUri() + String.valueOf(number.incrementAndGet()) + "/";
            found.clear();
            found.addAll(new Incidents(
                            session,
                            workplace.workspace().datasets(),
                            Map.of(),
                            List.of(),
                            new OlderCaptures(
                                    session,
                                    workplace.workspace(),
                                    workplace.store(),
                                    workplace.sources(),
                                    workplace.catalog().state(),
                                    Clock.systemUTC().instant(),
                                    Map.of(),
                                    Map.of()))
                    .of(Map.of(Orders.NAME, records), dataset -> at + dataset, name -> at + name)
                    .incidents());
        });
        Rounds rounds = Rounds.of(contenders, this.runs);
        out.printf(
                "%d changed records, %d dimensions, %s; median of %d after 1%n%n",
                changes, DIMENSIONS, master, this.runs);
        rounds.table("scan", out);
        found.forEach(incident -> out.printf("%n%s%n", incident.sentence()));
        return signatures(found).equals(List.of("{d0=v1, d1=v2}", "{d2=v3, d3=v0}")) ? 0 : 1;
    }

    static List<String> signatures(List<Incident> found) {
        return found.stream()
                .map(incident -> incident.cause().signature().toString())
                .sorted()
                .toList();
    }

    /** The records of an audit: a change of total each; where a bug struck, × 100 or cut to 5. */
    private Dataset<Row> table(SparkSession session) {
        // Values 0 to 4 of each dimension, evenly; a bug strikes some of the records that have two of them.
        double share = 25.0 * findings / 2 / changes;
        Dataset<Row> numbers = session.range(0, changes, 1, 16).toDF("n");
        for (int d = 0; d < DIMENSIONS; d++) {
            numbers = numbers.withColumn("d" + d, expr("concat('v', pmod(xxhash64(n, %d), 5))".formatted(d)));
        }
        numbers = numbers.withColumn(
                        "struck", expr("pmod(xxhash64(n, 99), 1000000) < %d".formatted((long) (1e6 * share))))
                .withColumn("one", expr("struck and d0 = 'v1' and d1 = 'v2'"))
                .withColumn("two", expr("struck and not one and d2 = 'v3' and d3 = 'v0'"));
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("key", "concat('{\"id\":', n, '}')");
        columns.put("keyTagged", "concat('[[\"id\",', n, ']]')");
        columns.put("change", "'changed'");
        columns.put("fault", "if(one or two, 'corrupt', 'consistent')");
        columns.put("copiesBefore", "1L");
        columns.put("copiesAfter", "1L");
        columns.put(
                "fields",
                "array(struct(if(two, 'email', 'total') as path, '1' as before, '2' as after, 'value' as kind,"
                        + " if(one or two, 'corrupt', 'consistent') as fault,"
                        + " case when one then array('× 100') when two then array('cut to 5')"
                        + " else array(concat('+ ', 1 + n % 50)) end as patterns,"
                        + " if(two, 'email', 'total') as schemaPath))");
        columns.put(
                "findings",
                "if(one or two, array(struct(if(one, 'total', 'email') as rule, 'h' as hash, 'error' as severity,"
                        + " 's' as sentence, 'total' as path, 'FALSE' as code, false as preExisting, '1' as actual,"
                        + " '2' as before, cast(null as string) as detail, false as accepted)), array())");
        columns.put("beforeImage", "concat('{\"id\":', n, ',\"total\":1,\"text\":\"', sha2(string(n), 256), '\"}')");
        columns.put("afterImage", "concat('{\"id\":', n, ',\"total\":2,\"text\":\"', sha2(string(n), 256), '\"}')");
        columns.put("version", "'2'");
        columns.put("changedAt", "timestamp_micros(1764300000000000L + pmod(xxhash64(n, 98), 86400) * 1000000L)");
        columns.put(
                "dimensions",
                "map("
                        + IntStream.range(0, DIMENSIONS)
                                .mapToObj(d -> "'d%d', d%d".formatted(d, d))
                                .collect(Collectors.joining(", "))
                        + ")");
        columns.put("recounts", "array()");
        List<Column> all = new ArrayList<>();
        for (StructField field : Records.SCHEMA.fields()) {
            all.add(expr(columns.get(field.name())).cast(field.dataType()).alias(field.name()));
        }
        return numbers.select(all.toArray(Column[]::new)).where(col("key").isNotNull());
    }
}
