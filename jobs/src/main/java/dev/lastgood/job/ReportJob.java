package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.slice;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.RuleInfo;
import dev.lastgood.incident.Members;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.report.HtmlReport;
import dev.lastgood.report.Lines;
import dev.lastgood.report.Masks;
import dev.lastgood.report.Report;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Makes the HTML report of an audit from what the audit left in the store. Reads nothing live. */
public final class ReportJob {
    private static final int MOST_SAMPLED_INCIDENTS = 20;
    private static final int MOST_SAMPLED_DATASETS = 20;
    private static final int RECORDS_OF_INCIDENTS = 160;
    private static final int RECORDS_AN_INCIDENT = 40;

    /** More than are shown of one record, so that the report can tell that there are more. */
    private static final int MOST_FIELDS = 51;

    private static final int MOST_FINDINGS = 21;

    /** Characters of lines after which a sample ends: records may be large. */
    private static final int MOST_CHARACTERS = 4 << 20;

    private final Workplace workplace;
    private final String version;

    /** @param version of the product, for the report's provenance */
    public ReportJob(Workplace workplace, String version) {
        this.workplace = workplace;
        this.version = version;
    }

    /**
     * Writes the report and says where it is. Without a file it goes to the folder of its audit in the store, as {@code
     * report.html}, or {@code report-PLAN.html} with a plan; what is there already is never replaced. A file is.
     *
     * @param audit id or beginning of one; empty for the last
     * @param out where else to write it
     */
    public String write(String audit, Optional<Report.Restore> restore, Optional<Path> out) {
        Report report = report(audit, restore);
        byte[] html = new HtmlReport().html(report);
        if (out.isPresent()) {
            return write(out.get(), html);
        }
        String plan = restore.map(one -> "-" + StoreName.segment(text(one.plan(), "plan")))
                .orElse("");
        String name = AuditFiles.folder(text(report.audit(), "audit")) + "/report" + plan + ".html";
        if (workplace.store().publish(name, html) instanceof Published.Lost) {
            throw InvalidInput.of(
                    "there is a report already: %s".formatted(workplace.store().location(name)),
                    "Open that one, or say with --out FILE where to write another.");
        }
        return workplace.store().location(name);
    }

    private static String write(Path file, byte[] html) {
        Path absolute = file.toAbsolutePath();
        Path temporary = absolute.resolveSibling(absolute.getFileName() + ".part");
        try {
            Files.write(temporary, html);
            Files.move(temporary, absolute, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw InvalidInput.of(
                    "%s cannot be written: %s"
                            .formatted(
                                    absolute,
                                    e instanceof NoSuchFileException
                                            ? "its folder is not there"
                                            : StoreUnavailable.reason(e)),
                    "Name a file in a folder that is there and may be written to.");
        }
        return absolute.toString();
    }

    /** What the report shows. */
    public Report report(String audit, Optional<Report.Restore> restore) {
        CatalogState state = workplace.catalog().state();
        CatalogState.Audit found = Audits.audit(audit, state);
        ObjectNode document = AuditFiles.document(workplace.store(), found);
        Map<String, Dataset<Row>> records = records(found.id(), document);
        List<Report.FieldCount> fields = new ArrayList<>();
        List<Report.ClassCount> classes = new ArrayList<>();
        Map<String, SortedMap<String, Long>> hashes = new HashMap<>();
        records.forEach((dataset, rows) -> {
            fields.addAll(fields(dataset, rows));
            classes.addAll(classes(dataset, rows));
            hashes(rows)
                    .forEach((rule, byHash) -> byHash.forEach((hash, number) ->
                            hashes.computeIfAbsent(rule, id -> new TreeMap<>()).merge(hash, number, Long::sum)));
        });
        fields.sort(Comparator.comparingLong(Report.FieldCount::changes)
                .reversed()
                .thenComparing(Report.FieldCount::dataset)
                .thenComparing(Report.FieldCount::path));
        return new Report(
                document,
                provenance(found, state),
                statements(document, hashes),
                fields.subList(0, Math.min(fields.size(), Report.MOST_FIELD_COUNTS + 1)),
                classes,
                samples(document, records, classes),
                restore.orElse(null));
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).asText();
    }

    /** The examined records of each dataset, in the order of the document. */
    private Map<String, Dataset<Row>> records(String audit, JsonNode document) {
        Map<String, Dataset<Row>> records = new LinkedHashMap<>();
        for (JsonNode dataset : document.path("datasets")) {
            String folder = AuditFiles.records(workplace.store(), audit, text(dataset, "name"));
            records.put(
                    text(dataset, "name"),
                    Records.read(workplace.session(), workplace.store().location(folder)));
        }
        return records;
    }

    // ---- provenance

    private Report.Provenance provenance(CatalogState.Audit audit, CatalogState state) {
        List<Report.Baseline> baselines = new ArrayList<>();
        audit.baseline()
                .forEach((dataset, snapshot) ->
                        baselines.add(new Report.Baseline(dataset, snapshot, capture(dataset, snapshot, state))));
        return new Report.Provenance(
                workplace.workspace().name(),
                version,
                audit.at(),
                audit.by(),
                audit.document(),
                workplace.clock().instant(),
                baselines);
    }

    private static Report.@Nullable Capture capture(String dataset, SnapshotId id, CatalogState state) {
        Optional<Snapshot> snapshot = state.snapshot(dataset, id);
        if (snapshot.isEmpty()) {
            return null;
        }
        Snapshot one = snapshot.get();
        return new Report.Capture(one.from(), one.to(), one.records(), one.manifest());
    }

    private List<Report.Statement> statements(JsonNode document, Map<String, SortedMap<String, Long>> hashes) {
        List<Report.Statement> statements = new ArrayList<>();
        for (JsonNode node : document.path("rules")) {
            String id = text(node, "id");
            Rule rule = workplace.workspace().rules().rule(id).orElse(null);
            if (rule != null) {
                String because = rule.because();
                statements.add(new Report.Statement(
                        id,
                        rule.hash(),
                        hashes.getOrDefault(id, new TreeMap<>()),
                        RuleInfo.sentence(rule.constraint()),
                        because == null ? "" : because));
            }
        }
        return statements;
    }

    private static Map<String, SortedMap<String, Long>> hashes(Dataset<Row> records) {
        Map<String, SortedMap<String, Long>> hashes = new HashMap<>();
        records.select(explode(col("findings")).alias("f"))
                .groupBy(col("f.rule"), col("f.hash"))
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> hashes.computeIfAbsent(row.getString(0), rule -> new TreeMap<>())
                        .put(row.getString(1), row.getLong(2)));
        return hashes;
    }

    // ---- counts

    private static List<Report.FieldCount> fields(String dataset, Dataset<Row> records) {
        return records
                .select(explode(col("fields")).alias("f"))
                .groupBy(
                        regexp_replace(col("f.path"), "\\[[^\\]]*\\]", "[]").alias("path"),
                        col("f.kind").alias("kind"),
                        col("f.fault").alias("fault"))
                .agg(count(lit(1)).alias("changes"))
                .orderBy(col("changes").desc(), col("path"), col("kind"), col("fault"))
                .limit(Report.MOST_FIELD_COUNTS + 1)
                .collectAsList()
                .stream()
                .map(row -> new Report.FieldCount(
                        dataset, row.getString(0), row.getString(1), row.getString(2), row.getLong(3)))
                .toList();
    }

    private static List<Report.ClassCount> classes(String dataset, Dataset<Row> records) {
        return records.groupBy(col("fault")).agg(count(lit(1))).collectAsList().stream()
                .map(row -> new Report.ClassCount(dataset, row.getString(0), row.getLong(1)))
                .sorted(Comparator.comparing(Report.ClassCount::fault))
                .toList();
    }

    // ---- samples

    private List<Report.Sample> samples(
            JsonNode document, Map<String, Dataset<Row>> records, List<Report.ClassCount> classes) {
        List<Report.Sample> samples = new ArrayList<>();
        int incidents = Math.min(document.path("incidents").size(), MOST_SAMPLED_INCIDENTS);
        int each = Math.min(RECORDS_AN_INCIDENT, RECORDS_OF_INCIDENTS / Math.max(1, incidents));
        for (JsonNode incident : document.path("incidents")) {
            Dataset<Row> rows = records.get(text(incident, "dataset"));
            if (rows != null && samples.size() < incidents) {
                samples.add(sample(text(document, "audit"), incident, rows, each));
            }
        }
        int datasets = Math.max(1, Math.min(records.size(), MOST_SAMPLED_DATASETS));
        int share = (Report.MOST_RECORDS - each * samples.size()) / datasets;
        records.entrySet().stream()
                .limit(MOST_SAMPLED_DATASETS)
                .forEach(entry -> samples.add(rest(entry.getKey(), entry.getValue(), share, document, classes)));
        return samples;
    }

    private Report.Sample sample(String audit, JsonNode incident, Dataset<Row> records, int most) {
        String dataset = text(incident, "dataset");
        String id = text(incident, "id");
        Dataset<Row> members = workplace
                .members(audit, dataset)
                .where(col("incident").equalTo(id).and(isCorrupt()));
        return sample(dataset, id, incident.path("records").asLong(), Members.of(records, members), most);
    }

    private Report.Sample rest(
            String dataset, Dataset<Row> records, int most, JsonNode document, List<Report.ClassCount> classes) {
        long all = classes.stream()
                .filter(one -> one.dataset().equals(dataset))
                .mapToLong(Report.ClassCount::records)
                .sum();
        long ofIncidents = 0;
        for (JsonNode incident : document.path("incidents")) {
            ofIncidents += text(incident, "dataset").equals(dataset)
                    ? incident.path("records").asLong()
                    : 0;
        }
        Dataset<Row> members =
                workplace.members(text(document, "audit"), dataset).where(isCorrupt());
        return sample(dataset, "", all - ofIncidents, Members.without(records, members), most);
    }

    private static Column isCorrupt() {
        return col("role").equalTo(Members.CORRUPT);
    }

    private Report.Sample sample(String dataset, String incident, long there, Dataset<Row> records, int most) {
        DatasetSpec spec = workplace.workspace().dataset(dataset).orElse(null);
        if (spec == null) {
            return new Report.Sample(dataset, incident, there, List.of(), List.of());
        }
        Dataset<Row> few = records.orderBy("keyTagged", "afterImage", "beforeImage")
                .limit(most)
                .withColumn("fields", slice(col("fields"), 1, MOST_FIELDS))
                .withColumn("findings", slice(col("findings"), 1, MOST_FINDINGS));
        Lines lines = new Lines(dataset, null, new Masks(spec));
        return new Report.Sample(dataset, incident, there, bounded(lines.changes(few)), bounded(lines.findings(few)));
    }

    private static List<String> bounded(Dataset<String> lines) {
        List<String> taken = new ArrayList<>();
        long characters = 0;
        Iterator<String> all = lines.toLocalIterator();
        while (all.hasNext() && characters < MOST_CHARACTERS) {
            String line = all.next();
            characters += line.length();
            taken.add(line);
        }
        return taken;
    }
}
