package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why a record, or one place of it, cannot be proven safe to restore. Live is kept.
 *
 * @param path null: the whole record
 * @param explanation in words, without values
 * @param found what that place holds, where the images tell; else null
 * @param stale of a place whose good value is known to be older than a legitimate one; else null
 */
public record Conflict(
        Type type,
        String dataset,
        Key key,
        @Nullable FieldPath path,
        String explanation,
        @Nullable Found found,
        @Nullable Stale stale) {

    public Conflict(Type type, String dataset, Key key, @Nullable FieldPath path, String explanation) {
        this(type, dataset, key, path, explanation, null, null);
    }

    /** A place in the good image, in the one the damage left, and in live; null means absent. */
    public record Found(
            @Nullable Value good,
            @Nullable Value bad,
            @Nullable Value live) {}

    /** What is known beside the good value: a later one, and where it is known from; null means absent. */
    public record Stale(@Nullable Value good, @Nullable Value later, String source, Instant at) {}

    public enum Type {
        /** Somebody wrote the field after the damage. */
        LATER_WRITE("somebody wrote it after the damage"),
        /** Somebody deleted the record after the damage. */
        LATER_DELETE("the record was deleted after the damage"),
        /** The record that was deleted is there again. */
        RECREATED("the record is there again"),
        /** The record that should not be was edited since. */
        SPURIOUS_EDITED("the record that should not be there was edited since"),
        /** A later legitimate value than that of the good image is known. */
        STALE_GOOD("a later legitimate value than the good image's is known"),
        /** Rules are broken by what would be written, or do not say which fields are wrong. */
        UNSAFE_MERGE("the rules do not prove the result safe"),
        /** The record refers to one that is not there. */
        MISSING_REFERENCE("the record would refer to one that is not there"),
        /** Another record has the value that must be unique. */
        UNIQUE_CLASH("another record has the value that must be unique"),
        /** More than one record has the key. */
        DUPLICATE_KEY("several records have this key"),
        /** The images cannot be read as the record is written today. */
        SCHEMA_DRIFT("the good image cannot be read as the record is written today"),
        /** The record moved between plan and apply. */
        GUARD_LOST("the record moved since it was read"),
        /** The record must not be brought back. */
        ERASURE("the record is on the erasure list");

        private final String meaning;

        Type(String meaning) {
            this.meaning = meaning;
        }

        public String meaning() {
            return meaning;
        }
    }

    /** The dataset, the key, the place, and why. */
    @Override
    public String toString() {
        return "%s (%s%s): %s: %s".formatted(dataset, key, path == null ? "" : ", " + path, type, explanation);
    }
}
