package dev.lastgood.restore;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a record's past.
 *
 * @param good the newest capture before the damage in which it is good, or as not there; null: no capture is that old
 * @param bad as the damage left it; null: there was no record then
 * @param origin where the bad image comes from
 * @param later the record as it is known to have been legitimately after the good and before the bad image, the latest first
 * @param deletion the tombstone that the accused delete left, as the target's token of the absent record says it; empty if
 *     the delete left no evidence or none is accused
 */
public record History(
        @Nullable Good good, @Nullable Image bad, Origin origin, List<Later> later, String deletion, Set<Mark> marks) {

    public History {
        later = List.copyOf(later);
        marks = Set.copyOf(marks);
    }

    public static History of(Good good, @Nullable Image bad, Origin origin) {
        return new History(good, bad, origin, List.of(), "", Set.of());
    }

    /** The record is newer than every capture. */
    public static History newer(Image bad, Origin origin) {
        return new History(null, bad, origin, List.of(), "", Set.of());
    }

    /** The same, with the tombstone of the accused delete. */
    public History deletedAs(String tombstone) {
        return new History(good, bad, origin, later, tombstone, marks);
    }

    /** The same, where that is known of the time between the good and the bad image. */
    public History since(List<Later> known) {
        return new History(good, bad, origin, known, deletion, marks);
    }

    /** The same, with one mark more. */
    public History marked(Mark mark) {
        Set<Mark> more = new HashSet<>(marks);
        more.add(mark);
        return new History(good, bad, origin, later, deletion, more);
    }

    /**
     * The same, where every record has every field: one that the good image lacks was not there to be captured, so nothing
     * is known of it, and it stays as it is.
     */
    public History knowing() {
        Image image = goodImage();
        if (good == null || image == null || bad == null) {
            return this;
        }
        for (Map.Entry<String, Value> field : bad.fields().entrySet()) {
            if (image.field(field.getKey()) == null) {
                image = image.with(field.getKey(), field.getValue());
            }
        }
        return new History(new Good(image, good.snapshot(), good.at()), bad, origin, later, deletion, marks);
    }

    /** The good image; null if there was no record, or no capture that old. */
    public @Nullable Image goodImage() {
        return good == null ? null : good.image();
    }

    public Optional<Mark> obstacle() {
        return marks.stream().filter(Mark::isObstacle).sorted().findFirst();
    }

    /** A record in a capture; the image is null if there was no such record. */
    public record Good(@Nullable Image image, String snapshot, Instant at) {}

    /**
     * A record as legitimate writers are known to have left it later than the good image, by something that is no proof of
     * more: an audit that found nothing wrong with it then, or a capture that nobody has verified.
     *
     * @param source what knows it, for people
     */
    public record Later(Image image, String source, Instant at) {}

    /** Where a bad image comes from. It is told, and decides nothing. */
    public enum Origin {
        /** The image right after the offending write. */
        CHANGE_LOG,
        /** The first capture in which the record is bad. */
        SNAPSHOT,
        /** The audit's own reading of live. */
        OBSERVED
    }

    /** What else is to be known of a record. */
    public enum Mark {
        /** Good and bad took turns; the last onset counts. */
        FLAPPING(null, "good and bad in turn"),
        /** Somebody deleted it after what is accused. */
        DELETED_SINCE(Conflict.Type.LATER_DELETE, "the record was deleted after the audit"),
        /** On the erasure list. */
        ERASED(Conflict.Type.ERASURE, "the record is on the erasure list"),
        /** More than one record has this key. */
        DUPLICATE_KEY(Conflict.Type.DUPLICATE_KEY, "several records have this key"),
        /** The older image cannot be read as the record is written today. */
        SCHEMA_DRIFT(Conflict.Type.SCHEMA_DRIFT, "the good image cannot be read as the record is written today");

        private final Conflict.@Nullable Type conflict;
        private final String explanation;

        Mark(Conflict.@Nullable Type conflict, String explanation) {
            this.conflict = conflict;
            this.explanation = explanation;
        }

        boolean isObstacle() {
            return conflict != null;
        }

        Optional<Conflict.Type> conflict() {
            return Optional.ofNullable(conflict);
        }

        String explanation() {
            return explanation;
        }
    }
}
