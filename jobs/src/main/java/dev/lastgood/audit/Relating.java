package dev.lastgood.audit;

import static dev.lastgood.audit.Shares.TOGETHER;
import static dev.lastgood.diff.Fingerprint.CONTENT_1;
import static dev.lastgood.diff.Fingerprint.CONTENT_2;
import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static dev.lastgood.judge.CompiledRule.AFTER;
import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.try_subtract;
import static org.apache.spark.sql.functions.try_sum;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.judge.Catalyst;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.KeysQuery;
import dev.lastgood.judge.Share;
import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Tolerance;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Brings the shares of relations together and says which records they accuse. It is the same for live, for a baseline and for
 * a snapshot on its own: these differ in where the shares come from.
 */
final class Relating {
    private static final String COPIES = "_copies";
    private static final String SIDE = "_side";
    private static final int LEFT = 0;
    private static final int RIGHT = 1;

    private final SparkSession session;
    private final Map<String, DatasetSpec> datasets;
    private final Instant now;
    private final Shares shares;
    private final @Nullable Shares before;
    private final Kept kept;

    /** Keeps rows that are needed more than once. */
    interface Kept {
        Dataset<Row> kept(String name, Dataset<Row> rows);
    }

    /**
     * @param before what there was in the baseline; null without one
     * @param kept called with a name that differs each time
     */
    Relating(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Instant now,
            Shares shares,
            @Nullable Shares before,
            Kept kept) {
        this.session = session;
        this.datasets = Map.copyOf(datasets);
        this.now = now;
        this.shares = shares;
        this.before = before;
        this.kept = kept;
    }

    /** The relations among rules, together where their records are brought together at once; metrics are none. */
    static List<List<CompiledRule>> grouped(List<CompiledRule> rules) {
        Map<String, List<CompiledRule>> grouped = new LinkedHashMap<>();
        for (CompiledRule rule : rules) {
            Constraint constraint = rule.rule().constraint();
            boolean shared = isGrouping(constraint);
            if (rule.kind() == CompiledRule.Kind.RELATION && !(constraint instanceof Constraint.Metric)) {
                String by = shared ? rule.related().own().alike() : "rule " + rule.id();
                grouped.computeIfAbsent(by, any -> new ArrayList<>()).add(rule);
            }
        }
        return List.copyOf(grouped.values());
    }

    private static boolean isGrouping(Constraint constraint) {
        return constraint instanceof Constraint.Unique || constraint instanceof Constraint.Depends;
    }

    /** What each of such rules accuses, in their order. */
    List<List<Accusations>> accused(String name, List<CompiledRule> rules) {
        return isGrouping(rules.get(0).rule().constraint())
                ? groups(name, rules)
                : rules.stream().map(this::accused).toList();
    }

    /** Of rules whose own shares are alike, and each about groups of records. */
    private List<List<Accusations>> groups(String name, List<CompiledRule> rules) {
        Dataset<Row> rows =
                shares.rows(rules.stream().map(rule -> new Shares.Of(rule, 0)).toList());
        Dataset<Row> together = rows.where(col(TOGETHER).isNotNull());
        List<Column> aggregates = new ArrayList<>();
        Column any = lit(false);
        for (int i = 0; i < rules.size(); i++) {
            Column value = col(Shares.value(i));
            boolean alone = rules.get(i).rule().constraint() instanceof Constraint.Unique;
            aggregates.add(
                    (alone ? count_if(value.isNotNull()).gt(1) : min(value).notEqual(max(value))).alias(broken(i)));
            any = any.or(col(broken(i)));
        }
        Dataset<Row> broken = kept.kept(
                name,
                together.groupBy(col(TOGETHER).alias("_group"))
                        .agg(
                                aggregates.get(0),
                                aggregates.subList(1, aggregates.size()).toArray(Column[]::new))
                        .where(any));
        List<List<Accusations>> accused = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            Dataset<Row> within = together.where(col(Shares.value(i)).isNotNull())
                    .join(broken.where(col(broken(i))), col(TOGETHER).equalTo(col("_group")), "left_semi")
                    .select(
                            col(KEY_HASH),
                            col(KEY),
                            col(TOGETHER),
                            col(Shares.value(i)).alias(Shares.value(0)));
            accused.add(List.of(
                    rules.get(i).rule().constraint() instanceof Constraint.Depends depends
                            ? dependents(rules.get(i), depends, within)
                            : Accusations.of(0, within)));
        }
        return accused;
    }

    private static String broken(int rule) {
        return "_broken" + rule;
    }

    // ---- dependencies

    private Accusations dependents(CompiledRule rule, Constraint.Depends depends, Dataset<Row> disagreeing) {
        return switch (depends.blame()) {
            case ALL -> Accusations.of(0, disagreeing);
            case MINORITY -> minority(depends, disagreeing);
            case CHANGED -> before == null ? Accusations.of(0, disagreeing) : moved(rule, before, disagreeing);
        };
    }

    private static Accusations minority(Constraint.Depends depends, Dataset<Row> disagreeing) {
        Dataset<Row> counts = disagreeing
                .groupBy(col(TOGETHER), col(Shares.value(0)))
                .agg(count(lit(1)).alias(COPIES));
        Dataset<Row> most = counts.groupBy(col(TOGETHER).alias("_group"))
                .agg(
                        max(COPIES).alias("_most"),
                        max_by(col(Shares.value(0)), col(COPIES)).alias("_usual"));
        Dataset<Row> usual = counts.join(most, col(TOGETHER).equalTo(col("_group")))
                .groupBy(col("_group"), col("_usual"))
                .agg(count_if(col(COPIES).equalTo(col("_most"))).alias("_tied"));
        Column tied = col("_tied").gt(1);
        Dataset<Row> accused = disagreeing
                .join(usual, col(TOGETHER).equalTo(col("_group")))
                .where(tied.or(col(Shares.value(0)).notEqual(col("_usual"))));
        Column expected = when(not(tied), to_json(named(col("_usual"), depends.to())));
        return Accusations.of(0, accused, lit(null), lit(Code.FALSE.number()), expected);
    }

    private static Column named(Column tuple, List<FieldPath> paths) {
        List<Column> values = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            values.add(tuple.getField("_" + i).alias(paths.get(i).toString()));
        }
        return struct(values.toArray(Column[]::new));
    }

    private static Accusations moved(CompiledRule rule, Shares before, Dataset<Row> disagreeing) {
        Dataset<Row> then = before.rows(rule, 0)
                .select(
                        col(KEY_HASH).alias("_h"),
                        col(KEY).alias("_k"),
                        col(TOGETHER).alias("_g0"),
                        col(Shares.value(0)).alias("_v"));
        Column asItWas = col(KEY_HASH)
                .equalTo(col("_h"))
                .and(col(KEY).eqNullSafe(col("_k")))
                .and(col(TOGETHER).eqNullSafe(col("_g0")))
                .and(col(Shares.value(0)).eqNullSafe(col("_v")));
        Dataset<Row> moved = disagreeing.join(then, asItWas, "left_anti");
        Dataset<Row> groups = moved.select(col(TOGETHER).alias("_group")).distinct();
        Dataset<Row> old = disagreeing.join(groups, col(TOGETHER).equalTo(col("_group")), "left_anti");
        return Accusations.of(0, moved.unionAll(old));
    }

    // ---- the other relations

    /** What a relation accuses that shares its groups with no other. */
    private List<Accusations> accused(CompiledRule rule) {
        Constraint constraint = rule.rule().constraint();
        if (constraint instanceof Constraint.Reference reference) {
            return reference(rule, reference);
        } else if (constraint instanceof Constraint.Deny) {
            return List.of(denied(rule));
        } else if (constraint instanceof Constraint.Join join) {
            return List.of(joined(rule, join));
        } else if (constraint instanceof Constraint.Reconcile) {
            return reconciled(rule);
        } else if (constraint instanceof Constraint.Explained) {
            return before == null ? List.of() : List.of(unexplained(rule, before));
        } else if (constraint instanceof Constraint.Query) {
            return List.of(queried(rule));
        }
        throw new IllegalStateException(constraint.keyword());
    }

    private Accusations denied(CompiledRule rule) {
        Constraint.Deny deny = (Constraint.Deny) rule.rule().constraint();
        Dataset<Row> rows = shares.rows(rule, 0).where(Shares.takesPart());
        Dataset<Row> ones = rows.select(
                col(KEY_HASH).alias("_h1"),
                col(KEY).alias("_k1"),
                col(Shares.value(0)).alias(deny.one()));
        Dataset<Row> others = rows.select(
                col(KEY_HASH).alias("_h2"),
                col(KEY).alias("_k2"),
                col(Shares.value(0)).alias(deny.other()));
        Column different = not(col("_h1").equalTo(col("_h2")).and(col("_k1").eqNullSafe(col("_k2"))))
                .and(shares.mayMeet(col("_k1"), col("_k2")));
        Column exists = col("_code");
        Dataset<Row> pairs = ones.join(
                        others, rule.related().conditions().get(0).and(different))
                .select(question(rule).alias("_code"), col("_h1"), col("_k1"), col("_h2"), col("_k2"))
                .where(exists.isin(Code.TRUE.number(), Code.ERROR.number()));
        Column found = when(exists.equalTo(Code.TRUE.number()), lit(Code.FALSE.number()))
                .otherwise(exists);
        Dataset<Row> both = pairs.select(explode(array(
                        struct(
                                col("_h1").alias("h"),
                                col("_k1").alias("k"),
                                col("_k2").alias("with"),
                                found.alias("code")),
                        struct(
                                col("_h2").alias("h"),
                                col("_k2").alias("k"),
                                col("_k1").alias("with"),
                                found.alias("code"))))
                .alias("p"));
        Dataset<Row> accused = both.groupBy(
                        col("p.h").alias(KEY_HASH), col("p.k").alias(KEY))
                .agg(
                        worst(col("p.code")).alias("_worst"),
                        min(to_json(col("p.with"))).alias("_with"));
        return Accusations.of(0, accused, lit(null), col("_worst"), col("_with"));
    }

    private static Column question(CompiledRule rule) {
        return Optional.ofNullable(rule.related().question()).orElseThrow();
    }

    /** Of several codes that accuse: an error, else false, else unknown. */
    private static Column worst(Column code) {
        return when(max(code).equalTo(Code.ERROR.number()), lit(Code.ERROR.number()))
                .otherwise(min(code));
    }

    private Accusations joined(CompiledRule rule, Constraint.Join join) {
        Dataset<Row> rows = shares.rows(rule, 0)
                .where(Shares.takesPart())
                .select(col(KEY_HASH), col(KEY), col(Shares.value(0)).alias(AFTER));
        int number = 1;
        for (String alias : join.joined().keySet()) {
            Dataset<Row> others = shares.rows(rule, number)
                    .where(Shares.takesPart())
                    .select(
                            col(KEY).alias("_other" + number),
                            col(Shares.value(0)).alias(alias));
            Column together = rule.related().conditions().get(number - 1);
            Column mayMeet = shares.mayMeet(col(KEY), col("_other" + number));
            rows = rows.join(others, together.and(mayMeet), "left_outer");
            number++;
        }
        Dataset<Row> accused = rows.select(
                        col(KEY_HASH), col(KEY), question(rule).alias("_c"))
                .where(col("_c").between(Code.FALSE.number(), Code.ERROR.number()))
                .groupBy(col(KEY_HASH), col(KEY))
                .agg(worst(col("_c")).alias("_worst"));
        return Accusations.of(0, accused, lit(null), col("_worst"), lit(null));
    }

    // ---- references

    private List<Accusations> reference(CompiledRule rule, Constraint.Reference reference) {
        Dataset<Row> children = children(rule, shares);
        Dataset<Row> parents = shares.rows(rule, 1).where(col(TOGETHER).isNotNull());
        Dataset<Row> counted = children.select(col(TOGETHER), lit(LEFT).alias(SIDE))
                .unionAll(parents.select(col(TOGETHER), lit(RIGHT).alias(SIDE)))
                .groupBy(col(TOGETHER).alias("_tuple"))
                .agg(
                        count_if(col(SIDE).equalTo(LEFT)).alias("_children"),
                        count_if(col(SIDE).equalTo(RIGHT)).alias("_parents"));
        Column named = col("_children").gt(0);
        Dataset<Row> broken = switch (reference.cardinality()) {
            case EXACTLY_ONE_PARENT -> counted.where(named.and(col("_parents").notEqual(1)));
            case AT_MOST_ONE_PARENT -> counted.where(named.and(col("_parents").gt(1)));
            case AT_LEAST_ONE_CHILD ->
                counted.where(not(named).and(col("_parents").gt(0)));
        };
        Column same = col(TOGETHER).equalTo(col("_tuple"));
        if (reference.cardinality() == Constraint.Cardinality.AT_LEAST_ONE_CHILD) {
            return List.of(Accusations.of(1, parents.join(broken, same, "left_semi")));
        }
        Dataset<Row> orphans = kept.kept(rule.id(), children.join(broken, same));
        Column copies =
                when(col("_parents").gt(1), to_json(struct(col("_parents").alias("records"))));
        return before == null ? List.of(astray(orphans, copies)) : blamed(rule, before, orphans, copies);
    }

    /** References to what is not there, or is there several times. */
    private static Accusations astray(Dataset<Row> orphans, Column copies) {
        return Accusations.of(
                0, orphans, col(Accusations.AT), to_json(col(TOGETHER)), lit(Code.FALSE.number()), copies);
    }

    /** How many records a reference examines that is about parents. */
    long parents(CompiledRule rule) {
        return shares.rows(rule, 1).where(col(TOGETHER).isNotNull()).count();
    }

    /** A row a reference: of a record, or of an element of it. */
    private static Dataset<Row> children(CompiledRule rule, Shares shares) {
        Dataset<Row> rows = shares.rows(rule, 0).where(Shares.takesPart());
        if (rule.related().own().key() != null) {
            return rows.where(col(TOGETHER).isNotNull())
                    .withColumn(Accusations.AT, lit(null).cast(Accusations.AT_TYPE));
        }
        return rows.select(
                        col(KEY_HASH),
                        col(KEY),
                        posexplode(col(Shares.value(0))).as(new String[] {"_index", TOGETHER}))
                .withColumn(TOGETHER, shares.apart(col(TOGETHER)))
                .where(col(TOGETHER).isNotNull())
                .withColumn(Accusations.AT, array(col("_index")));
    }

    /**
     * Parents that were there in the baseline and are missing now, while a child names them as it did before: it is the
     * parent that is at fault, and the child is evidence.
     */
    private static List<Accusations> blamed(CompiledRule rule, Shares before, Dataset<Row> orphans, Column copies) {
        Dataset<Row> then = children(rule, before)
                .select(
                        col(KEY_HASH).alias("_h"),
                        col(KEY).alias("_k"),
                        col(TOGETHER).alias("_then"));
        Column unmoved = col(KEY_HASH)
                .equalTo(col("_h"))
                .and(col(KEY).eqNullSafe(col("_k")))
                .and(col(TOGETHER).equalTo(col("_then")));
        Dataset<Row> missing = orphans.where(col("_parents").equalTo(0))
                .join(then, unmoved, "left_semi")
                .select(col(TOGETHER).alias("_missing"))
                .distinct();
        Dataset<Row> were = before.rows(rule, 1)
                .where(col(TOGETHER).isNotNull())
                .join(missing, col(TOGETHER).equalTo(col("_missing")), "left_semi");
        Dataset<Row> gone = were.select(col(TOGETHER).alias("_gone")).distinct();
        Dataset<Row> astray = orphans.join(gone, col(TOGETHER).equalTo(col("_gone")), "left_anti");
        return List.of(Accusations.of(1, were), astray(astray, copies));
    }

    // ---- sums

    private static Column amount() {
        return col(Shares.value(0)).getField(Share.AMOUNT);
    }

    private static Column code() {
        return col(Shares.value(0)).getField(Share.CODE);
    }

    private List<Accusations> reconciled(CompiledRule rule) {
        Column counts = col(TOGETHER).isNotNull().and(Shares.takesPart());
        Dataset<Row> left = shares.rows(rule, 0).where(counts);
        Dataset<Row> right = shares.rows(rule, 1).where(counts);
        Dataset<Row> all = left.select(
                        col(TOGETHER),
                        amount().alias("_amount"),
                        code().alias("_c"),
                        lit(LEFT).alias(SIDE))
                .unionAll(right.select(
                        col(TOGETHER),
                        amount().alias("_amount"),
                        code().alias("_c"),
                        lit(RIGHT).alias(SIDE)));
        Column onLeft = col(SIDE).equalTo(LEFT);
        DataType type = all.schema().apply("_amount").dataType();
        Dataset<Row> sums = all.groupBy(col(TOGETHER).alias("_group"))
                .agg(
                        total(onLeft, type).alias("_left"),
                        total(not(onLeft), type).alias("_right"),
                        count_if(onLeft).alias("_of_left"),
                        count_if(col("_c").equalTo(Code.UNKNOWN.number())).alias("_unknown"),
                        count_if(col("_c").equalTo(Code.ERROR.number())).alias("_errors"));
        Column verdict = verdict(rule, col("_left"), col("_right"), type);
        Dataset<Row> broken = kept.kept(
                rule.id(),
                sums.withColumn("_verdict", verdict).where(col("_verdict").notEqual(Code.TRUE.number())));
        Column same = col(TOGETHER).equalTo(col("_group"));
        Constraint.Reconcile reconcile = (Constraint.Reconcile) rule.rule().constraint();
        Column detail = detail(rule, col("_left"), reconcile.right().dataset(), col("_right"));
        return List.of(
                Accusations.of(0, left.join(broken, same), lit(null), col("_verdict"), detail),
                Accusations.of(
                        1,
                        right.join(broken.where(col("_of_left").equalTo(0)), same),
                        lit(null),
                        col("_verdict"),
                        detail));
    }

    /** NULL if there is more than the type holds; 0 of nothing. */
    private static Column total(Column which, DataType type) {
        Column amounts = when(which, col("_amount"));
        return when(count(amounts).equalTo(0), lit(0).cast(type)).otherwise(try_sum(amounts));
    }

    /**
     * Spark takes a decimal from the difference of what has as many digits as there can be, and rounds. With one to spare it
     * is exact; NULL of numbers that need it.
     */
    private static Column difference(Column one, Column other, DataType type) {
        if (!(type instanceof DecimalType decimal)
                || decimal.precision() < DecimalType.MAX_PRECISION()
                || decimal.scale() == decimal.precision()) {
            return try_subtract(one, other);
        }
        DataType spare = DataTypes.createDecimalType(decimal.precision() - 1, decimal.scale());
        return try_subtract(one.try_cast(spare), other.try_cast(spare));
    }

    /** Whether two sums agree: an error if one of them could not be computed, unknown if an amount is not known. */
    private static Column verdict(CompiledRule rule, Column one, Column other, DataType type) {
        int unknown = rule.rule().onNull() == OnNull.PASS ? Code.TRUE.number() : Code.UNKNOWN.number();
        return when(col("_errors").gt(0).or(one.isNull()).or(other.isNull()), lit(Code.ERROR.number()))
                .when(col("_unknown").gt(0), lit(unknown))
                .when(close(rule.rule().tolerance(), one, other, type), lit(Code.TRUE.number()))
                .otherwise(lit(Code.FALSE.number()));
    }

    private static Column close(Tolerance tolerance, Column one, Column other, DataType type) {
        Column close = one.equalTo(other);
        Column apart = abs(difference(one, other, type));
        if (tolerance.abs() != null) {
            close = close.or(apart.leq(lit(Catalyst.bound(tolerance.abs(), type))));
        }
        if (tolerance.rel() != null) {
            Column most = greatest(abs(one), abs(other));
            close = close.or(apart.cast("double")
                    .leq(most.cast("double").multiply(tolerance.rel().doubleValue())));
        }
        return coalesce(close, lit(false));
    }

    /** Both sums, for people; nothing where one of the datasets masks something. */
    private Column detail(CompiledRule rule, Column own, String dataset, Column other) {
        boolean masked = isMasked(rule.rule().dataset()) || isMasked(dataset);
        return masked ? lit(null) : to_json(struct(own.alias("sum"), other.alias(dataset)));
    }

    private boolean isMasked(String dataset) {
        return Optional.ofNullable(datasets.get(dataset))
                .map(spec -> !spec.mask().isEmpty())
                .orElse(true);
    }

    private Accusations unexplained(CompiledRule rule, Shares before) {
        Dataset<Row> now = shares.rows(rule, 0).where(inside());
        Dataset<Row> then = before.rows(rule, 0)
                .select(
                        col(KEY_HASH).alias("_h"),
                        col(KEY).alias("_k"),
                        col(TOGETHER).alias("_g0"),
                        col(Shares.value(0)).alias("_then"));
        DataType type = ((StructType) now.schema().apply(Shares.value(0)).dataType())
                .apply(Share.AMOUNT)
                .dataType();
        Dataset<Row> accounts = accounts(rule, shares, 1).unionAll(accounts(rule, before, -1));
        refuseErrors(rule, accounts);
        Dataset<Row> net = accounts.where(col(TOGETHER).isNotNull())
                .groupBy(col(TOGETHER).alias("_group"))
                .agg(
                        when(count("_amount").equalTo(0), lit(0).cast(type))
                                .otherwise(try_sum(col("_amount")))
                                .alias("_net"),
                        // What is not known of an account, and stayed as it was, accounts for no change.
                        when(stays(CONTENT_1).and(stays(CONTENT_2)), 0)
                                .otherwise(count_if(isUnknown()))
                                .alias("_unknowns"),
                        count_if(col("_c").equalTo(Code.ERROR.number())).alias("_fails"));
        Column sameRecord = col(KEY_HASH).equalTo(col("_h")).and(col(KEY).eqNullSafe(col("_k")));
        Column codeThen = col("_then").getField(Share.CODE);
        Dataset<Row> changes = now.join(then, sameRecord)
                .join(net, col(TOGETHER).equalTo(col("_group")), "left_outer")
                .select(
                        col(KEY_HASH),
                        col(KEY),
                        code().equalTo(Code.UNKNOWN.number())
                                .or(codeThen.equalTo(Code.UNKNOWN.number()))
                                // Of who went elsewhere nobody can tell which of the changes are its own.
                                .or(not(col(TOGETHER).eqNullSafe(col("_g0"))))
                                .alias("_open"),
                        difference(amount(), col("_then").getField(Share.AMOUNT), type)
                                .alias("_delta"),
                        when(col("_group").isNull(), lit(0).cast(type))
                                .otherwise(col("_net"))
                                .alias("_by"),
                        coalesce(col("_unknowns"), lit(0)).alias("_unknowns"),
                        coalesce(col("_fails"), lit(0))
                                .plus(when(
                                                code().equalTo(Code.ERROR.number())
                                                        .or(codeThen.equalTo(Code.ERROR.number())),
                                                1)
                                        .otherwise(0))
                                .alias("_errors"));
        Dataset<Row> judged = changes.select(
                        col(KEY_HASH),
                        col(KEY),
                        col("_errors"),
                        col("_by"),
                        col("_unknowns").plus(col("_open").cast("int")).alias("_unknown"),
                        when(col("_open"), col("_by")).otherwise(col("_delta")).alias("_delta"))
                .withColumn("_verdict", verdict(rule, col("_delta"), col("_by"), type))
                .where(col("_verdict").notEqual(Code.TRUE.number()));
        Constraint.Explained explained = (Constraint.Explained) rule.rule().constraint();
        return Accusations.of(
                0, judged, lit(null), col("_verdict"), detail(rule, col("_delta"), explained.dataset(), col("_by")));
    }

    private static Column inside() {
        return col(Shares.value(0)).getField(Share.INSIDE);
    }

    private static Column isUnknown() {
        return col("_c").equalTo(Code.UNKNOWN.number());
    }

    /** Whether the unknown amounts are those of the same contents on both sides: their hashes cancel out. */
    private static Column stays(String hash) {
        Column signed = col(hash).cast("decimal(20,0)").multiply(col(SIDE));
        return coalesce(sum(when(isUnknown(), signed)), lit(0)).equalTo(0);
    }

    private static Dataset<Row> accounts(CompiledRule rule, Shares of, int sign) {
        return of.rows(rule, 1)
                .where(Shares.takesPart())
                .select(
                        col(CONTENT_1),
                        col(CONTENT_2),
                        lit(sign).alias(SIDE),
                        col(TOGETHER),
                        (sign < 0 ? org.apache.spark.sql.functions.negative(amount()) : amount()).alias("_amount"),
                        code().alias("_c"));
    }

    /** Records that could not be told to which other they belong leave every sum unknown. */
    private static void refuseErrors(CompiledRule rule, Dataset<Row> accounts) {
        boolean lost = !accounts.where(col(TOGETHER).isNull().and(col("_c").equalTo(Code.ERROR.number())))
                .isEmpty();
        if (lost) {
            Constraint.Explained explained = (Constraint.Explained) rule.rule().constraint();
            throw new NotEvaluated(
                    "'on' could not be evaluated on a record of dataset '%s'".formatted(explained.dataset()));
        }
    }

    // ---- queries

    private Accusations queried(CompiledRule rule) {
        KeysQuery query = Optional.ofNullable(rule.related().query()).orElseThrow();
        DatasetSpec dataset =
                Optional.ofNullable(datasets.get(rule.rule().dataset())).orElseThrow();
        Dataset<Row> records = shares.said(List.of(rule), Code.TRUE);
        StructType key = (StructType) records.schema().apply(KEY).dataType();
        Dataset<Row> result = query.run(session, shares.views(), now);
        List<Column> parts = new ArrayList<>();
        List<String> given = KeysQuery.columns(dataset);
        for (int i = 0; i < given.size(); i++) {
            Column value = col("`" + given.get(i).replace("`", "``") + "`");
            Column part = value.cast(key.fields()[i].dataType());
            // What is no value of the key is the key of nobody.
            parts.add(when(part.equalTo(value), part).alias(key.fields()[i].name()));
        }
        Dataset<Row> faulty = kept.kept(
                rule.id(),
                result.select(struct(parts.toArray(Column[]::new)).alias("_k")).distinct());
        Column same = col(KEY).eqNullSafe(col("_k"));
        long strangers =
                faulty.join(records.select(col(KEY)), same, "left_anti").count();
        if (strangers > 0) {
            throw new NotEvaluated(
                    "the query gives %d %s that no record has".formatted(strangers, strangers == 1 ? "key" : "keys"));
        }
        return Accusations.of(0, records.where(col(Shares.said(0))).join(faulty, same, "left_semi"));
    }

    /** A relation that could not be evaluated; the message says why. */
    static final class NotEvaluated extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotEvaluated(String message) {
            super(message);
        }
    }
}
