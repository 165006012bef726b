package dev.lastgood.capture;

import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.source.ExportedSnapshot;
import dev.lastgood.source.Sources;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * To which moment the records of each dataset of one take or audit belong. Where a database can export a snapshot, all that is read
 * of it until this is closed is of one moment; where not, each dataset is read when its turn comes, and that is said.
 */
public final class Moments implements AutoCloseable {
    private static final String OUR_CLOCK = "lastgood";

    private final int datasets;
    private final Map<String, Opened> bySource;

    /**
     * What came of the attempt to hold on to the moment of one source.
     *
     * @param from to: when it was made, by our clock
     */
    private record Opened(ExportedSnapshot.Attempt attempt, Instant from, Instant to) {}

    private Moments(int datasets, Map<String, Opened> bySource) {
        this.datasets = datasets;
        this.bySource = bySource;
    }

    /** Takes hold of the moment of every database these datasets are in. */
    public static Moments open(Workspace workspace, Collection<DatasetSpec> datasets, Clock clock) {
        Map<Source.Jdbc, List<String>> tables = new LinkedHashMap<>();
        for (DatasetSpec dataset : datasets) {
            jdbc(workspace, dataset)
                    .ifPresent(source -> tables.merge(
                            source, List.of(((Location.Table) dataset.location()).name()), Moments::joined));
        }
        Map<String, Opened> bySource = new TreeMap<>();
        tables.forEach((source, names) -> {
            Instant from = clock.instant();
            ExportedSnapshot.Attempt attempt = ExportedSnapshot.open(source, names);
            bySource.put(source.name(), new Opened(attempt, from, clock.instant()));
        });
        return new Moments(datasets.size(), bySource);
    }

    private static List<String> joined(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    private static Optional<Source.Jdbc> jdbc(Workspace workspace, DatasetSpec dataset) {
        return workspace.source(dataset).accept(new Source.Visitor<>() {
            @Override
            public Optional<Source.Jdbc> jdbc(Source.Jdbc source) {
                return Optional.of(source);
            }

            @Override
            public Optional<Source.Jdbc> cosmos(Source.Cosmos source) {
                return Optional.empty();
            }

            @Override
            public Optional<Source.Jdbc> files(Source.Files source) {
                return Optional.empty();
            }
        });
    }

    /** The sources as they are read at these moments. */
    public Sources of(Sources live) {
        Map<String, ExportedSnapshot> exported = new TreeMap<>();
        bySource.forEach((source, opened) -> {
            ExportedSnapshot snapshot = opened.attempt().snapshot();
            if (snapshot != null) {
                exported.put(source, snapshot);
            }
        });
        return live.at(exported);
    }

    /**
     * Refuses a dataset that would not be read as it is at one moment.
     *
     * @throws Refusal with the reason
     */
    void requirePointInTime(Collection<DatasetSpec> all, Predicate<DatasetSpec> isIncremental) {
        for (DatasetSpec dataset : all) {
            Manifest.Capture capture =
                    capture(dataset, isIncremental.test(dataset), Instant.EPOCH, Instant.EPOCH, Duration.ZERO);
            if (capture.mode() != Manifest.Mode.POINT_IN_TIME) {
                throw new Refusal(
                        "dataset '%s' cannot be captured as it is at one moment: %s; nothing was taken"
                                .formatted(dataset.name(), capture.consistency()),
                        "Leave out --point-in-time to take what can be had; its manifest says so.");
            }
        }
    }

    /**
     * How a dataset was captured that was read from one time to another.
     *
     * @param incremental whether only what has changed was read, which takes several queries
     * @param ahead by how much our clock may be ahead of the source's
     */
    Manifest.Capture capture(DatasetSpec dataset, boolean incremental, Instant from, Instant to, Duration ahead) {
        Opened opened = bySource.get(dataset.source());
        if (opened == null) {
            String what = dataset.location() instanceof Location.Container ? "pages of documents" : "files";
            return new Manifest.Capture(
                    Manifest.Mode.FUZZY, from, to, what + " are read one after the other", OUR_CLOCK, ahead);
        }
        ExportedSnapshot exported = opened.attempt().snapshot();
        if (exported != null) {
            return exported(dataset, exported, opened, from, to);
        }
        return asked(dataset, incremental, opened.attempt(), from, to);
    }

    private static Manifest.Capture exported(
            DatasetSpec dataset, ExportedSnapshot exported, Opened opened, Instant from, Instant to) {
        @Nullable
        String apart =
                exported.apart(((Location.Table) dataset.location()).name()).orElse(null);
        return apart == null
                ? capture(
                        Manifest.Mode.POINT_IN_TIME,
                        opened.from(),
                        opened.to(),
                        "every query imported snapshot %s, exported by PostgreSQL at %s of its clock"
                                .formatted(exported.id(), exported.serverTime()))
                : capture(Manifest.Mode.FUZZY, from, to, apart);
    }

    /** One query of one dataset is one moment for the databases of which that is known; anything else is a window. */
    private Manifest.Capture asked(
            DatasetSpec dataset, boolean incremental, ExportedSnapshot.Attempt attempt, Instant from, Instant to) {
        boolean oneQuery = dataset.split() == null && !incremental;
        if (oneQuery && datasets == 1 && attempt.answersFromOneMoment()) {
            return capture(Manifest.Mode.POINT_IN_TIME, from, to, "one query of one dataset");
        }
        String how = incremental
                ? "several queries, for what has changed"
                : oneQuery ? "one query a dataset" : "one query a partition";
        return capture(Manifest.Mode.FUZZY, from, to, how + ", each of its own time: " + attempt.reason());
    }

    private static Manifest.Capture capture(Manifest.Mode mode, Instant from, Instant to, String consistency) {
        return new Manifest.Capture(mode, from, to, consistency, OUR_CLOCK, Duration.ZERO);
    }

    /** Lets go of the moment of one source, which nobody reads by any more; may be called again. */
    public void release(String source) {
        Opened opened = bySource.get(source);
        ExportedSnapshot snapshot = opened == null ? null : opened.attempt().snapshot();
        if (snapshot != null) {
            snapshot.close();
        }
    }

    @Override
    public void close() {
        bySource.keySet().forEach(this::release);
    }
}
