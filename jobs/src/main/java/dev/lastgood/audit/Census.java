package dev.lastgood.audit;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.rule.Constraint;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Reason;
import dev.lastgood.spark.Together;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * What rules say of datasets on their own, in counts only: one aggregation a dataset and one query a relation, nothing is
 * written and no record is fetched. The counts are those of an audit without a baseline, where keys are distinct; where
 * they are not, every record counts here, and an audit counts every key.
 */
public final class Census {
    private final Map<String, Frame> frames;
    private final List<CompiledRule> rules;
    private final Shares shares;
    private final Relating relating;

    private Census(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> frames,
            List<CompiledRule> rules,
            Instant now) {
        this.frames = frames;
        this.rules = rules;
        this.shares = Shares.of(datasets, frames);
        this.relating = new Relating(session, datasets, now, shares, null, (name, rows) -> rows);
    }

    /**
     * Counts by the rules, in their order; they are compiled against the shapes of the frames.
     *
     * @param datasets by name, those of the frames among them
     */
    public static List<Auditor.RuleTally> of(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> frames,
            List<CompiledRule> rules,
            Instant now) {
        return new Census(session, datasets, frames, rules, now).taken();
    }

    /**
     * By rule, of those that are relations, how many findings there are by the number that a part of the key holds.
     *
     * @param part the name of a field that is part of the keys of all datasets, and whole
     */
    public static Map<String, Map<Long, Long>> findingsBy(
            String part,
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> frames,
            List<CompiledRule> rules,
            Instant now) {
        Census census = new Census(session, datasets, frames, rules, now);
        Map<String, Map<Long, Long>> findings = new LinkedHashMap<>();
        List<Map<Long, Long>> counts = Together.each(rules, rule -> census.findingsBy(part, rule));
        for (int i = 0; i < rules.size(); i++) {
            findings.put(rules.get(i).id(), counts.get(i));
        }
        return findings;
    }

    private Map<Long, Long> findingsBy(String part, CompiledRule rule) {
        Map<Long, Long> findings = new HashMap<>();
        for (Accusations accused : relating.accused(rule.id(), List.of(rule)).get(0)) {
            accused.rows()
                    .where(isError(col(Accusations.CODE)).equalTo(lit(false)))
                    .groupBy(col(Fingerprint.KEY).getField(part).cast("bigint"))
                    .count()
                    .collectAsList()
                    .forEach(row -> findings.merge(row.getLong(0), row.getLong(1), Long::sum));
        }
        return findings;
    }

    private List<Auditor.RuleTally> taken() {
        Map<String, List<CompiledRule>> byDataset = new LinkedHashMap<>();
        rules.forEach(rule -> byDataset
                .computeIfAbsent(rule.rule().dataset(), name -> new ArrayList<>())
                .add(rule));
        try (Together together = new Together()) {
            List<Supplier<Map<String, long[]>>> records = new ArrayList<>();
            byDataset.forEach((dataset, own) -> records.add(together.start(() -> records(dataset, own))));
            Map<String, Supplier<Broken>> relations = new HashMap<>();
            for (CompiledRule rule : rules) {
                if (rule.kind() == CompiledRule.Kind.RELATION && !rule.rule().isCrossTime()) {
                    relations.put(rule.id(), together.start(() -> broken(rule)));
                }
            }
            Map<String, long[]> counts = new HashMap<>();
            Together.all(records).forEach(counts::putAll);
            List<Auditor.RuleTally> tallies = new ArrayList<>();
            for (CompiledRule rule : rules) {
                long[] of = counts.getOrDefault(rule.id(), new long[3]);
                Supplier<Broken> relation = relations.get(rule.id());
                Broken broken = relation == null ? new Broken(of[1], 0, null, null, null) : relation.get();
                tallies.add(new Auditor.RuleTally(
                        rule,
                        broken.parents() == null ? of[0] : broken.parents(),
                        broken.records(),
                        of[2] + broken.errors(),
                        0,
                        0,
                        0,
                        broken.measure(),
                        broken.failure()));
            }
            return tallies;
        }
    }

    /** What a relation comes to. */
    private record Broken(
            long records,
            long errors,
            @Nullable Long parents,
            @Nullable Measure measure,
            @Nullable String failure) {}

    private Broken broken(CompiledRule rule) {
        try {
            if (rule.rule().constraint() instanceof Constraint.Metric) {
                return measured(rule);
            }
            long records = 0;
            long errors = 0;
            for (Accusations accused :
                    relating.accused(rule.id(), List.of(rule)).get(0)) {
                Column error = col(Accusations.CODE).equalTo(Code.ERROR.number());
                Row counts = accused.rows()
                        .agg(count_if(error.equalTo(lit(false))), count_if(error))
                        .head();
                records += counts.getLong(0);
                errors += counts.getLong(1);
            }
            Long parents = Auditor.isAboutParents(rule.rule()) ? relating.parents(rule) : null;
            return new Broken(records, errors, parents, null, null);
        } catch (Exception e) {
            if (e instanceof IllegalStateException || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            return new Broken(0, 0, null, null, Reason.of(e));
        }
    }

    private Broken measured(CompiledRule rule) {
        Metrics.Value number = Optional.ofNullable(
                        Metrics.of(List.of(rule), shares).get(rule.id()))
                .orElseThrow();
        Measure measure = Measure.alone(rule.rule(), number.value());
        return new Broken(measure.isBroken() ? 1 : 0, 0, null, measure, number.failure());
    }

    /** By rule of the dataset how many records it examined, findings, and errors. */
    private Map<String, long[]> records(String dataset, List<CompiledRule> own) {
        List<Column> codes = new ArrayList<>();
        List<Column> sums = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            CompiledRule rule = own.get(i);
            if (rule.kind() == CompiledRule.Kind.RECORD) {
                codes.add(rule.after().alias("_c" + i));
                codes.add(rule.elements().alias("_e" + i));
                Column code = col("_c" + i);
                sums.add(count_if(code.lt(Code.ERROR.number())));
                sums.add(findings(code, col("_e" + i), false));
                sums.add(findings(code, col("_e" + i), true));
            } else if (rule.kind() == CompiledRule.Kind.RELATION) {
                boolean all = rule.rule().constraint() instanceof Constraint.Metric;
                codes.add(rule.after().alias("_c" + i));
                sums.add(all ? count(lit(1)) : count_if(col("_c" + i).equalTo(Code.TRUE.number())));
                sums.add(lit(0L));
                sums.add(count_if(isError(col("_c" + i))));
            } else {
                sums.addAll(List.of(lit(0L), lit(0L), lit(0L)));
            }
        }
        Map<String, long[]> counts = new HashMap<>();
        if (codes.isEmpty()) {
            return counts;
        }
        Row row = viewed(dataset)
                .select(codes.toArray(Column[]::new))
                .agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new))
                .head();
        for (int i = 0; i < own.size(); i++) {
            counts.put(
                    own.get(i).id(), new long[] {row.getLong(3 * i), row.getLong(3 * i + 1), row.getLong(3 * i + 2)});
        }
        return counts;
    }

    /** An accused record is one finding, or one an element that is not fine, each an error or not. */
    private static Column findings(Column code, Column elements, boolean errors) {
        Column accused = code.between(Code.FALSE.number(), Code.ERROR.number());
        Column whole = isError(code).equalTo(lit(errors)).cast("bigint");
        Column each = size(filter(
                        elements, element -> isError(element.getField("code")).equalTo(lit(errors))))
                .cast("bigint");
        Column found =
                when(elements.isNull().or(size(elements).equalTo(0)), whole).otherwise(each);
        return coalesce(sum(when(accused, found)), lit(0L));
    }

    private static Column isError(Column code) {
        return code.equalTo(Code.ERROR.number());
    }

    private Dataset<Row> viewed(String dataset) {
        Frame frame = frames.get(dataset);
        if (frame == null) {
            throw new IllegalStateException("there are no records of dataset '%s'".formatted(dataset));
        }
        return frame.records()
                .select(
                        FitsType.misfits(frame.shape(), "").alias(FitsType.MISFITS_AFTER),
                        frame.shape().view("").alias(AFTER),
                        lit(null).cast(frame.shape().view()).alias(BEFORE));
    }
}
