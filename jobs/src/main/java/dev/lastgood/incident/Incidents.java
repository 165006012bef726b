package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Records;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.path.FieldPath;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Explains the corrupt records of an audit: which have one probable cause, what is telling of them, when they were written,
 * how they changed, and which other records changed the same way and break no rule.
 */
public final class Incidents {
    /** The number of a record's incident within its dataset. */
    static final String NUMBER = "_number";

    private final SparkSession session;
    private final Map<String, DatasetSpec> datasets;
    private final Reach reach;
    private final OlderCaptures older;
    private final Map<String, Set<String>> reads = new HashMap<>();

    /**
     * @param live by dataset, as the rules are compiled for it
     * @param rules all of the audit
     * @param older what is asked of older captures
     */
    public Incidents(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> live,
            List<CompiledRule> rules,
            OlderCaptures older) {
        this.session = session;
        this.older = older;
        this.datasets = Map.copyOf(datasets);
        this.reach = new Reach(live, rules);
        rules.forEach(rule -> reads.put(
                rule.id(), rule.reads().stream().map(FieldPath::toString).collect(Collectors.toSet())));
    }

    /**
     * The incidents in an audit's records, the largest first.
     *
     * @param records by dataset where they lie
     * @param membersAt by dataset where its {@link Members} are to lie; nothing is written if it has no incident
     * @param workAt by name where something may lie that nobody needs afterwards
     */
    public Found of(Map<String, String> records, UnaryOperator<String> membersAt, UnaryOperator<String> workAt) {
        List<Studied> all = new ArrayList<>();
        records.forEach((dataset, location) -> all.addAll(study(dataset, Records.read(session, location), workAt)));
        all.sort(Comparator.comparingLong((Studied one) -> one.incident.records())
                .reversed()
                .thenComparing(one -> one.incident.dataset())
                .thenComparing(one -> String.join(",", one.incident.effect().rules()))
                .thenComparing(one -> one.number));
        List<Incident> numbered = new ArrayList<>();
        Map<String, Map<Integer, String>> ids = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            Studied one = all.get(i);
            String id = "i" + (i + 1);
            numbered.add(one.incident.numbered(id));
            ids.computeIfAbsent(one.incident.dataset(), dataset -> new HashMap<>())
                    .put(one.number, id);
        }
        ids.forEach((dataset, byNumber) -> {
            Dataset<Row> members = all.stream()
                    .filter(one -> one.incident.dataset().equals(dataset))
                    .findFirst()
                    .orElseThrow()
                    .members;
            write(members, byNumber, membersAt.apply(dataset));
        });
        return new Found(
                numbered,
                all.stream().flatMap(one -> one.used.stream()).collect(Collectors.toCollection(TreeSet::new)));
    }

    /**
     * What was found.
     *
     * @param incidents the largest first
     * @param snapshots ids of those that hold the last good or the first bad image of a record
     */
    public record Found(List<Incident> incidents, Set<String> snapshots) {
        public Found {
            incidents = List.copyOf(incidents);
            snapshots = Set.copyOf(snapshots);
        }
    }

    /** An incident that has no id yet, and the members of all incidents of its dataset. */
    private record Studied(int number, Incident incident, Dataset<Row> members, Set<String> used) {}

    private static void write(Dataset<Row> members, Map<Integer, String> ids, String location) {
        Column id = when(lit(false), "");
        for (Map.Entry<Integer, String> one : ids.entrySet()) {
            id = id.when(col(NUMBER).equalTo(one.getKey()), one.getValue());
        }
        members.select(
                        col(Members.RECORD),
                        col("keyTagged"),
                        col("key"),
                        id.alias("incident"),
                        col(Suspects.ROLE).alias("role"),
                        col(Suspects.REASON).alias("reason"),
                        col(Suspects.FIELDS).alias("fields"),
                        col("goodSnapshot"),
                        col("goodAt"),
                        col("badSnapshot"),
                        col("badAt"),
                        coalesce(col("marks"), array().cast("array<string>")).alias("marks"))
                .write()
                .parquet(location);
    }

    private List<Studied> study(String dataset, Dataset<Row> records, UnaryOperator<String> workAt) {
        Dataset<Row> facts = written(Facts.of(records), workAt.apply("facts/" + StoreName.segment(dataset)));
        if (facts.where(Labelling.isCorrupt()).isEmpty()) {
            return List.of();
        }
        Labelling labelling = Labelling.of(facts);
        Dataset<Row> labelled = labelling.labelled(facts);
        boolean discovered = spec(dataset).explain().isEmpty();
        Contingency table = Tables.of(labelled, discovered);
        // What people have declared to be telling is, whatever rules read.
        Map<String, Set<String>> read = discovered ? reads : Map.of();
        List<Cause> first = Causes.in(table, read);
        if (first.isEmpty()) {
            return List.of();
        }
        Dataset<Row> assigned = labelled.withColumn(NUMBER, number(first));
        Counted counted = Counted.of(assigned, labelling, first);
        List<Cause> causes = refined(first, counted, table, assigned, read);
        Map<Label, Long> sizes = Causes.sizes(table);
        List<Signature> signatures = new ArrayList<>();
        for (int i = 0; i < causes.size(); i++) {
            signatures.add(Signature.of(causes.get(i), sizes, counted.damaged(i), counted.window(i)));
        }
        Returned returned = Returned.among(
                session,
                spec(dataset),
                assigned,
                records,
                unclear(signatures),
                () -> older.beforeBaseline(spec(dataset), Returned.CAPTURES),
                (name, rows) -> written(rows, workAt.apply(name + "/" + StoreName.segment(dataset))));
        for (int i = 0; i < causes.size(); i++) {
            signatures.set(
                    i, signatures.get(i).returning(new TreeSet<>(returned.of(i).keySet())));
        }
        Suspects suspects = Suspects.among(returned.records(), signatures, causes);
        Dataset<Row> members = written(suspects.members(), workAt.apply("members/" + StoreName.segment(dataset)));
        Map<Integer, String> damaged = new TreeMap<>();
        for (int i = 0; i < signatures.size(); i++) {
            String path = signatures.get(i).path();
            if (path != null) {
                damaged.put(i, path);
            }
        }
        Map<Integer, List<Incident.Affected>> affected = reach.of(dataset, records, members, damaged);
        LookedUp lookedUp = LookedUp.of(session, spec(dataset), older, records, members);
        List<Studied> studied = new ArrayList<>();
        for (int i = 0; i < causes.size(); i++) {
            Incident incident = new Teller(spec(dataset), table)
                    .incident(causes.get(i), signatures.get(i), suspects.of(i), counted.of(i), returned.of(i))
                    .affecting(affected.getOrDefault(i, List.of()));
            studied.add(new Studied(i, lookedUp.telling(i, incident), lookedUp.members(), lookedUp.used()));
        }
        return studied;
    }

    /** The causes that one knows who is behind, and not how records change, with what their records were written like. */
    private static Map<Integer, Column> unclear(List<Signature> signatures) {
        Map<Integer, Column> unclear = new TreeMap<>();
        for (int i = 0; i < Math.min(Suspects.MOST_ASKED, signatures.size()); i++) {
            Signature one = signatures.get(i);
            if (!one.values().isEmpty() && !one.isTelling() && !one.added()) {
                unclear.put(i, one.inside());
            }
        }
        return unclear;
    }

    /**
     * A record that was written to since tells of who did that. So each cause is explained once more by its records inside the
     * window, and told by more values if those tell more.
     */
    private static List<Cause> refined(
            List<Cause> causes,
            Counted counted,
            Contingency table,
            Dataset<Row> assigned,
            Map<String, Set<String>> reads) {
        Column label = lit("");
        for (int i = 0; i < causes.size(); i++) {
            Window window = counted.window(i);
            if (window != null && causes.get(i).isExplained()) {
                Column inside =
                        col(NUMBER).equalTo(i).and(col("changedAt").between(lit(window.from()), lit(window.to())));
                label = when(inside, String.valueOf(i)).otherwise(label);
            }
        }
        Dataset<Row> others = assigned.where(col(NUMBER).isNull().or(label.notEqual("")));
        Contingency inside = Tables.like(table, others.withColumn(Labelling.LABEL, label));
        List<Cause> refined = new ArrayList<>();
        for (int i = 0; i < causes.size(); i++) {
            Cause cause = causes.get(i);
            String number = String.valueOf(i);
            Label largest = cause.parts().get(0).label();
            List<Explanation> better = Explainer.explain(inside.where(cell -> cell.isCorrupt()
                            ? cell.label().equals(number)
                            : cell.change().equals(largest.change()))
                    .without(Causes.noCauses(largest, reads)));
            boolean isNarrower = !better.isEmpty()
                    && better.get(0)
                            .values()
                            .entrySet()
                            .containsAll(cause.values().entrySet());
            refined.add(cause.isExplained() && isNarrower ? cause.explained(better) : cause);
        }
        return refined;
    }

    private Dataset<Row> written(Dataset<Row> rows, String location) {
        rows.write().parquet(location);
        return session.read().schema(rows.schema()).parquet(ReadPaths.literal(location));
    }

    private DatasetSpec spec(String dataset) {
        return Optional.ofNullable(datasets.get(dataset)).orElseThrow();
    }

    /** The first part a corrupt record fits, in the order in which they were found; parts that ask for values come first. */
    private static Column number(List<Cause> causes) {
        Map<Cause.Part, Integer> numbers = new HashMap<>();
        for (int i = 0; i < causes.size(); i++) {
            for (Cause.Part part : causes.get(i).parts()) {
                numbers.put(part, i);
            }
        }
        List<Cause.Part> parts = numbers.keySet().stream()
                .sorted(Comparator.comparing((Cause.Part part) -> part.values().isEmpty())
                        .thenComparing(Cause.Part::found))
                .toList();
        Column number = when(lit(false), -1);
        for (Cause.Part part : parts) {
            Column in = col(Labelling.LABEL).equalTo(part.label().text());
            number = number.when(in.and(Signature.has(part.values())), numbers.get(part));
        }
        return number;
    }
}
