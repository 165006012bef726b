package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Examiner;
import dev.lastgood.spark.ReadPaths;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What explaining needs to know of each changed record, without its values: a narrow table that is made in one pass over an
 * audit's records, as they are read a dozen times and are wide.
 */
final class Facts {
    private Facts() {}

    /** What tells records apart, as {@link Members#RECORD}. */
    static final String RECORD = Members.RECORD;

    /** The rules it breaks anew, joined; empty if nothing is wrong with it. */
    static final String RULES = "rules";

    /** {@link Examiner.Change#text}; of one that did not change, and breaks a rule about what others became, changed. */
    static final String CHANGE = "change";

    static final String CHANGED_AT = "changedAt";
    static final String DIMENSIONS = "dimensions";

    /** The schema paths of the fields that differ. */
    static final String PATHS = "paths";

    /** All places, as {@link Label.Place#text}, that describe its changes. */
    static final String PLACES = "places";

    /** Of fields at fault a struct of {@code path}, {@code kind} and {@code places}. */
    static final String FAULTS = "faults";

    /** All places of fields at fault. */
    static final String PLACES_AT_FAULT = "placesAtFault";

    /** Of corrupt records, and of changed ones that nothing is wrong with. */
    static Dataset<Row> of(Dataset<Row> records) {
        Column fault = col("fault");
        Column corrupt = fault.equalTo(Examiner.Fault.CORRUPT.text());
        Column other = fault.isin(Examiner.Fault.CONSISTENT.text(), Examiner.Fault.UNATTRIBUTED.text())
                .and(col("change").notEqual(Examiner.Change.NONE.text()));
        Column rules = when(corrupt, anew()).otherwise(lit(""));
        Column atFault = filter(col("fields"), field -> field.getField("fault").equalTo(Examiner.Fault.CORRUPT.text()));
        return records.where(other.or(corrupt.and(anew().notEqual(""))))
                .select(
                        Members.record().alias(RECORD),
                        col("keyTagged"),
                        col("key"),
                        rules.alias(RULES),
                        when(col("change").equalTo(Examiner.Change.NONE.text()), Examiner.Change.CHANGED.text())
                                .otherwise(col("change"))
                                .alias(CHANGE),
                        col("changedAt").alias(CHANGED_AT),
                        col("dimensions").alias(DIMENSIONS),
                        array_distinct(transform(col("fields"), field -> path(field)))
                                .alias(PATHS),
                        array_distinct(flatten(transform(col("fields"), Facts::places)))
                                .alias(PLACES),
                        array_distinct(flatten(transform(atFault, Facts::places)))
                                .alias(PLACES_AT_FAULT),
                        transform(
                                        atFault,
                                        field -> struct(
                                                path(field).alias("path"),
                                                field.getField("kind").alias("kind"),
                                                places(field).alias("places")))
                                .alias(FAULTS));
    }

    static Dataset<Row> read(SparkSession session, String location) {
        return session.read().parquet(ReadPaths.literal(location));
    }

    private static Column places(Column field) {
        return transform(field.getField("patterns"), pattern -> concat(path(field), lit(Label.SEPARATOR), pattern));
    }

    /** The path in all records: {@code lines[7].amount} is {@code lines[].amount}. A document may name fields as it likes. */
    static Column path(Column field) {
        return translate(field.getField("schemaPath"), Label.SEPARATOR, "");
    }

    /** The rules a record breaks anew, joined. */
    private static Column anew() {
        Column broken = filter(
                col("findings"),
                finding -> not(finding.getField("preExisting"))
                        .and(not(finding.getField("accepted")))
                        .and(finding.getField("code").notEqual("ERROR")));
        return array_join(array_sort(array_distinct(transform(broken, finding -> finding.getField("rule")))), ",");
    }
}
