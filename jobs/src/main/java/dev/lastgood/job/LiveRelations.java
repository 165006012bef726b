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
import dev.lastgood.spark.FieldTypes;
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
    private final boolean moving;
    private final Map<String, Frame> live;

    /** Of datasets that are not written meanwhile, by name. */
    LiveRelations(Workplace workplace, Map<String, Frame> live) {
        this.workplace = workplace;
        this.moving = false;
        this.live = new HashMap<>(live);
    }

    /** Of datasets that are written between two questions: a file that was is not what was once listed. */
    LiveRelations(Workplace workplace) {
        this.workplace = workplace;
        this.moving = true;
        this.live = new HashMap<>();
    }

    @Override
    public List<Breach> breaches(List<Laid> writes) {
        if (moving) {
            live.clear();
        }
        List<Breach> breaches = new ArrayList<>();
        for (Rule rule : workplace.workspace().rules().rules()) {
            if (rule.constraint() instanceof Constraint.Reference reference && reference.isPlain()) {
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
        for (Laid write : writes) {
            if (write.dataset().equals(rule.dataset())) {
                given(write, reference.fields()).ifPresent(tuple -> named.put(write, tuple));
            }
        }
        Set<List<Value>> there = provided(reference, Set.copyOf(named.values()), writes);
        List<Breach> breaches = new ArrayList<>();
        named.forEach((write, tuple) -> {
            if (!there.contains(tuple)) {
                breaches.add(new Breach(
                        Conflict.Type.MISSING_REFERENCE,
                        write.dataset(),
                        write.key(),
                        "rule '%s': the record of '%s' it names is not there".formatted(rule.id(), reference.to()),
                        missing(rule, reference, tuple)));
            }
        });
        return breaches;
    }

    /** The values that a write gives to a record that does not have them yet. */
    private Optional<List<Value>> given(Laid write, List<FieldPath> fields) {
        if (isKept(write, fields)) {
            return Optional.empty();
        }
        Optional<List<Value>> before = tuple(write.dataset(), write.live(), fields);
        return tuple(write.dataset(), write.desired(), fields).filter(tuple -> !tuple.equals(before.orElse(null)));
    }

    /** Whether a write leaves all of these fields as they are: then nobody need ask live in what type rules see them. */
    private static boolean isKept(Laid write, List<FieldPath> fields) {
        Image live = write.live();
        Image desired = write.desired();
        return live != null
                && desired != null
                && fields.stream()
                        .allMatch(path -> Objects.equals(
                                Patch.at(live, path).value(),
                                Patch.at(desired, path).value()));
    }

    /** Which of the values a parent has, once all is written. */
    private Set<List<Value>> provided(Constraint.Reference reference, Set<List<Value>> asked, List<Laid> writes) {
        if (asked.isEmpty()) {
            return Set.of();
        }
        Map<Key, Laid> moved = byKey(reference.to(), writes);
        Set<List<Value>> provided = new HashSet<>();
        found(reference.to(), reference.key(), asked).forEach((tuple, holders) -> {
            if (holders.stream().anyMatch(key -> !moved.containsKey(key))) {
                provided.add(tuple);
            }
        });
        moved.values()
                .forEach(write ->
                        tuple(write.dataset(), write.desired(), reference.key()).ifPresent(provided::add));
        return provided;
    }

    private @Nullable Missing missing(Rule rule, Constraint.Reference reference, List<Value> tuple) {
        DatasetSpec parent = workplace.workspace().dataset(reference.to()).orElseThrow();
        if (!parent.key().equals(reference.key())) {
            return null;
        }
        Map<String, Value> parts = new java.util.LinkedHashMap<>();
        for (int i = 0; i < tuple.size(); i++) {
            parts.put(parent.key().get(i).toString(), tuple.get(i));
        }
        return new Missing(rule.id(), reference.to(), new Key(parts));
    }

    /** Writes after which nothing has the values by which others name it, and that are not led elsewhere with them. */
    private List<Breach> abandoned(Rule rule, Constraint.Reference reference, List<Laid> writes) {
        Map<List<Value>, Laid> gone = new HashMap<>();
        for (Laid write : writes) {
            if (write.dataset().equals(reference.to()) && !isKept(write, reference.key())) {
                Optional<List<Value>> after = tuple(write.dataset(), write.desired(), reference.key());
                tuple(write.dataset(), write.live(), reference.key())
                        .filter(tuple -> !tuple.equals(after.orElse(null)))
                        .ifPresent(tuple -> gone.put(tuple, write));
            }
        }
        gone.keySet().removeAll(provided(reference, Set.copyOf(gone.keySet()), writes));
        if (gone.isEmpty()) {
            return List.of();
        }
        Map<Key, Laid> moved = byKey(rule.dataset(), writes);
        List<Breach> breaches = new ArrayList<>();
        found(rule.dataset(), reference.fields(), gone.keySet()).forEach((tuple, children) -> {
            boolean left = children.stream().anyMatch(child -> keeps(moved.get(child), reference.fields(), tuple));
            if (left) {
                Laid write = Objects.requireNonNull(gone.get(tuple));
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

    /** Whether a record that has these values has them still once all is written. */
    private boolean keeps(@Nullable Laid write, List<FieldPath> fields, List<Value> tuple) {
        return write == null
                || tuple(write.dataset(), write.desired(), fields)
                        .filter(tuple::equals)
                        .isPresent();
    }

    /** Writes that give a record values another one has, or another write gives to it. */
    private List<Breach> clashes(Rule rule, Constraint.Unique unique, List<Laid> writes) {
        Map<List<Value>, List<Laid>> wanted = new HashMap<>();
        for (Laid write : writes) {
            if (write.dataset().equals(rule.dataset())) {
                given(write, unique.fields())
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
            boolean held = holders.getOrDefault(tuple, Set.of()).stream()
                    .anyMatch(key -> keeps(moved.get(key), unique.fields(), tuple));
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

    /** The values at the paths as rules see them; nothing if there is no record or one of them is null. */
    private Optional<List<Value>> tuple(String dataset, @Nullable Image image, List<FieldPath> paths) {
        if (image == null) {
            return Optional.empty();
        }
        List<Value> values = new ArrayList<>();
        for (FieldPath path : paths) {
            Value value = Patch.at(image, path).value();
            Optional<Value> seen =
                    value == null || value.isNull() ? Optional.empty() : Keys.value(value, type(dataset, path));
            if (seen.isEmpty()) {
                return Optional.empty();
            }
            values.add(seen.get());
        }
        return Optional.of(values);
    }

    private DataType type(String dataset, FieldPath path) {
        try {
            return FieldTypes.of(path, frame(dataset).shape().view(), dataset);
        } catch (FieldTypes.NoSuchField e) {
            throw new IllegalStateException("the rule was bound to this dataset", e);
        }
    }

    private Frame frame(String dataset) {
        return live.computeIfAbsent(
                dataset,
                name -> workplace
                        .sources()
                        .live(workplace.workspace().dataset(name).orElseThrow()));
    }

    /** Which records of live have which of these values. */
    private Map<List<Value>, Set<Key>> found(String dataset, List<FieldPath> paths, Set<List<Value>> asked) {
        DatasetSpec spec = workplace.workspace().dataset(dataset).orElseThrow();
        Frame frame = frame(dataset);
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
                Keys.value(tuple.get(i), field).ifPresent(value -> cells.add(Rows.object(value, field)));
            }
            // What is no value of this type, no record has.
            if (cells.size() == tuple.size()) {
                rows.add(RowFactory.create(RowFactory.create(cells.toArray())));
            }
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
