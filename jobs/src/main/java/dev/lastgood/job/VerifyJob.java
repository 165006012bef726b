package dev.lastgood.job;

import dev.lastgood.capture.ContentVerification;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.ByteVerification;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.FileCheck;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.spark.Together;
import dev.lastgood.store.AdoptedFiles;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Verifies snapshots to a level, and writes down in the catalog what came of it. */
public final class VerifyJob {
    private final Workplace workplace;

    public VerifyJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * A verification of one dataset of a snapshot at one level.
     *
     * @param notes what was done, where that is worth telling
     */
    public record Verified(Snapshot snapshot, VerificationReport report, List<String> notes) {
        public Verified {
            notes = List.copyOf(notes);
        }

        Verified(Snapshot snapshot, VerificationReport report) {
            this(snapshot, report, List.of());
        }
    }

    /**
     * Verifies a snapshot at every level up to the one given. After a failed L0 there is nothing sound to read through the
     * engine, so L1 and L3 are left out; L2 still names every file that is damaged, unless there is no manifest to tell.
     *
     * @param address {@code latest}, an id or the beginning of one
     */
    public List<Verified> verify(List<DatasetSpec> datasets, String address, Level upTo) {
        List<Verified> verified = new ArrayList<>();
        for (DatasetSpec dataset : datasets) {
            CatalogState state = workplace.catalog().state();
            Snapshot snapshot = state.resolve(dataset.name(), address);
            List<Level> levels = new ArrayList<>(EnumSet.range(Level.L0, upTo));
            levels.remove(Level.L5);
            while (!levels.isEmpty()) {
                Level level = levels.remove(0);
                VerificationReport report = report(dataset, snapshot, level, state);
                workplace.catalog().append(new Event.Verified(snapshot.id(), dataset.name(), report));
                verified.add(new Verified(snapshot, report));
                boolean ofAncestors = report.damages().stream().anyMatch(damage -> damage.kind() == Damage.Kind.CHAIN);
                if (ofAncestors || (level == Level.L2 && buildsOnUnverified(snapshot, state))) {
                    verified.addAll(ancestors(dataset, snapshot, level));
                }
                if (level == Level.L0 && report.damaged() > 0) {
                    boolean hasManifest = report.filesExamined() > 0;
                    levels.retainAll(hasManifest ? Set.of(Level.L2) : Set.of());
                }
            }
        }
        return upTo == Level.L5 ? drilled(datasets, verified) : verified;
    }

    private static boolean buildsOnUnverified(Snapshot snapshot, CatalogState state) {
        return snapshot.parent() != null && !state.isVerified(snapshot.dataset(), snapshot.parent(), Level.L2);
    }

    /** What is wrong with a snapshot others build on is written down of itself, for whoever chooses among snapshots. */
    private List<Verified> ancestors(DatasetSpec dataset, Snapshot snapshot, Level level) {
        CatalogState state = workplace.catalog().state();
        List<Verified> verified = new ArrayList<>();
        for (SnapshotId id : state.chain(dataset.name(), snapshot.id())) {
            Optional<Snapshot> one = id.equals(snapshot.id()) ? Optional.empty() : state.snapshot(dataset.name(), id);
            one.ifPresent(ancestor -> {
                VerificationReport report = report(dataset, ancestor, level, state);
                workplace.catalog().append(new Event.Verified(id, dataset.name(), report));
                verified.add(new Verified(ancestor, report));
            });
        }
        return verified;
    }

    /** Datasets of one snapshot are restored together, as far as they are sound. */
    private List<Verified> drilled(List<DatasetSpec> datasets, List<Verified> below) {
        Map<SnapshotId, Map<DatasetSpec, Snapshot>> bySnapshot = new LinkedHashMap<>();
        for (DatasetSpec dataset : datasets) {
            Snapshot asked = below.stream()
                    .map(Verified::snapshot)
                    .filter(one -> one.dataset().equals(dataset.name()))
                    .findFirst()
                    .orElseThrow();
            List<Verified> own =
                    below.stream().filter(one -> one.snapshot().equals(asked)).toList();
            boolean sound = own.stream()
                    .filter(one -> one.report().level().compareTo(Level.L4) < 0)
                    .allMatch(one -> one.report().verdict() == Verdict.PASS);
            if (sound && own.stream().anyMatch(one -> one.report().level() == Level.L3)) {
                bySnapshot
                        .computeIfAbsent(asked.id(), id -> new LinkedHashMap<>())
                        .put(dataset, asked);
            }
        }
        List<Verified> all = new ArrayList<>(below);
        bySnapshot.forEach((id, snapshots) -> {
            Drill.Drilled drilled = new Drill(workplace).run(snapshots);
            List<String> notes = new ArrayList<>(drilled.notes());
            snapshots.values().forEach(snapshot -> {
                VerificationReport report =
                        Objects.requireNonNull(drilled.reports().get(snapshot.dataset()));
                workplace.catalog().append(new Event.Verified(id, snapshot.dataset(), report));
                all.add(new Verified(snapshot, report, notes));
                notes.clear();
            });
        });
        return all;
    }

    /**
     * Verifies one level of one dataset of a snapshot, and writes it down; nothing if a lower level has found it damaged, or
     * not to be there any more.
     */
    Optional<Verified> verify(DatasetSpec dataset, Snapshot snapshot, Level level) {
        CatalogState state = workplace.catalog().state();
        boolean below = state.damaged(dataset.name(), snapshot.id())
                .map(damaged -> damaged.compareTo(level) < 0)
                .orElse(false);
        if (below || state.snapshot(dataset.name(), snapshot.id()).isEmpty()) {
            return Optional.empty();
        }
        VerificationReport report = report(dataset, snapshot, level, state);
        workplace.catalog().append(new Event.Verified(snapshot.id(), dataset.name(), report));
        return Optional.of(new Verified(snapshot, report));
    }

    /** One level alone; nothing is written down, for a level says little where those below it were not asked. */
    public Verified only(DatasetSpec dataset, String address, Level level) {
        CatalogState state = workplace.catalog().state();
        Snapshot snapshot = state.resolve(dataset.name(), address);
        return new Verified(snapshot, report(dataset, snapshot, level, state));
    }

    /** Where the files of a snapshot are read from. */
    SnapshotFiles files(Snapshot snapshot) {
        return AdoptedFiles.of(
                workplace.store(),
                snapshot.folder(),
                snapshot.origin(),
                () -> snapshot.shown(workplace.store()),
                workplace.hadoop());
    }

    private VerificationReport report(DatasetSpec dataset, Snapshot snapshot, Level level, CatalogState state) {
        SnapshotFiles files = files(snapshot);
        return switch (level) {
            case L0 -> ByteVerification.structure(snapshot, workplace.store(), files, state);
            case L1 -> content().footers(snapshot.manifest(workplace.store()));
            case L2 ->
                ByteVerification.bytes(
                        snapshot,
                        workplace.store(),
                        files,
                        entries -> Together.each(entries, entry -> FileCheck.of(entry, files)));
            case L3 -> content().content(dataset, snapshot.manifest(workplace.store()));
            case L4 -> new RuleVerification(workplace).report(dataset, snapshot, state);
            case L5 -> throw new IllegalStateException("a drill is of several datasets at once");
        };
    }

    private ContentVerification content() {
        return new ContentVerification(workplace.session(), workplace.store(), workplace.sources());
    }
}
