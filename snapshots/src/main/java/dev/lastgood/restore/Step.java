package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record to be put back, and what decides at apply whether it still may be.
 *
 * @param number from 1, in the order of writing
 * @param fields what the step writes and nothing else: live value before, desired value after; of an insert and a delete
 *     the fields of the record
 * @param good what is put back; null: the record is deleted
 * @param bad what may be overwritten; null: the record is not there
 * @param reasons rule ids, {@code named} for a person's wish, {@code pattern} for the incident's change, {@code
 *     decided} where somebody has worked on and a person wants the good image all the same
 * @param goodSnapshot where the good image is from
 * @param goodAt when it was captured
 * @param guard the live record's token when the plan was made; of an insert the tombstone it is bound to
 * @param liveDigest of the live record when the plan was made; empty if it was absent
 * @param evidence whether an insert is backed by delete evidence
 * @param group steps of one group are written together; empty: the step is on its own
 */
public record Step(
        int number,
        String dataset,
        Key key,
        Action action,
        List<FieldChange> fields,
        @Nullable Image good,
        @Nullable Image bad,
        List<String> reasons,
        String goodSnapshot,
        Instant goodAt,
        Proof proof,
        History.Origin origin,
        String guard,
        String liveDigest,
        Evidence evidence,
        String group) {

    public static final String NAMED = "named";
    public static final String PATTERN = "pattern";

    /** A person has decided a conflict for the good image. */
    public static final String DECIDED = "decided";

    public Step {
        fields = List.copyOf(fields);
        reasons = List.copyOf(reasons);
        if ((action != Action.DELETE && good == null) || (action != Action.INSERT && bad == null)) {
            throw new IllegalArgumentException("%s of %s lacks an image".formatted(action, key));
        }
    }

    /** Whether it is known that an absent record was deleted by the damage and by nobody since. */
    public enum Evidence {
        /** The step inserts nothing. */
        NOT_NEEDED,
        /** The tombstone of the accused delete is there, and none after it. */
        TOMBSTONE,
        /** Not known: an approver must acknowledge the class. */
        NONE
    }

    public List<FieldPath> paths() {
        return fields.stream().map(FieldChange::path).toList();
    }

    /** Says which step it is, without values other than the key. */
    @Override
    public String toString() {
        return "step %d (%s, %s)".formatted(number, dataset, key);
    }
}
