package dev.lastgood.snapshot;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.rule.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the events of the catalog up to some number come to. A pure function of them; immutable.
 *
 * <p>It also knows which event may follow: {@link #check} is asked before every publication, whatever the caller decided,
 * so that a hold always wins over a prune that has not begun, and a prune that has begun over a hold.
 */
public final class CatalogState {

    /** How long prune leaves a take alone that has begun and never ended. */
    public static final Duration TAKE_ABANDONED = Duration.ofDays(7);

    /** A hold that has not been released. */
    public record Hold(
            String id,
            List<SnapshotId> snapshots,
            Event.Reason reason,
            @Nullable Instant until,
            String note,
            Instant at,
            String by) {
        public boolean isActive(Instant now) {
            return until == null || now.isBefore(until);
        }

        /** Why, by whom and until when, for people. */
        public String shown() {
            return "%s (%s, by %s%s)"
                    .formatted(
                            note.isEmpty() ? id : note,
                            reason.name().toLowerCase(Locale.ROOT),
                            by,
                            until == null ? "" : ", until " + until);
        }
    }

    /** A take that has begun and not ended. */
    public record Take(SnapshotId snapshot, List<String> datasets, Instant at, String by) {}

    /**
     * The last verification of a snapshot at one level.
     *
     * @param at when it was looked at; where that took several goes, when the first of it was
     */
    public record Verification(Instant at, String by, VerificationReport report) {}

    /** What an audit came to. */
    public record Audit(
            String id,
            Instant at,
            String by,
            Verdict verdict,
            SortedMap<String, SnapshotId> baseline,
            Sha256 document) {}

    /** Where a plan stands. */
    public enum PlanStage {
        PLANNED,
        APPROVED,
        EXPIRED
    }

    /** The approval of a plan. */
    public record Approval(Instant at, String by, Instant expires, Manifest.@Nullable Signature signature) {}

    /** A restore plan. */
    public record Plan(
            String id,
            Instant at,
            String by,
            Sha256 digest,
            @Nullable String audit,
            long steps,
            long conflicts,
            Instant expires,
            @Nullable Approval approval) {
        public PlanStage stage(Instant now) {
            if (!now.isBefore(expires)) {
                return PlanStage.EXPIRED;
            }
            Approval given = approval;
            if (given == null) {
                return PlanStage.PLANNED;
            }
            return now.isBefore(given.expires()) ? PlanStage.APPROVED : PlanStage.EXPIRED;
        }
    }

    /** Where a run stands. */
    public enum RunStage {
        APPLYING,
        PAUSED,
        APPLIED,
        VERIFIED,
        ABORTED
    }

    /**
     * A run of a plan, or one that undoes another.
     *
     * @param counts steps by outcome; empty until it has ended
     * @param resolved steps a person has settled
     */
    public record Run(
            String id,
            String plan,
            @Nullable String undoes,
            Instant at,
            String by,
            RunStage stage,
            SortedMap<String, Long> counts,
            @Nullable Sha256 receipt,
            List<Event.Resolved> resolved) {}

    record Place(SnapshotId snapshot, String dataset) {}

    final long number;
    final Sha256 digest;
    final Map<SnapshotId, Take> takes;
    final Map<Place, Snapshot> snapshots;
    final Set<SnapshotId> pruning;
    final Set<SnapshotId> pruned;
    final Map<Place, Map<Level, Verification>> verifications;
    final Map<String, Hold> holds;
    final Map<String, Audit> audits;
    final Map<String, Plan> plans;
    final Map<String, Run> runs;

    CatalogState(CatalogFold next) {
        this.number = next.number;
        this.digest = next.digest;
        this.takes = next.takes;
        this.snapshots = next.snapshots;
        this.pruning = next.pruning;
        this.pruned = next.pruned;
        this.verifications = next.verifications;
        this.holds = next.holds;
        this.audits = next.audits;
        this.plans = next.plans;
        this.runs = next.runs;
    }

    /**
     * Before the first event.
     *
     * @param format SHA-256 of the store's format, which the first event names as the one before it
     */
    public static CatalogState empty(Sha256 format) {
        return before(1, format);
    }

    /** Before the first event of a catalog whose first entry has this number. */
    static CatalogState before(long first, Sha256 format) {
        return new CatalogState(new CatalogFold(first - 1, format));
    }

    /**
     * After one more entry.
     *
     * @param bytes of the entry as it lies in the store
     */
    public CatalogState plus(Entry entry, byte[] bytes) {
        return new CatalogState(entry.event().accept(new CatalogFold(this, entry, Sha256.of(bytes))));
    }

    /** The number of the last event, 0 before the first. */
    public long number() {
        return number;
    }

    /** What the next event must name as the one before it. */
    public Sha256 digest() {
        return digest;
    }

    // Snapshots

    /** The snapshots of a dataset that exist for readers, oldest capture first. */
    public List<Snapshot> snapshots(String dataset) {
        return living().filter(one -> one.dataset().equals(dataset))
                .sorted(BY_CAPTURE)
                .toList();
    }

    /** All snapshots that exist for readers, oldest capture first, those of one take together. */
    public List<Snapshot> snapshots() {
        return living().sorted(BY_CAPTURE).toList();
    }

    private static final Comparator<Snapshot> BY_CAPTURE =
            Comparator.comparing(Snapshot::to).thenComparing(Snapshot::id).thenComparing(Snapshot::dataset);

    private Stream<Snapshot> living() {
        return snapshots.values().stream().filter(one -> !isGoing(one.id()));
    }

    /** Whether it is being pruned, or is pruned. */
    boolean isGoing(SnapshotId snapshot) {
        return pruning.contains(snapshot) || pruned.contains(snapshot);
    }

    public Optional<Snapshot> snapshot(String dataset, SnapshotId id) {
        return isGoing(id) ? Optional.empty() : Optional.ofNullable(snapshots.get(new Place(id, dataset)));
    }

    /** The last captured one. */
    public Optional<Snapshot> latest(String dataset) {
        List<Snapshot> all = snapshots(dataset);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** The datasets that have snapshots. */
    public Set<String> datasets() {
        return living().map(Snapshot::dataset).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Takes that have begun and not ended, oldest first. */
    public List<Take> takes() {
        return sorted(takes.values(), Comparator.comparing(Take::at).thenComparing(Take::snapshot));
    }

    /** Snapshots whose removal has begun and not ended: prune finishes them first. */
    public Set<SnapshotId> pruning() {
        return new TreeSet<>(pruning);
    }

    /** The datasets of a snapshot or a take, whether it exists for readers or not: where files of it may lie. */
    Set<String> foldersOf(SnapshotId snapshot) {
        Set<String> datasets = new TreeSet<>();
        snapshots.keySet().stream()
                .filter(place -> place.snapshot().equals(snapshot))
                .forEach(place -> datasets.add(place.dataset()));
        Take take = takes.get(snapshot);
        if (take != null) {
            datasets.addAll(take.datasets());
        }
        return datasets;
    }

    /** Snapshots that were removed. */
    public Set<SnapshotId> pruned() {
        return new TreeSet<>(pruned);
    }

    /**
     * The snapshot of a dataset at an address: {@code latest}, an id or the beginning of exactly one. Throws {@link
     * InvalidInput}, with what there is, if there is none or more than one.
     */
    public Snapshot resolve(String dataset, String address) {
        List<Snapshot> all = snapshots(dataset);
        if (all.isEmpty()) {
            throw InvalidInput.of(
                    "dataset '%s' has no snapshot".formatted(dataset), "Run 'lastgood snapshot take' first.");
        }
        if (address.equals("latest")) {
            return all.get(all.size() - 1);
        }
        List<Snapshot> matching = address.isEmpty()
                ? List.of()
                : all.stream()
                        .filter(one -> one.id().text().startsWith(address))
                        .toList();
        if (matching.size() == 1) {
            return matching.get(0);
        }
        if (matching.isEmpty()) {
            throw InvalidInput.of(
                    "dataset '%s' has no snapshot '%s'".formatted(dataset, address),
                    "There is: %s.".formatted(shown(all)));
        }
        throw InvalidInput.of(
                "'%s' is the beginning of %d snapshots of dataset '%s'".formatted(address, matching.size(), dataset),
                "Write more of it: %s.".formatted(shown(matching)));
    }

    private static final int SHOWN = 10;

    /** The newest first, as they are the likelier ones. */
    private static String shown(List<Snapshot> all) {
        List<String> ids = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0 && ids.size() < SHOWN; i--) {
            ids.add(all.get(i).id().text());
        }
        int more = all.size() - ids.size();
        return String.join(", ", ids) + (more > 0 ? " and %d more".formatted(more) : "");
    }

    // Verifications

    /** The last verification at each level that was ever run on it. */
    public Map<Level, Verification> verifications(String dataset, SnapshotId snapshot) {
        return Collections.unmodifiableMap(verifications.getOrDefault(new Place(snapshot, dataset), Map.of()));
    }

    public Optional<Verification> verification(String dataset, SnapshotId snapshot, Level level) {
        return Optional.ofNullable(verifications(dataset, snapshot).get(level));
    }

    /**
     * Whether the last verification at this level has passed, and nothing is known to be damaged. From L2 on that asks for
     * every byte of what it builds on as well.
     */
    public boolean isVerified(String dataset, SnapshotId snapshot, Level level) {
        return damaged(dataset, snapshot).isEmpty()
                && verification(dataset, snapshot, level)
                        .map(last -> last.report().verdict() == Verdict.PASS)
                        .orElse(false)
                && (level.compareTo(Level.L2) < 0
                        || chain(dataset, snapshot).stream()
                                .allMatch(one -> verification(dataset, one, Level.L2)
                                        .map(last -> last.report().verdict() == Verdict.PASS)
                                        .orElse(one.equals(snapshot))));
    }

    /**
     * The lowest level at which the files were last found damaged, until they pass it again; what a level above had proven
     * before says nothing any more. Files of the snapshots it builds on are its own in this. That rules are broken is no
     * damage.
     */
    public Optional<Level> damaged(String dataset, SnapshotId snapshot) {
        return chain(dataset, snapshot).stream()
                .flatMap(one -> ownDamage(dataset, one).stream())
                .min(Comparator.naturalOrder());
    }

    /** A snapshot and what it builds on, to the full one. */
    public List<SnapshotId> chain(String dataset, SnapshotId snapshot) {
        List<SnapshotId> chain = new ArrayList<>();
        Optional<SnapshotId> next = Optional.of(snapshot);
        while (next.isPresent() && !chain.contains(next.get())) {
            chain.add(next.get());
            next = snapshot(dataset, next.get()).map(Snapshot::parent);
        }
        return chain;
    }

    private Optional<Level> ownDamage(String dataset, SnapshotId snapshot) {
        return verifications(dataset, snapshot).entrySet().stream()
                .filter(one -> one.getKey().compareTo(Level.L4) < 0)
                .filter(one -> one.getValue().report().verdict() == Verdict.FAIL)
                .map(Map.Entry::getKey)
                .min(Comparator.naturalOrder());
    }

    // Holds

    /** Holds that have not been released, oldest first, also those whose time is over. */
    public List<Hold> holds() {
        return sorted(holds.values(), Comparator.comparing(Hold::at).thenComparing(Hold::id));
    }

    /** The holds that keep a snapshot now, oldest first; none if it may be pruned. */
    public List<Hold> heldBy(SnapshotId snapshot, Instant now) {
        return holds().stream()
                .filter(hold -> hold.isActive(now) && hold.snapshots().contains(snapshot))
                .toList();
    }

    // Audits, plans, runs

    /** All audits, oldest first. */
    public List<Audit> audits() {
        return sorted(audits.values(), Comparator.comparing(Audit::at).thenComparing(Audit::id));
    }

    public Optional<Audit> audit(String id) {
        return Optional.ofNullable(audits.get(id));
    }

    /** All plans, oldest first. */
    public List<Plan> plans() {
        return sorted(plans.values(), Comparator.comparing(Plan::at).thenComparing(Plan::id));
    }

    public Optional<Plan> plan(String id) {
        return Optional.ofNullable(plans.get(id));
    }

    /** All runs, oldest first. */
    public List<Run> runs() {
        return sorted(runs.values(), Comparator.comparing(Run::at).thenComparing(Run::id));
    }

    public Optional<Run> run(String id) {
        return Optional.ofNullable(runs.get(id));
    }

    /** The runs of a plan, oldest first. */
    public List<Run> runs(String plan) {
        return runs().stream().filter(run -> run.plan().equals(plan)).toList();
    }

    private static <T> List<T> sorted(Collection<T> items, Comparator<T> order) {
        return items.stream().sorted(order).toList();
    }

    // What may follow

    /** The event itself. Throws {@link Refusal} if it may not be the next one. */
    public Event check(Event event, Instant now) {
        return event.accept(new CatalogGuard(this, now));
    }
}
