package dev.lastgood.suggest;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.path.FieldPath;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Which fields tell the records of a dataset apart: proven by counting all of them. Fields are tried alone, then two and
 * three together, the fewest that do; an estimate only decides what is not worth trying.
 */
public final class KeyAdvisor {
    private static final int MOST_FIELDS = 3;
    /** More combinations of a dataset are not tried. */
    private static final int MOST_TRIED = 60;
    /** An estimate is never wrong by so much. */
    private static final double SLACK = 2;

    private KeyAdvisor() {}

    /**
     * Fields of which no two records have the same values; NULL is the same as NULL.
     *
     * @param nulls records that lack a value of one of them, which a key should not
     */
    public record Proven(List<FieldPath> fields, long nulls) {
        public Proven {
            fields = List.copyOf(fields);
        }
    }

    /**
     * What is known of a dataset.
     *
     * @param keys those without nulls first; none of them has another among its fields
     * @param untried combinations that were too many
     */
    public record Advice(long records, List<Proven> keys, long untried) {
        public Advice {
            keys = List.copyOf(keys);
        }
    }

    /** Puts records where they can be read several times without asking their source again. */
    public interface Kept {
        Dataset<Row> kept(Dataset<Row> rows);
    }

    private record Candidate(String name, long nulls, long distinct) {}

    /** Reads the frame once. */
    public static Advice of(Frame frame, Kept kept) {
        List<String> names = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (StructField field : frame.shape().view().fields()) {
            if (mayBeOfAKey(field.dataType())) {
                columns.add(col("_record." + Shape.quoted(field.name())).alias("_" + names.size()));
                names.add(field.name());
            }
        }
        columns.add(lit(1).alias("_one"));
        Dataset<Row> rows = kept.kept(
                frame.records().select(frame.shape().view("").alias("_record")).select(columns.toArray(Column[]::new)));
        List<Column> counts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            counts.add(count_if(col("_" + i).isNull()));
            counts.add(approx_count_distinct(col("_" + i)));
        }
        Row counted = rows.agg(count(lit(1)), counts.toArray(Column[]::new)).head();
        long records = counted.getLong(0);
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            candidates.add(new Candidate("_" + i, counted.getLong(1 + 2 * i), counted.getLong(2 + 2 * i)));
        }
        return records == 0 ? new Advice(0, List.of(), 0) : proven(rows, records, candidates, names);
    }

    private static boolean mayBeOfAKey(DataType type) {
        return !(type instanceof BooleanType)
                && (type instanceof IntegralType
                        || type instanceof StringType
                        || type instanceof DecimalType
                        || type instanceof DateType
                        || type instanceof TimestampType
                        || type instanceof TimestampNTZType);
    }

    private static Advice proven(Dataset<Row> rows, long records, List<Candidate> candidates, List<String> names) {
        List<List<Candidate>> keys = new ArrayList<>();
        int tried = 0;
        long untried = 0;
        for (int size = 1; size <= MOST_FIELDS && keys.stream().noneMatch(key -> nulls(key) == 0); size++) {
            List<List<Candidate>> possible = new ArrayList<>(combinations(candidates, size).stream()
                    .filter(some -> keys.stream().noneMatch(some::containsAll) && mayTellApart(some, records))
                    .toList());
            possible.sort(Comparator.comparingLong(KeyAdvisor::nulls));
            for (List<Candidate> some : possible) {
                if (tried == MOST_TRIED) {
                    untried++;
                    continue;
                }
                tried++;
                if (tellsApart(rows, some)) {
                    keys.add(some);
                }
            }
        }
        List<Proven> all = new ArrayList<>();
        for (List<Candidate> key : keys) {
            List<FieldPath> fields = key.stream()
                    .map(one ->
                            FieldPath.of(names.get(Integer.parseInt(one.name().substring(1)))))
                    .toList();
            Column isNull = key.stream()
                    .map(one -> col(one.name()).isNull())
                    .reduce(Column::or)
                    .orElseThrow();
            all.add(new Proven(fields, nulls(key) == 0 ? 0 : rows.where(isNull).count()));
        }
        all.sort(Comparator.comparing((Proven key) -> key.nulls() > 0));
        return new Advice(records, all, untried);
    }

    private static long nulls(List<Candidate> some) {
        return some.stream().mapToLong(Candidate::nulls).sum();
    }

    /** Whether there may be as many combinations of their values as there are records. */
    private static boolean mayTellApart(List<Candidate> some, long records) {
        double most = 1;
        for (Candidate one : some) {
            most *= one.distinct() * SLACK + 1;
        }
        return most >= records;
    }

    private static boolean tellsApart(Dataset<Row> rows, List<Candidate> some) {
        return rows.groupBy(some.stream().map(one -> col(one.name())).toArray(Column[]::new))
                .agg(count(lit(1)).alias("_copies"))
                .where(col("_copies").gt(1))
                .isEmpty();
    }

    private static List<List<Candidate>> combinations(List<Candidate> of, int size) {
        if (size == 0) {
            return List.of(List.of());
        }
        List<List<Candidate>> all = new ArrayList<>();
        for (int i = 0; i < of.size(); i++) {
            for (List<Candidate> rest : combinations(of.subList(i + 1, of.size()), size - 1)) {
                List<Candidate> one = new ArrayList<>(List.of(of.get(i)));
                one.addAll(rest);
                all.add(one);
            }
        }
        return all;
    }
}
