package dev.lastgood.incident;

import dev.lastgood.record.Image;
import dev.lastgood.restore.History;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a corrupt record was last good, and since when it is not: the bracket in which the damage lies.
 *
 * @param good the newest capture before the damage in which the record is clean; null: there is none
 * @param goodImage the record in it, if images were asked for
 * @param without the newest capture before the damage, if the record was not there and nothing was wrong with that
 * @param bad the first capture of the damage, of its last stretch; null: only the audit has seen it
 * @param badImage the record in it, if images were asked for; null also where it was gone
 */
public record Past(
        @Nullable At good,
        @Nullable Image goodImage,
        @Nullable At without,
        @Nullable At bad,
        @Nullable Image badImage,
        Set<Mark> marks) {
    public Past {
        marks = Set.copyOf(marks);
    }

    /** A capture, and the end of its window. */
    public record At(String snapshot, Instant at) {}

    /** What else is to be known of a record's past. */
    public enum Mark {
        /** Good and bad took turns in the captures looked at; the last onset counts. */
        FLAPPING,
        /** No capture has a clean image of it. */
        UNRECOVERABLE,
        /** Since it was last good several records had its key, in one capture at least. */
        DUPLICATE_KEY
    }

    /**
     * The same for who makes a plan; only with images.
     *
     * @param observed the record as the audit saw it; null: it was gone
     */
    public History history(@Nullable Image observed) {
        Set<History.Mark> known = new HashSet<>();
        if (marks.contains(Mark.FLAPPING)) {
            known.add(History.Mark.FLAPPING);
        }
        if (marks.contains(Mark.DUPLICATE_KEY)) {
            known.add(History.Mark.DUPLICATE_KEY);
        }
        At then = good == null ? without : good;
        return new History(
                then == null ? null : new History.Good(goodImage, then.snapshot(), then.at()),
                bad == null ? observed : badImage,
                bad == null ? History.Origin.OBSERVED : History.Origin.SNAPSHOT,
                List.of(),
                "",
                known);
    }
}
