package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.transform;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastgood.audit.Examiner;
import dev.lastgood.audit.Records;
import dev.lastgood.path.FieldPath;
import dev.lastgood.report.Masks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Groups the corrupt records of an audit: those of one dataset that break the same rules are one incident. */
public final class Incidents {
    /** The column that names a record's incident: its broken rules, joined. */
    static final String RULES = "_rules";

    private static final String SEPARATOR = ",";
    private static final double TELLING_SHARE = 0.8;

    private final SparkSession session;
    private final Map<String, Masks> masks;

    /** @param masks by dataset, for what its records have in common */
    public Incidents(SparkSession session, Map<String, Masks> masks) {
        this.session = session;
        this.masks = Map.copyOf(masks);
    }

    /** The incidents in an audit's records, the largest first. */
    public List<Incident> of(Map<String, String> records) {
        List<Incident> found = new ArrayList<>();
        records.forEach((dataset, location) -> {
            Dataset<Row> corrupt = corrupt(Records.read(session, location));
            found.addAll(of(dataset, corrupt));
        });
        found.sort(Comparator.comparingLong(Incident::records)
                .reversed()
                .thenComparing(Incident::dataset)
                .thenComparing(incident -> String.join(SEPARATOR, incident.rules())));
        List<Incident> numbered = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            numbered.add(named("i" + (i + 1), found.get(i)));
        }
        return numbered;
    }

    /** The corrupt records, each with the rules it breaks anew as {@link #RULES}. */
    static Dataset<Row> corrupt(Dataset<Row> records) {
        return records.where(col("fault").equalTo(Examiner.Fault.CORRUPT.text()))
                .withColumn(RULES, anew())
                .where(col(RULES).notEqual(""));
    }

    /** Whether a record breaks just these rules anew: whether it is of their incident. */
    public static Column breaks(java.util.Set<String> rules) {
        return anew().equalTo(String.join(SEPARATOR, new java.util.TreeSet<>(rules)));
    }

    private static Column anew() {
        Column broken = filter(
                col("findings"),
                finding -> not(finding.getField("preExisting"))
                        .and(not(finding.getField("accepted")))
                        .and(finding.getField("code").notEqual("ERROR")));
        Column rules = array_sort(array_distinct(transform(broken, finding -> finding.getField("rule"))));
        return array_join(rules, SEPARATOR);
    }

    private List<Incident> of(String dataset, Dataset<Row> corrupt) {
        List<Row> groups = corrupt.groupBy(RULES)
                .agg(
                        count(lit(1)),
                        min("changedAt"),
                        max("changedAt"),
                        count_if(col("change").equalTo(Examiner.Change.ADDED.text())))
                .collectAsList();
        Map<String, Map<String, Long>> fields =
                counts(corrupt.select(col(RULES), explode(col("fields")).alias("f"))
                        .groupBy(col(RULES), functionsPath(col("f.path")).alias("value"))
                        .agg(count(lit(1))));
        Map<String, Map<String, Long>> kinds =
                counts(corrupt.select(col(RULES), explode(col("fields")).alias("f"))
                        .where(col("f.fault").equalTo(Examiner.Fault.CORRUPT.text()))
                        .groupBy(col(RULES), col("f.kind").alias("value"))
                        .agg(count(lit(1))));
        Dataset<Row> dimensions =
                corrupt.where(size(col("dimensions")).gt(0)).select(col(RULES), explode(col("dimensions")));
        Map<String, Map<String, Long>> values = counts(dimensions
                .groupBy(
                        col(RULES),
                        org.apache
                                .spark
                                .sql
                                .functions
                                .concat_ws("=", col("key"), col("value"))
                                .alias("value"))
                .agg(count(lit(1))));
        List<Incident> incidents = new ArrayList<>();
        for (Row group : groups) {
            String rules = group.getString(0);
            incidents.add(new Incident(
                    "",
                    dataset,
                    List.of(rules.split(SEPARATOR, -1)),
                    group.getLong(1),
                    fields.getOrDefault(rules, Map.of()),
                    group.<Instant>getAs(2),
                    group.<Instant>getAs(3),
                    signature(dataset, values.getOrDefault(rules, Map.of()), group.getLong(1)),
                    kinds.getOrDefault(rules, Map.of()),
                    group.getLong(4),
                    ""));
        }
        return incidents;
    }

    /** Indexes and keys of elements do not count: {@code lines[7].amount} is {@code lines[].amount}. */
    private static Column functionsPath(Column path) {
        return org.apache.spark.sql.functions.regexp_replace(path, lit("\\[[^\\]]*\\]"), lit("[]"));
    }

    private static Map<String, Map<String, Long>> counts(Dataset<Row> grouped) {
        Map<String, Map<String, Long>> counts = new HashMap<>();
        grouped.orderBy(col("count(1)").desc(), col("value"))
                .limit(10_000)
                .collectAsList()
                .forEach(row -> counts.computeIfAbsent(row.getString(0), rules -> new LinkedHashMap<>())
                        .put(row.getString(1), row.getLong(2)));
        return counts;
    }

    private Map<String, String> signature(String dataset, Map<String, Long> values, long records) {
        Map<String, String> signature = new LinkedHashMap<>();
        values.forEach((value, count) -> {
            if (count >= TELLING_SHARE * records) {
                int at = value.indexOf('=');
                signature.put(value.substring(0, at), shown(dataset, value.substring(0, at), value.substring(at + 1)));
            }
        });
        return signature;
    }

    private String shown(String dataset, String dimension, String value) {
        Masks mask = masks.get(dataset);
        return mask == null
                ? value
                : mask.masked(FieldPath.valueOf(dimension), JsonNodeFactory.instance.textNode(value))
                        .asText();
    }

    private static Incident named(String id, Incident incident) {
        StringBuilder sentence = new StringBuilder();
        sentence.append(incident.records() == 1 ? "1 record of " : incident.records() + " records of ")
                .append(incident.dataset())
                .append(incident.records() == 1 ? " breaks " : " break ")
                .append(String.join(" and ", incident.rules()));
        if (incident.from() != null && incident.to() != null) {
            sentence.append(", written between ")
                    .append(incident.from())
                    .append(" and ")
                    .append(incident.to());
        }
        if (!incident.signature().isEmpty()) {
            sentence.append("; at least %d %% with ".formatted(Math.round(100 * TELLING_SHARE)));
            sentence.append(String.join(
                    " and ",
                    incident.signature().entrySet().stream()
                            .map(entry -> entry.getKey() + " " + entry.getValue())
                            .toList()));
        }
        if (!incident.fields().isEmpty()) {
            Map.Entry<String, Long> first =
                    incident.fields().entrySet().iterator().next();
            sentence.append("; ").append(first.getKey()).append(" differs in ").append(first.getValue());
        }
        return new Incident(
                id,
                incident.dataset(),
                incident.rules(),
                incident.records(),
                incident.fields(),
                incident.from(),
                incident.to(),
                incident.signature(),
                incident.patterns(),
                incident.unrecoverable(),
                sentence.append('.').toString());
    }
}
