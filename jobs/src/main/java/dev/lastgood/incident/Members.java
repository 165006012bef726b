package dev.lastgood.incident;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sha2;

import dev.lastgood.spark.ReadPaths;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The table that says which records an incident is about, and what is known of their past: one row a corrupt record or
 * suspect, beside the {@link dev.lastgood.audit.Records} of the audit.
 */
public final class Members {
    private Members() {}

    /** A record that breaks a rule. */
    public static final String CORRUPT = "corrupt";

    /** A record that breaks none and has changed as those that do. */
    public static final String SUSPECT = "suspect";

    /** What tells the records of an audit apart, as some have no key. */
    static final String RECORD = "record";

    /** The columns; {@code fields} are those that make a suspect one, none if all of it does; a good capture that is null is none, a bad one that is null the audit itself. */
    public static final StructType SCHEMA = new StructType()
            .add(RECORD, DataTypes.StringType)
            .add("keyTagged", DataTypes.StringType)
            .add("key", DataTypes.StringType)
            .add("incident", DataTypes.StringType)
            .add("role", DataTypes.StringType)
            .add("reason", DataTypes.StringType)
            .add("fields", DataTypes.createArrayType(DataTypes.StringType))
            .add("goodSnapshot", DataTypes.StringType)
            .add("goodAt", DataTypes.TimestampType)
            .add("badSnapshot", DataTypes.StringType)
            .add("badAt", DataTypes.TimestampType)
            .add("marks", DataTypes.createArrayType(DataTypes.StringType));

    public static Dataset<Row> read(SparkSession session, String location) {
        return session.read().schema(SCHEMA).parquet(ReadPaths.literal(location));
    }

    /** {@link #RECORD} of a row of the records of an audit. */
    static Column record() {
        Column images =
                concat_ws("\u001f", coalesce(col("beforeImage"), lit("")), coalesce(col("afterImage"), lit("")));
        return coalesce(col("keyTagged"), sha2(images, 256));
    }

    /**
     * Those records of an audit that are of one of the incidents.
     *
     * @param members those wanted
     */
    public static Dataset<Row> of(Dataset<Row> records, Dataset<Row> members) {
        Column same = record().equalTo(col("_member"));
        return records.join(members.select(col(RECORD).alias("_member")).distinct(), same, "left_semi");
    }

    /** Those records of an audit that are of none. */
    public static Dataset<Row> without(Dataset<Row> records, Dataset<Row> members) {
        Column same = record().equalTo(col("_member"));
        return records.join(members.select(col(RECORD).alias("_member")).distinct(), same, "left_anti");
    }
}
