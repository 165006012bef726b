package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Seen;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is to be done about one step, given the record as just read and what the journal knows. Pure. */
final class StepRules {
    private final Step step;
    private final Policy policy;
    private final Comparison values;

    StepRules(Step step, Policy policy) {
        this.step = step;
        this.policy = policy;
        this.values = policy.comparison().ignoringNothing();
    }

    sealed interface Decision {
        /** The step has come to its end without a write. */
        record End(Entry.Ended entry) implements Decision {}

        /** The record shall become this; null: it shall be deleted. */
        record Write(@Nullable Image desired, Set<String> fields) implements Decision {}
    }

    /** What a record read again says of an intent whose answer is not known. */
    enum Fate {
        /** It was carried out. */
        DONE,
        /** It was not, and the record is as it was. */
        UNMOVED,
        /** The record moved, and the values to be overwritten are there again. */
        REVERTED,
        /** It cannot be told. */
        UNKNOWN
    }

    /** Decides afresh on the record as read. */
    Decision decide(Seen seen, Touch touch) {
        if (seen.isSeveral()) {
            return conflict(Conflict.Type.DUPLICATE_KEY);
        }
        return switch (step.action()) {
            case UPDATE -> update(seen, touch);
            case INSERT -> insert(seen, touch);
            case DELETE -> delete(seen);
        };
    }

    private Decision update(Seen seen, Touch touch) {
        Image live = seen.image();
        if (live == null) {
            return conflict(Conflict.Type.LATER_DELETE);
        }
        if (seen.erased()) {
            return conflict(Conflict.Type.ERASURE);
        }
        Image good = Objects.requireNonNull(step.good());
        Image bad = Objects.requireNonNull(step.bad());
        int healed = 0;
        for (FieldPath path : step.paths()) {
            switch (Merge.place(good, bad, live, path, policy.manner())) {
                case HEALED -> healed++;
                case RESTORE -> {}
                case LATER_WRITE, GREATER -> {
                    return conflict(Conflict.Type.LATER_WRITE, path);
                }
                case UNTOUCHED ->
                    throw new IllegalStateException(step + " writes what no image says is damaged: " + path);
            }
        }
        if (healed == step.fields().size()) {
            return new Decision.End(Entry.Ended.of(step.number(), State.NOOP, "live holds the good values"));
        }
        if (healed > 0) {
            return conflict(Conflict.Type.GUARD_LOST);
        }
        Image desired = touch.updated(live, step.fields(), good);
        return new Decision.Write(desired, Touch.written(live, desired));
    }

    private Decision insert(Seen seen, Touch touch) {
        Image good = Objects.requireNonNull(step.good());
        if (seen.image() != null) {
            return isThere(good, seen.image())
                    ? new Decision.End(Entry.Ended.of(step.number(), State.NOOP, "the record is there"))
                    : conflict(Conflict.Type.RECREATED);
        }
        if (seen.erased()) {
            return conflict(Conflict.Type.ERASURE);
        }
        if (!seen.token().equals(step.guard())) {
            return conflict(Conflict.Type.LATER_DELETE);
        }
        Image desired = touch.inserted(good);
        return new Decision.Write(desired, desired.fields().keySet());
    }

    private Decision delete(Seen seen) {
        if (seen.image() == null) {
            return new Decision.End(Entry.Ended.of(step.number(), State.NOOP, "the record is not there"));
        }
        boolean unmoved = !step.guard().isEmpty() && seen.token().equals(step.guard());
        return unmoved || policy.comparison().same(step.bad(), seen.image())
                ? new Decision.Write(null, seen.image().fields().keySet())
                : conflict(Conflict.Type.SPURIOUS_EDITED);
    }

    private Decision conflict(Conflict.Type type) {
        return new Decision.End(Entry.Ended.conflict(step.number(), type, type.meaning()));
    }

    private Decision conflict(Conflict.Type type, FieldPath path) {
        return new Decision.End(Entry.Ended.conflict(step.number(), type, path + ": " + type.meaning()));
    }

    /** What became of the last of the intents that are open. */
    Fate reconcile(List<Entry.Intent> open, Seen seen) {
        Entry.Intent last = open.get(open.size() - 1);
        boolean unmoved = seen.token().equals(last.token()) && (seen.image() == null) == (last.pre() == null);
        // Absence without a tombstone has no token: it may have been filled and emptied again.
        if (unmoved && !(seen.absent() && seen.token().isEmpty())) {
            return Fate.UNMOVED;
        }
        return switch (step.action()) {
            case UPDATE -> seen.image() == null ? Fate.UNKNOWN : updated(last, seen.image());
            case INSERT ->
                seen.image() != null && isOurs(Objects.requireNonNull(last.post()), seen.image())
                        ? Fate.DONE
                        : Fate.UNKNOWN;
            // Absent it may be by somebody else's delete, which is not ours to undo.
            case DELETE ->
                seen.image() != null && policy.comparison().same(last.pre(), seen.image())
                        ? Fate.REVERTED
                        : Fate.UNKNOWN;
        };
    }

    private Fate updated(Entry.Intent intent, Image live) {
        if (holds(Objects.requireNonNull(intent.post()), live)) {
            return isStampedByUs(intent, live) ? Fate.DONE : Fate.UNKNOWN;
        }
        return holds(Objects.requireNonNull(intent.pre()), live) ? Fate.REVERTED : Fate.UNKNOWN;
    }

    /** Somebody else may have written the same values, but not the stamp. True where the write changes none. */
    private boolean isStampedByUs(Entry.Intent intent, Image live) {
        FieldPath stamp = policy.stamp();
        if (stamp == null) {
            return true;
        }
        Value pre = Patch.at(Objects.requireNonNull(intent.pre()), stamp).value();
        Value post = Patch.at(Objects.requireNonNull(intent.post()), stamp).value();
        return values.same(stamp, pre, post)
                || !values.same(stamp, pre, Patch.at(live, stamp).value());
    }

    /** Whether the restored places of the two images are the same. */
    private boolean holds(Image image, Image live) {
        return step.paths().stream()
                .allMatch(path -> values.same(
                        path,
                        Patch.at(image, path).value(),
                        Patch.at(live, path).value()));
    }

    /** Whether the record is the one that was written: counters and times say who wrote it. */
    private boolean isOurs(Image post, Image live) {
        return post.fields().keySet().stream()
                .map(FieldPath::of)
                .allMatch(path -> values.same(path, post.field(path.root()), live.field(path.root())));
    }

    /** Whether the record holds every value of the image, but for the machinery's own. */
    private boolean isThere(Image image, Image live) {
        return image.fields().entrySet().stream()
                .map(field -> FieldPath.of(field.getKey()))
                .filter(path -> !policy.isOwn(path))
                .allMatch(path -> policy.comparison().same(path, image.field(path.root()), live.field(path.root())));
    }

    /** The same of what an update wrote and may have grown since. */
    private boolean holdsStill(Image image, Image live) {
        Merge.Manner manner = policy.manner();
        return step.paths().stream().allMatch(path -> {
            Value written = Patch.at(image, path).value();
            Value now = Patch.at(live, path).value();
            return values.same(path, written, now) || (manner.isMonotonic(path) && Merge.isGrown(written, now));
        });
    }

    /** What re-reading a step shows that was written as intended. */
    Recheck.Found check(Entry.Intent intent, Seen seen) {
        Image live = seen.image();
        boolean intended = switch (step.action()) {
            case UPDATE -> live != null && holdsStill(Objects.requireNonNull(intent.post()), live);
            case INSERT -> live != null && isThere(Objects.requireNonNull(intent.post()), live);
            case DELETE -> live == null;
        };
        if (intended) {
            return Recheck.Found.INTENDED;
        }
        boolean reinfected = switch (step.action()) {
            case UPDATE -> live != null && holds(Objects.requireNonNull(intent.pre()), live);
            case INSERT -> false;
            case DELETE -> policy.comparison().same(intent.pre(), live);
        };
        return reinfected ? Recheck.Found.REINFECTED : Recheck.Found.DRIFTED;
    }

    /** The changes a step makes must be those its images justify: the plan's bytes are approved, not believed. */
    static void justify(Step step) {
        if (step.action() != Action.UPDATE) {
            return;
        }
        Image good = Objects.requireNonNull(step.good());
        for (FieldChange change : step.fields()) {
            if (!Objects.equals(change.after(), Patch.at(good, change.path()).value())) {
                throw new Refusal(
                        "%s would write a value that is not the good image's: %s; nothing was applied"
                                .formatted(step, change.path()),
                        null);
            }
        }
    }
}
