package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Examiner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The records that match the signature of an incident and break no rule: a bug also writes wrong values that none forbids. */
final class Suspects {
    static final String ROLE = "_role";
    static final String REASON = "_reason";

    /** What makes it a suspect, as {@link Signature#suspectedIn}. */
    static final String FIELDS = "_suspectedIn";

    /** Incidents that are asked for suspects, the largest. */
    static final int MOST_ASKED = 30;

    /** A field that so few corrupt records change, and so many others that match, is of other work. */
    private static final double HARDLY_EVER = 0.1;

    private static final double OFTEN = 0.5;

    private final Dataset<Row> assigned;
    private final List<Signature> signatures;
    private final Map<Integer, Long> found;

    private Suspects(Dataset<Row> assigned, List<Signature> signatures, Map<Integer, Long> found) {
        this.assigned = assigned;
        this.signatures = List.copyOf(signatures);
        this.found = Map.copyOf(found);
    }

    /** @param assigned records with their label, and those of an incident with its number */
    static Suspects among(Dataset<Row> assigned, List<Signature> signatures, List<Cause> causes) {
        Set<Integer> usable = new TreeSet<>();
        for (int i = 0; i < Math.min(MOST_ASKED, signatures.size()); i++) {
            if (signatures.get(i).isUsable()) {
                usable.add(i);
            }
        }
        if (usable.isEmpty()) {
            return new Suspects(assigned, signatures, Map.of());
        }
        List<Signature> learned = learned(assigned, signatures, usable);
        Map<Integer, Fields> fields = fields(assigned, learned, usable);
        for (int number : usable) {
            Fields of = fields.getOrDefault(number, new Fields());
            SortedSet<String> others = of.others();
            learned.set(number, learned.get(number).leaving(others));
        }
        Map<Integer, Long> usual = counted(assigned, suspected(learned, usable, Signature::usual));
        for (int number : usable) {
            long corrupt = causes.get(number).records();
            double share = (double) corrupt / (corrupt + usual.getOrDefault(number, 0L));
            if (share < learned.get(number).leastShare()) {
                learned.set(number, learned.get(number).unbelieved());
            }
        }
        boolean isOther = usable.stream()
                .map(number -> learned.get(number).learned())
                .anyMatch(one -> !one.believed() || !one.returning().isEmpty());
        Map<Integer, Long> found = isOther ? counted(assigned, suspected(learned, usable, Signature::matches)) : usual;
        return new Suspects(assigned, learned, found);
    }

    /** How many suspects the incident has. */
    long of(int number) {
        return found.getOrDefault(number, 0L);
    }

    /** Corrupt records and suspects, with the number of their incident, their role and the reason. */
    Dataset<Row> members() {
        Column reason = lit(null).cast("string");
        Column fields = lit(null).cast("array<string>");
        for (int number : found.keySet()) {
            Column own = col(Incidents.NUMBER).equalTo(number);
            reason = when(own, signatures.get(number).reason()).otherwise(reason);
            fields = when(own, signatures.get(number).suspectedIn()).otherwise(fields);
        }
        Column isCorrupt = col(Labelling.LABEL).notEqual("");
        Column number = when(isCorrupt, col(Incidents.NUMBER))
                .otherwise(suspected(signatures, found.keySet(), Signature::matches));
        return assigned.withColumn(ROLE, when(isCorrupt, Members.CORRUPT).otherwise(Members.SUSPECT))
                .withColumn(Incidents.NUMBER, number)
                .where(col(Incidents.NUMBER).isNotNull())
                .withColumn(REASON, when(col(ROLE).equalTo(Members.SUSPECT), reason))
                .withColumn(FIELDS, when(col(ROLE).equalTo(Members.SUSPECT), fields));
    }

    private static Map<Integer, Long> counted(Dataset<Row> assigned, Column suspected) {
        Map<Integer, Long> counted = new HashMap<>();
        assigned.select(suspected.alias(Incidents.NUMBER))
                .where(col(Incidents.NUMBER).isNotNull())
                .groupBy(Incidents.NUMBER)
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> counted.put(row.getInt(0), row.getLong(1)));
        return counted;
    }

    /** The first of the signatures a record without fault matches. */
    private static Column suspected(
            List<Signature> signatures, Set<Integer> wanted, Function<Signature, Column> matches) {
        Column number = lit(null).cast("int");
        for (int i = signatures.size() - 1; i >= 0; i--) {
            if (wanted.contains(i)) {
                number = when(matches.apply(signatures.get(i)), i).otherwise(number);
            }
        }
        return when(col(Labelling.LABEL).equalTo(""), number);
    }

    private static List<Signature> learned(Dataset<Row> assigned, List<Signature> signatures, Set<Integer> usable) {
        List<Column> counts = new ArrayList<>();
        Column isFine = col(Labelling.LABEL).equalTo("");
        Column isChanged = col("change").equalTo(Examiner.Change.CHANGED.text());
        for (int number : usable) {
            Signature one = signatures.get(number);
            Column inside = isChanged.and(one.inside()).and(one.changesField());
            counts.add(count_if(isFine.and(one.changedLikeIt()).and(one.byOthers())));
            counts.add(count_if(inside));
            // Changed somehow is like it only where nothing more is known.
            Column isWrong = not(isFine);
            counts.add(count_if(inside.and(one.patterns().isEmpty() ? isWrong : isWrong.or(one.changedLikeIt()))));
        }
        Row row = assigned.agg(lit(0).alias("_"), counts.toArray(Column[]::new)).head();
        List<Signature> learned = new ArrayList<>(signatures);
        int at = 1;
        for (int number : usable) {
            learned.set(
                    number, signatures.get(number).counting(row.getLong(at), row.getLong(at + 1), row.getLong(at + 2)));
            at += 3;
        }
        return learned;
    }

    /** Fields that changed, by how many corrupt records and how many suspects. */
    private static final class Fields {
        private final Map<String, Long> corrupt = new HashMap<>();
        private final Map<String, Long> suspects = new HashMap<>();

        /** Fields that tell other work from the bug's. The empty path stands for all records. */
        SortedSet<String> others() {
            SortedSet<String> others = new TreeSet<>();
            double allCorrupt = corrupt.getOrDefault("", 0L);
            double all = suspects.getOrDefault("", 0L);
            suspects.forEach((path, records) -> {
                if (records >= OFTEN * all && corrupt.getOrDefault(path, 0L) <= HARDLY_EVER * allCorrupt) {
                    others.add(path);
                }
            });
            return others;
        }
    }

    private static Map<Integer, Fields> fields(Dataset<Row> assigned, List<Signature> signatures, Set<Integer> usable) {
        Column paths = concat(array(lit("")), col(Facts.PATHS));
        Column isCorrupt = col(Labelling.LABEL).notEqual("");
        Column isChanged = col("change").equalTo(Examiner.Change.CHANGED.text());
        Map<Integer, Fields> fields = new HashMap<>();
        assigned.where(isChanged)
                .select(
                        when(isCorrupt, col(Incidents.NUMBER))
                                .otherwise(suspected(signatures, usable, Signature::usual))
                                .alias("number"),
                        isCorrupt.alias("corrupt"),
                        explode(paths).alias("path"))
                .where(col("number").isNotNull())
                .groupBy("number", "corrupt", "path")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> {
                    Fields of = fields.computeIfAbsent(row.getInt(0), number -> new Fields());
                    (row.getBoolean(1) ? of.corrupt : of.suspects).put(row.getString(2), row.getLong(3));
                });
        return fields;
    }
}
