package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Conflict;
import dev.lastgood.restore.Relations;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Rows;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The relations of the rules over live with the writes laid over it: no new orphan, and no value twice that must be unique.
 * Live is asked for the values in question only, one pass a rule that the writes touch.
 */
final class LiveRelations implements Relations {
    private final Workplace workplace;
    private final Map<String, Frame> live;

    /** @param live the datasets as they are now, by name */
    LiveRelations(Workplace workplace, Map<String, Frame> live) {
        this.workplace = workplace;
        this.live = Map.copyOf(live);
    }

    @Override
    public List<Breach> breaches(List<Laid> writes) {
        List<Breach> breaches = new ArrayList<>();
        for (Rule rule : workplace.workspace().rules().rules()) {
            if (rule.constraint() instanceof Constraint.Reference reference) {
                breaches.addAll(orphans(rule, reference, writes));
                breaches.addAll(abandoned(rule, reference, writes));
            } else if (rule.constraint() instanceof Constraint.Unique unique) {
                breaches.addAll(clashes(rule, unique, writes));
            }
        }
        return breaches;
    }

    /** Writes that name a parent, do not name it yet, and it is not there. */
    private List<Breach> orphans(Rule rule, Constraint.Reference reference, List<Laid> writes) {
        Map<Laid, List<Value>> named = new HashMap<>();
        Set<List<Value>> made = new HashSet<>();
        Set<List<Value>> gone = new HashSet<>();
        for (Laid write : writes) {
            if (write.dataset().equals(rule.dataset())) {
                tuple(write.desired(), reference.fields())
                        .filter(tuple -> !tuple.equals(
                                tuple(write.live(), reference.fields()).orElse(null)))
                        .ifPresent(tuple -> named.put(write, tuple));
            }
            if (write.dataset().equals(reference.to())) {
                tuple(write.desired(), reference.key()).ifPresent(made::add);
                if (write.desired() == null) {
                    tuple(write.live(), reference.key()).ifPresent(gone::add);
                }
            }
        }
        if (named.isEmpty()) {
            return List.of();
        }
        Set<List<Value>> asked = new HashSet<>(named.values());
        Set<List<Value>> there =
                new HashSet<>(found(reference.to(), reference.key(), asked).keySet());
        there.removeAll(gone);
        there.addAll(made);
        List<Breach> breaches = new ArrayList<>();
        named.forEach((write, tuple) -> {
            if (!there.contains(tuple)) {
                breaches.add(new Breach(
                        Conflict.Type.MISSING_REFERENCE,
                        write.dataset(),
                        write.key(),
                        "rule '%s': the record of '%s' it names is not there".formatted(rule.id(), reference.to()),
                        missing(reference, tuple)));
            }
        });
        return breaches;
    }

    private @Nullable Missing missing(Constraint.Reference reference, List<Value> tuple) {
        DatasetSpec parent = workplace.workspace().dataset(reference.to()).orElseThrow();
        if (!parent.key().equals(reference.key())) {
            return null;
        }
        Map<String, Value> parts = new java.util.LinkedHashMap<>();
        for (int i = 0; i < tuple.size(); i++) {
            parts.put(parent.key().get(i).toString(), tuple.get(i));
        }
        return new Missing(reference.to(), new Key(parts));
    }

    /** Deletes of records that others name, and that are not deleted or led elsewhere with them. */
    private List<Breach> abandoned(Rule rule, Constraint.Reference reference, List<Laid> writes) {
        Map<List<Value>, Laid> deleted = new HashMap<>();
        for (Laid write : writes) {
            if (write.dataset().equals(reference.to()) && write.desired() == null) {
                tuple(write.live(), reference.key()).ifPresent(tuple -> deleted.put(tuple, write));
            }
        }
        if (deleted.isEmpty()) {
            return List.of();
        }
        Map<Key, Laid> moved = byKey(rule.dataset(), writes);
        List<Breach> breaches = new ArrayList<>();
        found(rule.dataset(), reference.fields(), deleted.keySet()).forEach((tuple, children) -> {
            boolean left = children.stream().anyMatch(child -> {
                Laid write = moved.get(child);
                return write == null
                        || tuple(write.desired(), reference.fields())
                                .filter(tuple::equals)
                                .isPresent();
            });
            if (left) {
                Laid write = Objects.requireNonNull(deleted.get(tuple));
                breaches.add(new Breach(
                        Conflict.Type.MISSING_REFERENCE,
                        write.dataset(),
                        write.key(),
                        "rule '%s': records of '%s' still name it".formatted(rule.id(), rule.dataset()),
                        null));
            }
        });
        return breaches;
    }

    /** Writes that give a record values another one has, or another write gives to it. */
    private List<Breach> clashes(Rule rule, Constraint.Unique unique, List<Laid> writes) {
        Map<List<Value>, List<Laid>> wanted = new HashMap<>();
        for (Laid write : writes) {
            if (write.dataset().equals(rule.dataset())) {
                tuple(write.desired(), unique.fields())
                        .filter(tuple -> !tuple.equals(
                                tuple(write.live(), unique.fields()).orElse(null)))
                        .ifPresent(tuple -> wanted.computeIfAbsent(tuple, any -> new ArrayList<>())
                                .add(write));
            }
        }
        if (wanted.isEmpty()) {
            return List.of();
        }
        Map<Key, Laid> moved = byKey(rule.dataset(), writes);
        Map<List<Value>, Set<Key>> holders = found(rule.dataset(), unique.fields(), wanted.keySet());
        List<Breach> breaches = new ArrayList<>();
        wanted.forEach((tuple, claims) -> {
            boolean held = holders.getOrDefault(tuple, Set.of()).stream().anyMatch(key -> {
                Laid write = moved.get(key);
                return write == null
                        || tuple(write.desired(), unique.fields())
                                .filter(tuple::equals)
                                .isPresent();
            });
            for (int i = held ? 0 : 1; i < claims.size(); i++) {
                breaches.add(new Breach(
                        Conflict.Type.UNIQUE_CLASH,
                        rule.dataset(),
                        claims.get(i).key(),
                        "rule '%s': another record has these values".formatted(rule.id()),
                        null));
            }
        });
        return breaches;
    }

    private static Map<Key, Laid> byKey(String dataset, List<Laid> writes) {
        Map<Key, Laid> byKey = new TreeMap<>();
        writes.stream()
                .filter(write -> write.dataset().equals(dataset))
                .forEach(write -> byKey.put(write.key(), write));
        return byKey;
    }

    /** The values at the paths; nothing if there is no record or one of them is null. */
    private static Optional<List<Value>> tuple(@Nullable Image image, List<FieldPath> paths) {
        if (image == null) {
            return Optional.empty();
        }
        List<Value> values = new ArrayList<>();
        for (FieldPath path : paths) {
            Value value = Patch.at(image, path).value();
            if (value == null || value.isNull()) {
                return Optional.empty();
            }
            values.add(value);
        }
        return Optional.of(values);
    }

    /** Which records of live have which of these values. */
    private Map<List<Value>, Set<Key>> found(String dataset, List<FieldPath> paths, Set<List<Value>> asked) {
        DatasetSpec spec = workplace.workspace().dataset(dataset).orElseThrow();
        Frame frame = live.get(dataset);
        if (frame == null) {
            frame = workplace.sources().live(spec);
        }
        List<Column> fields = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            fields.add(Sources.field(frame.shape(), "", paths.get(i)).alias("_" + i));
        }
        Dataset<Row> tuples = frame.records()
                .select(
                        Sources.key(spec, frame.shape(), "").alias("_key"),
                        struct(fields.toArray(Column[]::new)).alias("_tuple"));
        StructType type = (StructType) tuples.schema().apply("_tuple").dataType();
        List<Row> rows = new ArrayList<>();
        for (List<Value> tuple : asked) {
            List<@Nullable Object> cells = new ArrayList<>();
            for (int i = 0; i < tuple.size(); i++) {
                DataType field = type.fields()[i].dataType();
                cells.add(Rows.object(tuple.get(i), field));
            }
            rows.add(RowFactory.create(RowFactory.create(cells.toArray())));
        }
        Dataset<Row> wanted =
                workplace.session().createDataFrame(rows, new StructType().add("_wanted", nullable(type)));
        Column same = org.apache.spark.sql.functions.lit(true);
        for (int i = 0; i < paths.size(); i++) {
            same = same.and(
                    col("_tuple").getField("_" + i).equalTo(col("_wanted").getField("_" + i)));
        }
        Map<List<Value>, Set<Key>> found = new HashMap<>();
        for (Row row : tuples.join(wanted, same, "left_semi").collectAsList()) {
            List<Value> tuple = new ArrayList<>();
            Row values = row.getStruct(1);
            for (int i = 0; i < paths.size(); i++) {
                tuple.add(Rows.value(values.get(i)));
            }
            found.computeIfAbsent(tuple, any -> new HashSet<>()).add(Keys.key(row.getStruct(0)));
        }
        return found;
    }

    private static StructType nullable(StructType type) {
        StructType copy = new StructType();
        for (var field : type.fields()) {
            copy = copy.add(field.name(), field.dataType(), true);
        }
        return copy;
    }
}
