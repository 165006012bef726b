package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.record.Image;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Judges a batch of records by the audit's own compiled rules over a local relation, which Spark evaluates in this process
 * without a job.
 */
public final class SparkJudge implements Judge {
    private final SparkSession session;
    private final Map<String, Shape> shapes;
    private final Map<String, List<CompiledRule>> local = new HashMap<>();

    public SparkJudge(SparkSession session, Map<String, Shape> shapes, List<CompiledRule> rules) {
        this.session = session;
        this.shapes = Map.copyOf(shapes);
        for (CompiledRule rule : rules) {
            if (rule.kind() != CompiledRule.Kind.RELATION) {
                local.computeIfAbsent(rule.rule().dataset(), name -> new ArrayList<>())
                        .add(rule);
            }
        }
    }

    @Override
    public List<Map<String, Ruling>> judge(String dataset, List<Pair> pairs) {
        List<CompiledRule> rules = local.getOrDefault(dataset, List.of());
        Shape shape = shapes.get(dataset);
        if (rules.isEmpty() || shape == null || pairs.isEmpty()) {
            return pairs.stream().map(pair -> Map.<String, Ruling>of()).toList();
        }
        StructType sides = new StructType().add("_b", shape.stored()).add("_a", shape.stored());
        List<Row> rows = new ArrayList<>();
        for (Pair pair : pairs) {
            rows.add(RowFactory.create(row(shape, pair.before()), row(shape, pair.record())));
        }
        List<Column> codes =
                rules.stream().map(rule -> rule.after().cast("int")).toList();
        Dataset<Row> judged = session.createDataFrame(rows, sides)
                .select(
                        when(col("_b").isNotNull(), shape.view("_b")).alias(BEFORE),
                        when(col("_a").isNotNull(), shape.view("_a")).alias(AFTER))
                .select(array(codes.toArray(Column[]::new)));
        List<Map<String, Ruling>> rulings = new ArrayList<>();
        for (Row row : judged.collectAsList()) {
            List<Integer> found = row.getList(0);
            Map<String, Ruling> byRule = new HashMap<>();
            for (int i = 0; i < rules.size(); i++) {
                byRule.put(rules.get(i).id(), ruling(Code.of(found.get(i))));
            }
            rulings.add(byRule);
        }
        return rulings;
    }

    private static @Nullable Row row(Shape shape, @Nullable Image image) {
        return image == null ? null : shape.row(image);
    }

    private static Ruling ruling(Code code) {
        return switch (code) {
            case TRUE -> Ruling.PASS;
            case FALSE -> Ruling.FAIL;
            case UNKNOWN -> Ruling.UNKNOWN;
            case ERROR -> Ruling.ERROR;
            case OUTSIDE -> Ruling.OUTSIDE;
        };
    }
}
