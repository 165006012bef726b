package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.CONTENT_1;
import static dev.lastgood.diff.Fingerprint.CONTENT_2;
import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static dev.lastgood.judge.CompiledRule.AFTER;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.Share;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What the records of one moment give to relations. */
interface Shares {
    /** A share's key. */
    String TOGETHER = "_g";

    /** The share of a rule on which a row stands: the first of the rules asked for, the second, and so on. */
    static String value(int rule) {
        return "_v" + rule;
    }

    /** A share of a rule, by its number. */
    record Of(CompiledRule rule, int number) {
        Share share() {
            return rule.related().shares().get(number);
        }
    }

    /**
     * A row a record: {@link Fingerprint#KEY_HASH}, {@link Fingerprint#KEY}, {@link Fingerprint#CONTENT_1} and
     * {@link Fingerprint#CONTENT_2}, {@link #TOGETHER} if there is such a key, and a {@link #value(int)} for each of the
     * shares, which are alike.
     */
    Dataset<Row> rows(List<Of> shares);

    /** The column that tells whether a rule says so: the first of those asked for, the second, and so on. */
    static String said(int rule) {
        return "_is" + rule;
    }

    /** A row a record of the rules' dataset: its keys, and for each rule whether that is its code. */
    Dataset<Row> said(List<CompiledRule> rules, Code code);

    /** The typed views of all records by dataset, for queries. */
    Map<String, Dataset<Row>> views();

    default Dataset<Row> rows(CompiledRule rule, int number) {
        return rows(List.of(new Of(rule, number)));
    }

    /** By what elements of a record are brought together, where it is not by {@link #TOGETHER}: kept apart as that is. */
    default Column apart(Column together) {
        return together;
    }

    /** Whether records with these keys may meet at all. */
    default Column mayMeet(Column key, Column other) {
        return lit(true);
    }

    /** The field of a key that says of which moment its record is, and the one that holds the key itself. */
    String MOMENT = "_lastgood_moment";

    String OF_RECORD = "key";

    /** The field of what brings records together that is without the moment. */
    String OF_KEY = "of";

    /**
     * Shares of the records of many moments, of which those of one never meet those of another: keys and what brings records
     * together hold the moment as well. There are no {@link #views()} of them.
     *
     * @param frames with the number of the moment in a column {@link #MOMENT} more than their shape has
     */
    static Shares ofMoments(Map<String, DatasetSpec> datasets, Map<String, Frame> frames) {
        Shares records = of(datasets, frames, col(MOMENT));
        return new Shares() {
            @Override
            public Dataset<Row> rows(List<Of> shares) {
                Dataset<Row> rows = records.rows(shares);
                return shares.get(0).share().key() == null ? rows : rows.withColumn(TOGETHER, apart(col(TOGETHER)));
            }

            @Override
            public Dataset<Row> said(List<CompiledRule> rules, Code code) {
                return records.said(rules, code);
            }

            @Override
            public Map<String, Dataset<Row>> views() {
                throw new IllegalStateException("a query sees one moment");
            }

            @Override
            public Column apart(Column together) {
                Column moment = col(KEY).getField(MOMENT);
                return when(together.isNotNull(), struct(moment.alias(MOMENT), together.alias(OF_KEY)));
            }

            @Override
            public Column mayMeet(Column key, Column other) {
                return key.getField(MOMENT).equalTo(other.getField(MOMENT));
            }
        };
    }

    /**
     * The shares of those records only that are brought together by one of these.
     *
     * @param groups a column of what shares that are asked for have as {@link #TOGETHER}
     */
    static Shares within(Shares all, Dataset<Row> groups) {
        String group = groups.columns()[0];
        return new Shares() {
            @Override
            public Dataset<Row> rows(List<Of> shares) {
                Dataset<Row> rows = all.rows(shares);
                return rows.join(groups, rows.col(TOGETHER).equalTo(groups.col(group)), "left_semi");
            }

            @Override
            public Dataset<Row> said(List<CompiledRule> rules, Code code) {
                return all.said(rules, code);
            }

            @Override
            public Map<String, Dataset<Row>> views() {
                return all.views();
            }
        };
    }

    /** Shares that are computed from the records themselves. */
    static Shares of(Map<String, DatasetSpec> datasets, Map<String, Frame> frames) {
        return of(datasets, frames, new Column[0]);
    }

    /** @param moment the column that becomes a part of the key; or none */
    private static Shares of(Map<String, DatasetSpec> datasets, Map<String, Frame> frames, Column... moment) {
        return new Shares() {
            @Override
            public Dataset<Row> rows(List<Of> shares) {
                String dataset = shares.get(0).share().dataset();
                List<Column> columns =
                        new ArrayList<>(List.of(col(KEY_HASH), col(KEY), col(CONTENT_1), col(CONTENT_2)));
                Optional.ofNullable(shares.get(0).share().key()).ifPresent(key -> columns.add(key.alias(TOGETHER)));
                IntStream.range(0, shares.size())
                        .forEach(i -> columns.add(shares.get(i).share().value().alias(Shares.value(i))));
                return viewed(dataset).select(columns.toArray(Column[]::new));
            }

            @Override
            public Dataset<Row> said(List<CompiledRule> rules, Code code) {
                List<Column> columns = new ArrayList<>(List.of(col(KEY_HASH), col(KEY)));
                for (int i = 0; i < rules.size(); i++) {
                    columns.add(rules.get(i).after().equalTo(code.number()).alias(Shares.said(i)));
                }
                return viewed(rules.get(0).rule().dataset()).select(columns.toArray(Column[]::new));
            }

            private Dataset<Row> viewed(String dataset) {
                Frame frame = frame(dataset);
                Column key = moment.length == 0
                        ? col(KEY)
                        : struct(moment[0].alias(MOMENT), col(KEY).alias(OF_RECORD))
                                .alias(KEY);
                return Fingerprint.hashed(spec(dataset), frame, moment)
                        .select(
                                col(KEY_HASH),
                                key,
                                col(CONTENT_1),
                                col(CONTENT_2),
                                frame.shape().view("").alias(AFTER));
            }

            @Override
            public Map<String, Dataset<Row>> views() {
                Map<String, Dataset<Row>> views = new java.util.LinkedHashMap<>();
                frames.forEach((dataset, frame) -> views.put(dataset, view(frame)));
                return views;
            }

            private Frame frame(String dataset) {
                Frame frame = frames.get(dataset);
                if (frame == null) {
                    throw new IllegalStateException("there are no records of dataset '%s'".formatted(dataset));
                }
                return frame;
            }

            private DatasetSpec spec(String dataset) {
                return Optional.ofNullable(datasets.get(dataset)).orElseThrow();
            }
        };
    }

    /** The records as rules see them, a column a field. */
    static Dataset<Row> view(Frame frame) {
        return frame.records().select(frame.shape().view("").alias(AFTER)).select(AFTER + ".*");
    }

    /** No record of a share that does not take part. */
    static Column takesPart() {
        return col(value(0)).isNotNull();
    }

    /** Nothing known of an element, or of a detail. */
    static Column nothing(String type) {
        return lit(null).cast(type);
    }
}
