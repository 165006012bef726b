package dev.lastgood.init;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.bool_and;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.source.Frame;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.jspecify.annotations.Nullable;

/**
 * What files tell that no one declares: a field that is there in every record and never twice, and what the cells of CSV
 * hold. One pass over all records, and one more for each of at most three fields that may be the key.
 */
public final class Learner {
    private static final int MOST_FIELDS = 60;
    private static final int MOST_TRIED = 3;

    /** An estimate of distinct values may be so much below the truth. */
    private static final double NEARLY = 0.9;

    /** In one record every field is different from all others. */
    private static final int LEAST_RECORDS = 2;

    private static final int MOST_DIGITS = 18;

    private static final String WHOLE = "-?(0|[1-9][0-9]{0,17})";
    private static final String DECIMAL = "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?";
    private static final String DATE = "[0-9]{4}-[01][0-9]-[0-3][0-9]";

    private Learner() {}

    /** The candidate with what its records tell. */
    public static Candidate learned(Candidate candidate, Frame frame) {
        List<String> fields = new ArrayList<>();
        List<FieldNames.Column> columns = new ArrayList<>();
        for (var field : frame.shape().view().fields()) {
            if (isKeyLike(field.dataType()) && fields.size() < MOST_FIELDS) {
                fields.add(field.name());
            }
            boolean whole = field.dataType().equals(DataTypes.LongType)
                    || field.dataType().equals(DataTypes.IntegerType);
            boolean time = field.dataType().equals(DataTypes.TimestampType)
                    || field.dataType().equals(DataTypes.StringType);
            boolean text = field.dataType().equals(DataTypes.StringType);
            columns.add(new FieldNames.Column(field.name(), whole || text, time));
        }
        boolean csv = "csv".equals(candidate.place().get("format"));
        Dataset<Row> values = frame.records()
                .select(fields.stream()
                        .map(name -> frame.shape().field("", name).alias("f" + fields.indexOf(name)))
                        .toArray(Column[]::new));
        Row row = fields.isEmpty()
                ? null
                : values.agg(count(lit(1)).alias("records"), measures(fields, csv))
                        .first();
        long records = row == null ? 0 : row.getLong(0);
        Map<String, String> schema = row == null || !csv ? Map.of() : schema(fields, row);
        List<String> key = row == null || records < LEAST_RECORDS
                ? List.of()
                : key(candidate.name(), fields, row, records, values);
        String why = records < LEAST_RECORDS
                ? "%s tells no key: name what tells records apart"
                        .formatted(records == 0 ? "no record" : "one record alone")
                : key.isEmpty()
                        ? "no field alone is there and different in all %,d records: name those that tell them apart"
                                .formatted(records)
                        : "there, and different, in all %,d records".formatted(records);
        Candidate named = new Candidate(
                candidate.name(),
                candidate.place(),
                List.of(),
                "",
                Map.of(),
                whole(FieldNames.version(columns), schema, csv),
                FieldNames.changedAt(columns),
                FieldNames.personal(columns));
        return named.with(key, why, schema);
    }

    private static @Nullable String whole(@Nullable String version, Map<String, String> schema, boolean csv) {
        return version != null && csv && !"bigint".equals(schema.get(version)) ? null : version;
    }

    private static boolean isKeyLike(DataType type) {
        return type.equals(DataTypes.StringType)
                || type.equals(DataTypes.LongType)
                || type.equals(DataTypes.IntegerType)
                || type.equals(DataTypes.DateType)
                || type instanceof DecimalType;
    }

    private static Column[] measures(List<String> fields, boolean csv) {
        List<Column> measures = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            Column field = col("f" + i);
            measures.add(count(field).alias("n" + i));
            measures.add(approx_count_distinct(field).alias("d" + i));
            if (csv) {
                measures.add(all(field, like(field, WHOLE)).alias("w" + i));
                measures.add(all(field, like(field, DECIMAL)).alias("c" + i));
                measures.add(all(
                                field,
                                like(field, DATE)
                                        .and(field.try_cast(DataTypes.DateType).isNotNull()))
                        .alias("t" + i));
                measures.add(
                        max(length(regexp_extract(field, "\\.([0-9]*)", 1))).alias("s" + i));
            }
        }
        return measures.toArray(Column[]::new);
    }

    /** Whether it is so of all values there are; null if there is none. */
    private static Column all(Column field, Column isSo) {
        return bool_and(when(field.isNotNull(), coalesce(isSo, lit(false))));
    }

    private static Column like(Column field, String pattern) {
        return field.rlike("^(" + pattern + ")$");
    }

    private static Map<String, String> schema(List<String> fields, Row row) {
        Map<String, String> schema = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            if (is(row, "w" + i)) {
                schema.put(fields.get(i), "bigint");
            } else if (is(row, "c" + i)) {
                int scale = row.getInt(row.fieldIndex("s" + i));
                schema.put(fields.get(i), "decimal(%d,%d)".formatted(MOST_DIGITS + scale, scale));
            } else if (is(row, "t" + i)) {
                schema.put(fields.get(i), "date");
            }
        }
        return schema;
    }

    private static boolean is(Row row, String measure) {
        int at = row.fieldIndex(measure);
        return !row.isNullAt(at) && row.getBoolean(at);
    }

    private static List<String> key(String dataset, List<String> fields, Row row, long records, Dataset<Row> values) {
        List<Integer> possible = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            if (row.getLong(row.fieldIndex("n" + i)) == records
                    && row.getLong(row.fieldIndex("d" + i)) >= NEARLY * records) {
                possible.add(i);
            }
        }
        possible.sort(Comparator.comparingInt((Integer i) -> FieldNames.rank(fields.get(i), dataset))
                .thenComparing(Comparator.naturalOrder()));
        for (int i : possible.subList(0, Math.min(possible.size(), MOST_TRIED))) {
            boolean twice = !values.groupBy(col("f" + i))
                    .agg(count(lit(1)).alias("times"))
                    .where(col("times").gt(1))
                    .limit(1)
                    .isEmpty();
            if (!twice) {
                return List.of(FieldPath.of(fields.get(i)).toString());
            }
        }
        return List.of();
    }
}
