package dev.lastgood.incident;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.audit.Examiner;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** What older captures say of the members of a dataset's incidents. */
final class LookedUp {
    /** Records of a dataset whose past is looked up while it is audited; a plan looks up that of all it plans. */
    private static final int MOST_CORRUPT = 200_000;

    private static final int MOST_SUSPECTS = 20_000;
    private static final int MOST_CHARACTERS = 1_000;

    private static final StructType PASTS = new StructType()
            .add("_tag", DataTypes.StringType)
            .add("goodSnapshot", DataTypes.StringType)
            .add("goodAt", DataTypes.TimestampType)
            .add("badSnapshot", DataTypes.StringType)
            .add("badAt", DataTypes.TimestampType)
            .add("marks", DataTypes.createArrayType(DataTypes.StringType));

    private final Dataset<Row> members;
    private final Map<Integer, List<Past>> corrupt;
    private final Set<String> used;

    private LookedUp(Dataset<Row> members, Map<Integer, List<Past>> corrupt, Set<String> used) {
        this.members = members;
        this.corrupt = corrupt;
        this.used = used;
    }

    /** @param members with their numbers, roles and rules */
    static LookedUp of(
            SparkSession session,
            DatasetSpec dataset,
            OlderCaptures older,
            Dataset<Row> records,
            Dataset<Row> members) {
        Map<String, Pasts.Accused> accused = new LinkedHashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (Row row : some(members, Members.CORRUPT, MOST_CORRUPT)) {
            Set<String> rules = Set.of(row.getString(2).split(","));
            boolean missing = row.getString(3).equals(Examiner.Change.REMOVED.text());
            accused.put(row.getString(0), new Pasts.Accused(rules, missing));
            numbers.put(row.getString(0), row.getInt(1));
        }
        Map<String, Past> ofCorrupt = accused.isEmpty() ? Map.of() : older.corrupt(dataset, accused);
        Map<String, Past> ofSuspects = older.suspects(dataset, held(records, members));
        Map<Integer, List<Past>> byNumber = new HashMap<>();
        ofCorrupt.forEach((tag, past) -> byNumber.computeIfAbsent(numbers.get(tag), number -> new ArrayList<>())
                .add(past));
        List<Row> rows = new ArrayList<>();
        Set<String> used = new TreeSet<>();
        Stream.concat(ofCorrupt.entrySet().stream(), ofSuspects.entrySet().stream())
                .forEach(one -> {
                    rows.add(row(one.getKey(), one.getValue()));
                    Stream.of(one.getValue().good(), one.getValue().bad())
                            .flatMap(Stream::ofNullable)
                            .forEach(at -> used.add(at.snapshot()));
                });
        Dataset<Row> pasts = session.createDataFrame(rows, PASTS);
        return new LookedUp(members.join(pasts, col("keyTagged").equalTo(col("_tag")), "left"), byNumber, used);
    }

    /** What suspects hold now in the field that makes them one, the first if there are several. */
    private static Map<String, OlderCaptures.Held> held(Dataset<Row> records, Dataset<Row> members) {
        Column path = coalesce(get(col(Suspects.FIELDS), lit(0)), lit(""));
        Dataset<Row> suspects = members.where(col(Suspects.ROLE)
                        .equalTo(Members.SUSPECT)
                        .and(col("keyTagged").isNotNull()))
                .limit(MOST_SUSPECTS)
                .select(col(Members.RECORD).alias("_member"), path.alias("_path"));
        Column there = get(
                filter(
                        col("fields"),
                        field -> Facts.path(field)
                                .equalTo(col("_path"))
                                .and(length(coalesce(field.getField("after"), lit("")))
                                        .leq(MOST_CHARACTERS))),
                lit(0));
        Column isNew = col("change").equalTo(Examiner.Change.ADDED.text());
        Map<String, OlderCaptures.Held> held = new LinkedHashMap<>();
        for (Row row : records.join(suspects, Members.record().equalTo(col("_member")))
                // Of a value too long to be held nothing is said.
                .where(col("_path").equalTo("").or(there.isNotNull()).or(isNew))
                .select(col("keyTagged"), there.getField("path"), there.getField("after"))
                .collectAsList()) {
            held.put(row.getString(0), new OlderCaptures.Held(row.getString(1), row.getString(2)));
        }
        return held;
    }

    private static List<Row> some(Dataset<Row> members, String role, int most) {
        return members.where(col(Suspects.ROLE)
                        .equalTo(lit(role))
                        .and(col("keyTagged").isNotNull()))
                .select("keyTagged", Incidents.NUMBER, Facts.RULES, Facts.CHANGE)
                .limit(most)
                .collectAsList();
    }

    private static Row row(String tag, Past past) {
        Past.At good = past.good();
        Past.At bad = past.bad();
        return RowFactory.create(
                tag,
                good == null ? null : good.snapshot(),
                good == null ? null : good.at(),
                bad == null ? null : bad.snapshot(),
                bad == null ? null : bad.at(),
                past.marks().stream().map(Enum::name).sorted().toArray(String[]::new));
    }

    /** The members with what is known of their past; null where nothing is. */
    Dataset<Row> members() {
        return members;
    }

    /** The snapshots that hold an image of a member that counts. */
    Set<String> used() {
        return used;
    }

    /** The incident with what its records' pasts come to. */
    Incident telling(int number, Incident incident) {
        List<Past> pasts = corrupt.getOrDefault(number, List.of());
        if (pasts.isEmpty()) {
            return incident;
        }
        Past.At lastGood = oldest(pasts.stream().map(Past::good).flatMap(Stream::ofNullable));
        Past.At firstBad = oldest(pasts.stream().map(Past::bad).flatMap(Stream::ofNullable));
        return incident.remembering(new Incident.Older(
                capture(lastGood),
                capture(firstBad),
                count(pasts, Past.Mark.FLAPPING),
                count(pasts, Past.Mark.UNRECOVERABLE)));
    }

    private static Past.@Nullable At oldest(Stream<Past.At> all) {
        return all.min(Comparator.comparing(Past.At::at).thenComparing(Past.At::snapshot))
                .orElse(null);
    }

    private static Incident.@Nullable Capture capture(Past.@Nullable At at) {
        return at == null ? null : new Incident.Capture(at.snapshot(), at.at());
    }

    private static long count(List<Past> pasts, Past.Mark mark) {
        return pasts.stream().filter(past -> past.marks().contains(mark)).count();
    }
}
