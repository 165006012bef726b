package dev.lastgood.judge;

import dev.lastgood.problem.Suggestions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;

/** Which SQL functions a rule may call: Spark's built-in ones whose answer depends on their arguments alone. */
final class Functions {
    private Functions() {}

    /** Why a function is refused. */
    record Objection(String message, String hint) {}

    private static final Set<String> OWN = Set.of("array_sum");
    private static final Set<String> OF_THE_AUDIT = Set.of("now", "current_timestamp");
    private static final Set<String> CHANGING = Set.of(
            "rand",
            "random",
            "randn",
            "randstr",
            "uniform",
            "uuid",
            "shuffle",
            "monotonically_increasing_id",
            "spark_partition_id",
            "current_date",
            "curdate",
            "localtimestamp",
            "current_time",
            "unix_timestamp",
            "current_user",
            "session_user",
            "user",
            "current_catalog",
            "current_database",
            "current_schema",
            "current_timezone",
            "version",
            "input_file_name",
            "input_file_block_start",
            "input_file_block_length");
    private static final Set<String> REACHING_OUT = Set.of(
            "reflect",
            "java_method",
            "try_reflect",
            "raise_error",
            "assert_true",
            "from_avro",
            "to_avro",
            "from_protobuf",
            "to_protobuf",
            "ai_query",
            "read_files");

    static Optional<Objection> objection(String function, SparkSession session) {
        if (OWN.contains(function) || OF_THE_AUDIT.contains(function)) {
            return Optional.empty();
        }
        if (CHANGING.contains(function)) {
            return Optional.of(new Objection(
                    "%s() gives another answer each time".formatted(function),
                    "Use now(), which is the time of the audit, or leave it out."));
        }
        if (REACHING_OUT.contains(function)) {
            return Optional.of(new Objection("%s() may not be called by a rule".formatted(function), ""));
        }
        if (session.catalog().functionExists(function)) {
            return AGGREGATES.contains(function)
                    ? Optional.of(new Objection(
                            "%s() is about many records, the sentence about one".formatted(function),
                            "For the elements of an array use array_sum, array_max, exists, forall or aggregate."))
                    : Optional.empty();
        }
        return Optional.of(new Objection(
                "there is no function %s()".formatted(function),
                Suggestions.nearest(function, names(session))
                        .map(near -> "Did you mean " + near + "?")
                        .orElse("Rules may call the built-in functions of Spark SQL.")));
    }

    private static List<String> names(SparkSession session) {
        Set<String> names = new TreeSet<>(OWN);
        session.sql("show system functions").collectAsList().forEach(row -> names.add(row.getString(0)));
        return List.copyOf(names);
    }

    private static final Set<String> AGGREGATES = Set.of(
            "sum",
            "avg",
            "mean",
            "count",
            "count_if",
            "min",
            "max",
            "first",
            "last",
            "any_value",
            "collect_list",
            "collect_set",
            "stddev",
            "stddev_pop",
            "stddev_samp",
            "std",
            "variance",
            "var_pop",
            "var_samp",
            "median",
            "mode",
            "percentile",
            "approx_count_distinct",
            "bool_and",
            "bool_or",
            "every",
            "any",
            "some",
            "max_by",
            "min_by",
            "row_number",
            "rank",
            "dense_rank",
            "lag",
            "lead",
            "ntile",
            "explode",
            "posexplode",
            "inline");
}
