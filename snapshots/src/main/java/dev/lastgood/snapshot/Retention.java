package dev.lastgood.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots of each dataset stay when the others are pruned: those that any line keeps. Hours, days, weeks (which
 * begin on Monday), months and years are UTC's.
 *
 * @param keepLast the newest so many
 * @param hourly the last of each of so many hours that have one; so for days, weeks, months and years
 * @param within those not older than this; null: age alone keeps none
 * @param minimum never fewer than so many, whatever the lines say; at least 1
 */
public record Retention(
        int keepLast,
        int hourly,
        int daily,
        int weekly,
        int monthly,
        int yearly,
        @Nullable Duration within,
        int minimum) {

    /**
     * Why each snapshot stays, in the words of people; those without a reason may go. A snapshot goes with all its datasets
     * or not at all, so what one dataset keeps stays in the others too.
     *
     * <p>Beyond the lines of the policy these stay: what is held; what a snapshot that stays builds on; what is dated in the
     * future, for a clock was wrong and its age is unknown; the last that is verified and not damaged. A damaged snapshot
     * never takes the place of a sound one: the lines are applied once to all and once to those not known to be damaged.
     */
    public SortedMap<SnapshotId, SortedSet<String>> reasons(CatalogState state, Instant now) {
        SortedMap<SnapshotId, SortedSet<String>> reasons = new TreeMap<>();
        state.snapshots().forEach(one -> reasons.put(one.id(), new TreeSet<>()));
        for (String dataset : state.datasets()) {
            keep(
                    dataset,
                    state,
                    now,
                    (id, why) ->
                            reasons.computeIfAbsent(id, any -> new TreeSet<>()).add(why));
        }
        reasons.forEach((id, why) -> state.heldBy(id, now).forEach(hold -> why.add("held: " + hold.shown())));
        chains(state, reasons);
        return Collections.unmodifiableSortedMap(reasons);
    }

    private interface Keeper {
        void keep(SnapshotId snapshot, String why);
    }

    private void keep(String dataset, CatalogState state, Instant now, Keeper keeper) {
        List<Snapshot> past = new ArrayList<>();
        for (Snapshot one : state.snapshots(dataset)) {
            if (one.to().isAfter(now) || one.id().at().isAfter(now)) {
                keeper.keep(one.id(), "dated in the future");
            } else {
                past.add(one);
            }
        }
        Collections.reverse(past);
        List<Snapshot> sound = past.stream()
                .filter(one -> state.damaged(dataset, one.id()).isEmpty())
                .toList();
        lines(past, now, keeper);
        lines(sound, now, keeper);
        sound.stream()
                .filter(one -> state.isVerified(dataset, one.id(), Level.L2))
                .findFirst()
                .ifPresent(one -> keeper.keep(one.id(), "last verified"));
    }

    /** The lines of the policy, on snapshots of one dataset, newest first. */
    private void lines(List<Snapshot> newestFirst, Instant now, Keeper keeper) {
        first(newestFirst, keepLast, "last", keeper);
        first(newestFirst, Math.max(1, minimum), "minimum", keeper);
        each(newestFirst, hourly, "hourly", time -> time.truncatedTo(ChronoUnit.HOURS), keeper);
        each(newestFirst, daily, "daily", ZonedDateTime::toLocalDate, keeper);
        each(newestFirst, weekly, "weekly", Retention::week, keeper);
        each(newestFirst, monthly, "monthly", time -> time.toLocalDate().withDayOfMonth(1), keeper);
        each(newestFirst, yearly, "yearly", ZonedDateTime::getYear, keeper);
        if (within != null) {
            newestFirst.stream()
                    .filter(one -> !one.to().plus(within).isBefore(now))
                    .forEach(one -> keeper.keep(one.id(), "within"));
        }
    }

    private static LocalDate week(ZonedDateTime time) {
        LocalDate day = time.toLocalDate();
        return day.minusDays(day.getDayOfWeek().getValue() - 1L);
    }

    private static void first(List<Snapshot> newestFirst, int most, String why, Keeper keeper) {
        newestFirst.stream().limit(most).forEach(one -> keeper.keep(one.id(), why));
    }

    /** The newest of each of the newest periods that have one. */
    private static void each(
            List<Snapshot> newestFirst, int most, String why, Function<ZonedDateTime, Object> period, Keeper keeper) {
        Set<Object> seen = new HashSet<>();
        for (Snapshot one : newestFirst) {
            if (seen.size() < most && seen.add(period.apply(one.to().atZone(ZoneOffset.UTC)))) {
                keeper.keep(one.id(), why);
            }
        }
    }

    /** What a snapshot that stays builds on stays as well, to the full one. */
    private static void chains(CatalogState state, SortedMap<SnapshotId, SortedSet<String>> reasons) {
        Map<SnapshotId, Set<SnapshotId>> parents = new HashMap<>();
        for (Snapshot one : state.snapshots()) {
            if (one.parent() != null) {
                parents.computeIfAbsent(one.id(), id -> new HashSet<>()).add(one.parent());
            }
        }
        List<SnapshotId> open = new ArrayList<>();
        reasons.forEach((id, why) -> {
            if (!why.isEmpty()) {
                open.add(id);
            }
        });
        while (!open.isEmpty()) {
            SnapshotId child = open.remove(open.size() - 1);
            for (SnapshotId parent : parents.getOrDefault(child, Set.of())) {
                SortedSet<String> why = reasons.get(parent);
                if (why != null && why.add("%s builds on it".formatted(child)) && why.size() == 1) {
                    open.add(parent);
                }
            }
        }
    }
}
