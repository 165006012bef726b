package dev.lastgood.incident;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.Share;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.rule.Constraint;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The records in reach of an incident's: those that rules join with them, by a reference in either direction, by a sum or by
 * a copied value. They may have been read, derived or copied from damaged ones; nothing says that they were.
 */
final class Reach {
    private static final String NUMBER = Incidents.NUMBER;
    private static final String TOGETHER = "_together";

    /** Whether a record is there: what one that is gone held was right. */
    private static final String LIVE = "_live";

    private final Map<String, Frame> live;
    private final List<CompiledRule> rules;

    /**
     * @param live by dataset, as the rules are compiled for it
     * @param rules all of the audit
     */
    Reach(Map<String, Frame> live, List<CompiledRule> rules) {
        this.live = Map.copyOf(live);
        this.rules = rules.stream()
                .filter(rule -> rule.kind() == CompiledRule.Kind.RELATION)
                .toList();
    }

    /**
     * What is in reach, by incident. Reads of the other datasets only the fields that join, and only if there is such a rule.
     *
     * @param records of the audit
     * @param members those of an incident, with its number
     * @param damaged by incident the field in which the damage is seen, as far as there is one
     */
    Map<Integer, List<Incident.Affected>> of(
            String dataset, Dataset<Row> records, Dataset<Row> members, Map<Integer, String> damaged) {
        Map<Integer, List<Incident.Affected>> found = new HashMap<>();
        Frame own = live.get(dataset);
        boolean isJoined = rules.stream()
                .flatMap(rule -> rule.related().shares().stream())
                .anyMatch(share -> share.dataset().equals(dataset) && share.key() != null);
        if (own == null || !isJoined) {
            return found;
        }
        Dataset<Row> images = records.join(
                members.select(col(Members.RECORD).alias("_member"), col(NUMBER)),
                Members.record().equalTo(col("_member")));
        Dataset<Row> mine = viewed(own.shape(), images);
        for (CompiledRule rule : rules) {
            List<Share> shares = rule.related().shares();
            for (int i = 0; i < shares.size(); i++) {
                if (shares.get(i).dataset().equals(dataset)) {
                    String how = how(rule.rule().constraint(), i);
                    for (Share other : others(shares, i)) {
                        Map<Integer, Long> counted = counts(mine, shares.get(i).key(), other);
                        Map<Integer, String> copied = copied(own, live.get(other.dataset()), damaged);
                        copied.keySet().retainAll(counted.keySet());
                        // What brings two records together is the same in both.
                        String joins = shares.get(i).alike() + " " + other.alike();
                        copied.values().removeIf(name -> isIn(name, joins));
                        Map<Integer, Long> same = same(mine, shares.get(i).key(), other, own, copied);
                        counted.forEach((number, count) -> found.computeIfAbsent(number, any -> new ArrayList<>())
                                .add(new Incident.Affected(
                                        other.dataset(),
                                        rule.rule().id(),
                                        how,
                                        count,
                                        copied.containsKey(number) ? same.getOrDefault(number, 0L) : null)));
                    }
                }
            }
        }
        return found;
    }

    private static String how(Constraint constraint, int share) {
        if (constraint instanceof Constraint.Reference) {
            return share == 0 ? "referred to" : "refers to it";
        }
        return constraint instanceof Constraint.Reconcile ? "summed with it" : "joined with it";
    }

    /** A star: the others are joined with the first, and not with each other. */
    private static List<Share> others(List<Share> shares, int one) {
        return one == 0 ? shares.subList(1, shares.size()) : shares.subList(0, 1);
    }

    private Map<Integer, Long> counts(Dataset<Row> mine, @Nullable Column here, Share other) {
        Map<Integer, Long> counts = new HashMap<>();
        Frame frame = live.get(other.dataset());
        Column there = other.key();
        if (frame == null || here == null || there == null) {
            return counts;
        }
        Dataset<Row> wanted = mine.select(col(NUMBER), here.alias(TOGETHER))
                .where(col(TOGETHER).isNotNull())
                .distinct();
        Dataset<Row> others = frame.records()
                .select(frame.shape().view("").alias(AFTER))
                .select(there.alias("_other"))
                .where(col("_other").isNotNull());
        others.join(wanted, col("_other").equalTo(col(TOGETHER)))
                .groupBy(NUMBER)
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
        return counts;
    }

    /** The damaged fields that the other dataset has as well, by name. */
    private static Map<Integer, String> copied(Frame own, @Nullable Frame other, Map<Integer, String> damaged) {
        Map<Integer, String> copied = new TreeMap<>(damaged);
        copied.values()
                .removeIf(name -> other == null
                        || !isSimple(own.shape().view(), name)
                        || !isSimple(other.shape().view(), name));
        return copied;
    }

    private static boolean isIn(String name, String text) {
        return Pattern.compile("(?<![\\w$])" + Pattern.quote(name) + "(?![\\w$])")
                .matcher(text)
                .find();
    }

    private static boolean isSimple(StructType fields, String name) {
        return Arrays.asList(fields.fieldNames()).contains(name)
                && !(fields.apply(name).dataType() instanceof StructType)
                && !(fields.apply(name).dataType() instanceof ArrayType)
                && !(fields.apply(name).dataType() instanceof MapType);
    }

    /** How many of the others hold in the damaged field what the record they are joined with holds there. */
    private Map<Integer, Long> same(
            Dataset<Row> mine, @Nullable Column here, Share share, Frame own, Map<Integer, String> copied) {
        Map<Integer, Long> same = new HashMap<>();
        Frame frame = live.get(share.dataset());
        Column there = share.key();
        if (frame == null || here == null || there == null || copied.isEmpty()) {
            return same;
        }
        Column held = lit(null).cast("string");
        for (Map.Entry<Integer, String> one : copied.entrySet()) {
            held = when(col(NUMBER).equalTo(one.getKey()), text(one.getValue(), own, frame))
                    .otherwise(held);
        }
        Column field = lit(null).cast("string");
        for (Map.Entry<Integer, String> one : copied.entrySet()) {
            field = when(col(NUMBER).equalTo(one.getKey()), one.getValue()).otherwise(field);
        }
        Dataset<Row> wanted = mine.select(col(NUMBER), here.alias(TOGETHER), field.alias("_field"), held.alias("_held"))
                .where(col(LIVE)
                        .and(col(TOGETHER).isNotNull())
                        .and(col("_field").isNotNull()))
                .distinct();
        Column[] fields = copied.values().stream()
                .distinct()
                .map(name ->
                        struct(lit(name).alias("name"), text(name, own, frame).alias("text")))
                .toArray(Column[]::new);
        frame.records()
                .select(frame.shape().view("").alias(AFTER))
                .select(there.alias("_other"), explode(array(fields)).alias("_one"))
                .where(col("_other").isNotNull())
                .join(
                        wanted,
                        col("_other")
                                .equalTo(col(TOGETHER))
                                .and(col("_one.name").equalTo(col("_field")))
                                .and(col("_one.text").eqNullSafe(col("_held"))))
                .groupBy(NUMBER)
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> same.put(row.getInt(0), row.getLong(1)));
        return same;
    }

    /** A field of a record as a text that is the same on both sides: of numbers of two types, however they are written. */
    private static Column text(String name, Frame own, Frame other) {
        DataType here = own.shape().view().apply(name).dataType();
        DataType there = other.shape().view().apply(name).dataType();
        boolean isNumber = !here.equals(there) && here instanceof NumericType && there instanceof NumericType;
        Column value = col(AFTER).getField(name);
        return (isNumber ? value.cast("double") : value).cast("string");
    }

    /** The members as rules see records: as they are, and those that are gone as they were. */
    private static Dataset<Row> viewed(Shape shape, Dataset<Row> members) {
        StructType schema = new StructType()
                .add(NUMBER, DataTypes.IntegerType)
                .add(LIVE, DataTypes.BooleanType)
                .add("_record", shape.stored());
        return members.select(
                        col(NUMBER), col("afterImage").isNotNull(), coalesce(col("afterImage"), col("beforeImage")))
                .map(
                        (MapFunction<Row, Row>) row ->
                                RowFactory.create(row.getInt(0), row.getBoolean(1), shape.row(image(row.getString(2)))),
                        Encoders.row(schema))
                .select(col(NUMBER), col(LIVE), shape.view("_record").alias(AFTER));
    }

    private static Image image(String tagged) {
        try {
            return new Image((Value.Obj) JsonValues.untagged(JsonValues.MAPPER.readTree(tagged)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an audit wrote this", e);
        }
    }
}
