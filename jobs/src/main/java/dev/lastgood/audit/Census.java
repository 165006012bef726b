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

import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.rule.Constraint;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Together;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What rules say of datasets on their own, in counts only: one aggregation a dataset and one query a relation, nothing is
 * written and no record is fetched. The counts are those of an audit without a baseline, where keys are distinct; where
 * they are not, every record counts here, and an audit counts every key.
 */
public final class Census {
    private final Map<String, Frame> frames;
    private final List<CompiledRule> rules;

    private Census(Map<String, Frame> frames, List<CompiledRule> rules) {
        this.frames = frames;
        this.rules = rules;
    }

    /** Counts by the rules, in their order; they are compiled against the shapes of the frames. */
    public static List<Auditor.RuleTally> of(Map<String, Frame> frames, List<CompiledRule> rules) {
        return new Census(frames, rules).taken();
    }

    private List<Auditor.RuleTally> taken() {
        Map<String, List<CompiledRule>> byDataset = new LinkedHashMap<>();
        rules.forEach(rule -> byDataset
                .computeIfAbsent(rule.rule().dataset(), name -> new ArrayList<>())
                .add(rule));
        try (Together together = new Together()) {
            List<Supplier<Map<String, long[]>>> records = new ArrayList<>();
            byDataset.forEach((dataset, own) -> records.add(together.start(() -> records(dataset, own))));
            Map<String, Supplier<Long>> relations = new HashMap<>();
            for (CompiledRule rule : rules) {
                if (rule.kind() == CompiledRule.Kind.RELATION) {
                    relations.put(rule.id(), together.start(() -> broken(rule)));
                }
            }
            Map<String, long[]> counts = new HashMap<>();
            Together.all(records).forEach(counts::putAll);
            List<Auditor.RuleTally> tallies = new ArrayList<>();
            for (CompiledRule rule : rules) {
                long[] of = counts.getOrDefault(rule.id(), new long[3]);
                Supplier<Long> relation = relations.get(rule.id());
                tallies.add(new Auditor.RuleTally(rule, of[0], relation == null ? of[1] : relation.get(), of[2], 0));
            }
            return tallies;
        }
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
            } else if (rule.tuple() != null) {
                codes.add(rule.after().alias("_c" + i));
                sums.add(count_if(col("_c" + i).equalTo(Code.TRUE.number())));
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
                        elements,
                        element -> element.notEqual(Code.TRUE.number())
                                .and(isError(element).equalTo(lit(errors)))))
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

    /** How many records break a relation. */
    private long broken(CompiledRule rule) {
        Column tuple = rule.tuple();
        if (tuple == null) {
            throw new IllegalStateException("rule '%s' relates nothing".formatted(rule.id()));
        }
        Dataset<Row> related = viewed(rule.rule().dataset()).select(tuple.alias("_child"));
        Dataset<Row> inside = related.where(col("_child").isNotNull());
        if (rule.rule().constraint() instanceof Constraint.Reference reference) {
            Dataset<Row> parents = viewed(reference.to())
                    .select(Relations.parent(reference, AFTER).alias("_parent"));
            Column same = Relations.same("_child", "_parent", reference.key().size());
            return inside.join(parents, same, "left_anti").count();
        }
        return inside.groupBy("_child")
                .agg(count(lit(1)).alias("_copies"))
                .where(col("_copies").gt(1))
                .agg(coalesce(sum("_copies"), lit(0L)))
                .head()
                .getLong(0);
    }
}
