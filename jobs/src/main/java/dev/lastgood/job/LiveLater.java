package dev.lastgood.job;

import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Side;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.record.Key;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/** The live datasets of an audit or a diff, read again: those in databases, as long as the workspace wants that. */
final class LiveLater implements Auditor.Later {
    private final Workspace workspace;
    private final Sources sources;
    private final Consumer<Duration> pause;
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Sample sample;
    private final Consumer<String> read;
    private Duration longest = Duration.ZERO;

    /** @param sources as they are when they are asked */
    LiveLater(Workspace workspace, Sources sources, Consumer<Duration> pause) {
        this(workspace, sources, pause, Sample.ALL, source -> {});
    }

    /**
     * @param sources as they are when they are asked
     * @param sample what is looked at of all
     * @param read told of each source of which nothing is read any more as it was at first
     */
    LiveLater(Workspace workspace, Sources sources, Consumer<Duration> pause, Sample sample, Consumer<String> read) {
        this.workspace = workspace;
        this.sources = sources;
        this.pause = pause;
        this.sample = sample;
        this.read = read;
    }

    /** Takes note of what a dataset was first read as. */
    void first(DatasetSpec dataset, Frame live) {
        shapes.put(dataset.name(), live.shape());
        confirm(dataset)
                .map(Source.Confirm::after)
                .filter(after -> longest.compareTo(after) < 0)
                .ifPresent(after -> longest = after);
    }

    /** All of a dataset as it is when it is read, and not as it was at a moment. */
    Frame live(DatasetSpec dataset, Frame first) {
        return workspace.source(dataset) instanceof Source.Jdbc ? sources.live(dataset, learned(dataset)) : first;
    }

    /** The same as the side of an audit. */
    Frame after(Side side) {
        return workspace.source(side.dataset()) instanceof Source.Jdbc ? of(side, null) : side.after();
    }

    private Optional<Source.Confirm> confirm(DatasetSpec dataset) {
        Source source = workspace.source(dataset);
        return source instanceof Source.Jdbc jdbc && !jdbc.confirm().after().isZero()
                ? Optional.of(jdbc.confirm())
                : Optional.empty();
    }

    @Override
    public boolean moves(DatasetSpec dataset) {
        return shapes.containsKey(dataset.name()) && confirm(dataset).isPresent();
    }

    @Override
    public int most(DatasetSpec dataset) {
        return confirm(dataset).map(Source.Confirm::max).orElse(0);
    }

    @Override
    public Frame of(Side side, @Nullable List<Key> keys) {
        DatasetSpec dataset = side.dataset();
        Map<String, DataType> learned = learned(dataset);
        Frame live = keys == null ? sources.live(dataset, learned) : sources.some(dataset, learned, keys);
        Frame before = side.before();
        Frame after = before == null
                ? live
                : SchemaChange.align(dataset, before, live).after();
        if (!after.shape().equals(side.after().shape())) {
            throw new SourceUnreadable(
                    "dataset '%s': its fields are others than when it was first read".formatted(dataset.name()),
                    "Run it again.",
                    null);
        }
        return keys == null ? sample.of(dataset, after) : after;
    }

    /** What JSON and exact numbers were seen as at first; a later reading is seen as the same. */
    private Map<String, DataType> learned(DatasetSpec dataset) {
        Shape shape = Objects.requireNonNull(shapes.get(dataset.name()));
        Map<String, DataType> learned = new HashMap<>();
        for (StructField field : shape.view().fields()) {
            if (shape.json().contains(field.name()) || shape.numbers().contains(field.name())) {
                learned.put(field.name(), field.dataType());
            }
        }
        return learned;
    }

    @Override
    public void await() {
        // A database that is not read again is still read as it was.
        shapes.keySet().stream()
                .flatMap(name -> workspace.dataset(name).stream())
                .filter(this::moves)
                .map(dataset -> workspace.source(dataset).name())
                .distinct()
                .forEach(read);
        pause.accept(longest);
    }
}
