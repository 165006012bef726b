package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Something that happened, as the catalog keeps it. The kinds are closed: a program that meets another one stops. */
public sealed interface Event {

    /** What a visitor makes of each kind. */
    interface Visitor<R> {
        R taking(Taking event);

        R taken(Taken event);

        R adopted(Adopted event);

        R verified(Verified event);

        R held(Held event);

        R released(Released event);

        R pruning(Pruning event);

        R pruned(Pruned event);

        R audited(Audited event);

        R planned(Planned event);

        R approved(Approved event);

        R started(Started event);

        R paused(Paused event);

        R ended(Ended event);

        R resolved(Resolved event);

        R rebuilt(Rebuilt event);
    }

    <R> R accept(Visitor<R> visitor);

    /** A snapshot is being taken: its folders belong to that take, and prune leaves them alone for a week. */
    record Taking(SnapshotId snapshot, List<String> datasets) implements Event {
        public Taking {
            datasets = List.copyOf(datasets);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.taking(this);
        }
    }

    /** A snapshot is complete: from here on it exists for readers, in all its datasets at once. */
    record Taken(SnapshotId snapshot, SortedMap<String, Captured> datasets) implements Event {
        public Taken {
            datasets = Event.copyOf(datasets);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.taken(this);
        }
    }

    /** A snapshot that others made has got manifests. */
    record Adopted(SnapshotId snapshot, SortedMap<String, Captured> datasets) implements Event {
        public Adopted {
            datasets = Event.copyOf(datasets);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.adopted(this);
        }
    }

    /**
     * What the catalog says about one dataset of a snapshot.
     *
     * @param manifest digest of the manifest: what names the snapshot's content
     * @param parent the snapshot it builds on, null if it is whole in itself
     */
    record Captured(
            Sha256 manifest,
            Instant from,
            Instant to,
            long records,
            long bytes,
            @Nullable SnapshotId parent) {
        public static Captured of(Manifest manifest) {
            Manifest.Parent parent = manifest.chain().parent();
            return new Captured(
                    manifest.digest(),
                    manifest.capture().from(),
                    manifest.capture().to(),
                    manifest.counts().records(),
                    manifest.counts().bytes(),
                    parent == null ? null : parent.snapshot());
        }
    }

    /**
     * A dataset of a snapshot was verified at one level.
     *
     * @param since when the first of it was looked at, if that was not in one go: ages count from there; null for one that
     *     was
     */
    record Verified(
            SnapshotId snapshot,
            String dataset,
            VerificationReport report,
            @Nullable Instant since) implements Event {
        /** How many damages an event lists; the report given to people lists all. */
        static final int LISTED = 1000;

        public Verified {
            report = report.listing(LISTED);
        }

        /** One that was verified in one go. */
        public Verified(SnapshotId snapshot, String dataset, VerificationReport report) {
            this(snapshot, dataset, report, null);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.verified(this);
        }
    }

    /** Why a snapshot may not be pruned. */
    enum Reason {
        MANUAL,
        INCIDENT,
        PLAN,
        UNDO
    }

    /**
     * Snapshots are held: prune leaves them alone until the hold is released or its time is over. The hold is known by the
     * id of its catalog entry.
     *
     * @param until null for a hold without an end
     * @param note for people: which incident, plan or run, or why
     */
    record Held(
            List<SnapshotId> snapshots,
            Reason reason,
            @Nullable Instant until,
            String note) implements Event {
        public Held {
            snapshots = List.copyOf(snapshots);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.held(this);
        }
    }

    /** The hold with this id is no more. */
    record Released(String hold) implements Event {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.released(this);
        }
    }

    /** Snapshots are about to be removed: from here on they do not exist for readers and cannot be held. */
    record Pruning(List<SnapshotId> snapshots) implements Event {
        public Pruning {
            snapshots = List.copyOf(snapshots);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.pruning(this);
        }
    }

    /** The files of snapshots are gone. */
    record Pruned(List<SnapshotId> snapshots) implements Event {
        public Pruned {
            snapshots = List.copyOf(snapshots);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.pruned(this);
        }
    }

    /**
     * An audit has ended.
     *
     * @param baseline the snapshot each dataset was compared with
     * @param document digest of its audit.json
     */
    record Audited(String audit, Verdict verdict, SortedMap<String, SnapshotId> baseline, Sha256 document)
            implements Event {
        public Audited {
            baseline = Event.copyOf(baseline);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.audited(this);
        }
    }

    /**
     * A restore plan is there.
     *
     * @param plan the first 12 hex digits of the digest
     * @param audit the audit it comes from, null if a person chose the records
     * @param expires from when on it may not be applied any more
     */
    record Planned(String plan, Sha256 digest, @Nullable String audit, long steps, long conflicts, Instant expires)
            implements Event {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.planned(this);
        }
    }

    /**
     * A plan may be applied.
     *
     * @param expires from when on the approval counts no more
     * @param signature of the approver over the digest; null if it is not authenticated
     */
    record Approved(String plan, Sha256 digest, Instant expires, Manifest.@Nullable Signature signature)
            implements Event {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.approved(this);
        }
    }

    /**
     * A run has begun to write, or goes on.
     *
     * @param undoes the run it undoes, null if it applies the plan
     */
    record Started(String run, String plan, @Nullable String undoes) implements Event {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.started(this);
        }
    }

    record Paused(String run, String reason) implements Event {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.paused(this);
        }
    }

    /** How a run has ended. */
    enum End {
        APPLIED,
        VERIFIED,
        ABORTED
    }

    /**
     * A run has come to an end: every step has its outcome, or nobody will go on.
     *
     * @param counts steps by outcome, as in the receipt
     * @param receipt digest of its receipt.json
     */
    record Ended(String run, End end, SortedMap<String, Long> counts, Sha256 receipt) implements Event {
        public Ended {
            counts = Event.copyOf(counts);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ended(this);
        }
    }

    /**
     * A person has found out what became of steps nobody could tell the outcome of.
     *
     * @param steps by number
     * @param outcome what became of them
     */
    record Resolved(String run, List<Long> steps, String outcome, String note) implements Event {
        public Resolved {
            steps = List.copyOf(steps);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.resolved(this);
        }
    }

    /**
     * A catalog begins anew, because the one before it was damaged. It is the first of its entries, whatever its number.
     *
     * @param lost the folder of the store where the entries of the old one lie
     * @param kept the events that were taken over, in order
     */
    record Rebuilt(String lost, List<Kept> kept) implements Event {
        public Rebuilt {
            StoreName.checked(lost);
            kept = List.copyOf(kept);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rebuilt(this);
        }
    }

    /** An event that was taken over, with what its entry said of it. */
    record Kept(String id, Instant at, String by, Event event) {
        public Kept {
            if (event instanceof Rebuilt) {
                throw new IllegalArgumentException("a catalog that begins anew within another");
            }
        }
    }

    private static <V> SortedMap<String, V> copyOf(Map<String, V> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
