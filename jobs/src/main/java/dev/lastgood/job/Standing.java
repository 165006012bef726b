package dev.lastgood.job;

import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.workspace.Due;
import dev.lastgood.yaml.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the backups of one dataset stand, by the catalog alone: nothing is read of the snapshots themselves.
 *
 * @param snapshots how many there are
 * @param latest the last captured one
 * @param last the last verification of any of them, by level
 * @param covered how many of them passed L2, not longer ago than it is due, and are not damaged
 * @param damaged those known to be damaged, newest first
 * @param held how many of them are held
 * @param due what is late or was never done, for people
 */
public record Standing(
        String dataset,
        long snapshots,
        Optional<Snapshot> latest,
        Map<Level, Last> last,
        long covered,
        List<Snapshot> damaged,
        long held,
        List<String> due) {

    /** The last verification at a level: of which snapshot, when, and what it came to. */
    public record Last(Snapshot snapshot, Instant at, Verdict verdict) {}

    /**
     * FAIL if a snapshot is damaged or the last verification at some level failed; INCONCLUSIVE if anything is due, or the
     * last one was never verified; else PASS.
     */
    public Verdict verdict() {
        if (!damaged.isEmpty() || last.values().stream().anyMatch(one -> one.verdict() == Verdict.FAIL)) {
            return Verdict.FAIL;
        }
        return due.isEmpty() ? Verdict.PASS : Verdict.INCONCLUSIVE;
    }

    /**
     * A pure function.
     *
     * @param allowed what is called late
     */
    public static Standing of(String dataset, CatalogState state, Due allowed, Instant now) {
        List<Snapshot> all = new ArrayList<>(state.snapshots(dataset));
        java.util.Collections.reverse(all);
        Map<Level, Last> last = new EnumMap<>(Level.class);
        List<Snapshot> damaged = new ArrayList<>();
        long covered = 0;
        long held = 0;
        Duration bytes = allowed.verify().get(Level.L2.name());
        for (Snapshot one : all) {
            state.verifications(dataset, one.id())
                    .forEach((level, done) -> last.merge(
                            level,
                            new Last(one, done.at(), done.report().verdict()),
                            (a, b) -> b.at().isAfter(a.at()) ? b : a));
            if (state.damaged(dataset, one.id()).isPresent()) {
                damaged.add(one);
            }
            covered += state.verification(dataset, one.id(), Level.L2)
                            .filter(done -> state.isVerified(dataset, one.id(), Level.L2))
                            .filter(done -> bytes == null || !isOver(done.at(), bytes, now))
                            .isPresent()
                    ? 1
                    : 0;
            held += state.heldBy(one.id(), now).isEmpty() ? 0 : 1;
        }
        Optional<Snapshot> latest = state.latest(dataset);
        return new Standing(
                dataset, all.size(), latest, last, covered, damaged, held, due(latest, last, state, allowed, now));
    }

    private static List<String> due(
            Optional<Snapshot> latest, Map<Level, Last> last, CatalogState state, Due allowed, Instant now) {
        List<String> due = new ArrayList<>();
        if (latest.isEmpty()) {
            due.add("a snapshot: there is none");
            return due;
        }
        Snapshot newest = latest.get();
        Duration every = allowed.snapshot();
        if (every != null && isOver(newest.to(), every, now)) {
            due.add("a snapshot: the last is %s old, %s allowed"
                    .formatted(age(newest.to(), now), Durations.shown(every)));
        }
        if (!state.isVerified(newest.dataset(), newest.id(), Level.L2)) {
            due.add("L2 of %s: it never passed".formatted(newest.id()));
        }
        allowed.verify().forEach((name, longest) -> {
            Last done = last.get(Level.valueOf(name));
            if (done == null) {
                due.add("%s: never done".formatted(name));
            } else if (isOver(done.at(), longest, now)) {
                due.add("%s: %s ago, %s allowed".formatted(name, age(done.at(), now), Durations.shown(longest)));
            } else if (done.verdict() == Verdict.INCONCLUSIVE) {
                due.add("%s: the last time proved nothing".formatted(name));
            }
        });
        return due;
    }

    private static boolean isOver(Instant at, Duration longest, Instant now) {
        return at.plus(longest).isBefore(now);
    }

    /** For people; a time to come is said to be one. */
    public static String age(Instant at, Instant now) {
        return at.isAfter(now) ? "in the future" : Durations.age(Duration.between(at, now));
    }
}
