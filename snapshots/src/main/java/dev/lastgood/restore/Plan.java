package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a restore will write, what it will not and why. Made from the same inputs it is the same, byte for byte, in its
 * files; see {@link PlanFiles}.
 *
 * @param unread what would know of later legitimate values than the good images', and could not be read
 */
public record Plan(
        Header header,
        List<Step> steps,
        List<Conflict> conflicts,
        List<Decided> decided,
        List<HeldBack> heldBack,
        List<Unrecoverable> unrecoverable,
        List<Unattributed> unattributed,
        List<Simulated> simulated,
        long healed,
        long untouched,
        List<String> unread) {

    public Plan {
        steps = List.copyOf(steps);
        conflicts = List.copyOf(conflicts);
        decided = List.copyOf(decided);
        heldBack = List.copyOf(heldBack);
        unrecoverable = List.copyOf(unrecoverable);
        unattributed = List.copyOf(unattributed);
        simulated = List.copyOf(simulated);
        unread = List.copyOf(unread);
    }

    /** The same, made without that. */
    public Plan without(Collection<String> unreadable) {
        return new Plan(
                header,
                steps,
                conflicts,
                decided,
                heldBack,
                unrecoverable,
                unattributed,
                simulated,
                healed,
                untouched,
                List.copyOf(unreadable));
    }

    /**
     * What the plan is bound to.
     *
     * @param snapshots where good images are from, in order
     * @param rules hash by id, of all rules that were asked
     */
    public record Header(
            String workspace,
            String author,
            Instant createdAt,
            Instant expiresAt,
            Mode mode,
            List<String> snapshots,
            SortedMap<String, String> rules,
            SortedMap<String, Bound> datasets) {
        public Header {
            snapshots = List.copyOf(snapshots);
            rules = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(rules));
            datasets = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(datasets));
        }
    }

    /**
     * What a dataset must still be when the plan is applied.
     *
     * @param target its identity
     * @param schema fingerprint of its schema; empty if it has none
     * @param policy digest of what the workspace says of restoring it
     * @param consumers whom a write sets off, each of which an approver acknowledges
     */
    public record Bound(String target, String schema, String policy, List<String> consumers) {
        public Bound {
            consumers = List.copyOf(consumers);
        }
    }

    /** A conflict that is none any more, because a person has decided it. */
    public record Decided(Conflict conflict, Decision.Take take, String by, String why) {}

    /** A record that could be restored but for a conflict elsewhere in its group. */
    public record HeldBack(String dataset, Key key, String group, Conflict cause) {}

    /**
     * A damaged record with no good image: listed with its values, never deleted, never guessed.
     *
     * @param live as it is now; null: it is not there
     */
    public record Unrecoverable(
            String dataset,
            Key key,
            List<String> reasons,
            @Nullable Image live) {
        public Unrecoverable {
            reasons = List.copyOf(reasons);
        }
    }

    /** A place that changed between the good and the bad image and that nothing accuses: kept, and listed. */
    public record Unattributed(String dataset, Key key, FieldChange change) {
        public FieldPath path() {
            return change.path();
        }
    }

    /**
     * The groups of several records that no one transaction can hold, so that some of a group may be written and others not;
     * by name, with the datasets they are in.
     *
     * @param storeOf the store of a dataset in which it is written together with others; empty: none
     */
    public SortedMap<String, SortedSet<String>> groupsInPieces(UnaryOperator<String> storeOf) {
        Map<String, List<Step>> groups =
                steps.stream().filter(step -> !step.group().isEmpty()).collect(Collectors.groupingBy(Step::group));
        SortedMap<String, SortedSet<String>> pieces = new TreeMap<>();
        groups.forEach((name, members) -> {
            SortedSet<String> datasets =
                    members.stream().map(Step::dataset).collect(Collectors.toCollection(TreeSet::new));
            List<String> stores = datasets.stream().map(storeOf).distinct().toList();
            boolean apart =
                    members.get(members.size() - 1).number() - members.get(0).number() >= members.size();
            if (members.size() > 1
                    && (apart
                            || stores.size() > 1
                            || stores.get(0).isEmpty()
                            || members.size() > Batches.MOST_OF_GROUP)) {
                pieces.put(name, datasets);
            }
        });
        return pieces;
    }

    public long count(Action action) {
        return steps.stream().filter(step -> step.action() == action).count();
    }

    /** How many conflicts there are of each type that occurs. */
    public SortedMap<Conflict.Type, Long> conflictCounts() {
        return conflicts.stream().collect(Collectors.groupingBy(Conflict::type, TreeMap::new, Collectors.counting()));
    }

    /** How many conflicts were decided that way. */
    public long count(Decision.Take take) {
        return decided.stream().filter(one -> one.take() == take).count();
    }

    public long count(Proof proof) {
        return steps.stream()
                .filter(step -> step.proof() == proof)
                .mapToLong(step -> step.fields().size())
                .sum();
    }

    /** Places, or records, that stay as they are because the good image is known to be older than a legitimate write. */
    public long stale() {
        return conflictCounts().getOrDefault(Conflict.Type.STALE_GOOD, 0L);
    }

    /** Fields that are written, over all steps. */
    public long fieldCount() {
        return steps.stream().mapToLong(step -> step.fields().size()).sum();
    }

    /** Steps that insert a record without delete evidence. */
    public long insertsWithoutEvidence() {
        return steps.stream()
                .filter(step -> step.evidence() == Step.Evidence.NONE)
                .count();
    }
}
