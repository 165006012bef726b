package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import org.jspecify.annotations.Nullable;

/**
 * What a person has decided of conflicts: of one, or of all of a type. It answers those conflicts that have everything it
 * names.
 *
 * @param dataset null: of any
 * @param key null: of any record
 * @param path null: of any place
 * @param by who decided
 * @param why in words
 */
public record Decision(
        Conflict.Type type,
        @Nullable String dataset,
        @Nullable Key key,
        @Nullable FieldPath path,
        Take take,
        String by,
        String why) {

    /** Which side of a conflict is taken. */
    public enum Take {
        /** What the good image has, over what somebody has written since. */
        GOOD,
        /** What is live: the record, or that place of it, stays, and holds nothing else back. */
        LIVE
    }

    public Decision {
        if (take == Take.GOOD && !isForGood(type)) {
            throw new IllegalArgumentException(type + " cannot be decided for the good image");
        }
    }

    /**
     * Whether conflicts of that type can be decided for the good image. The others say that the write would be wrong whoever
     * wants it, or that it is not known what it would do.
     */
    public static boolean isForGood(Conflict.Type type) {
        return switch (type) {
            case LATER_WRITE, RECREATED, SPURIOUS_EDITED, STALE_GOOD -> true;
            case LATER_DELETE,
                    UNSAFE_MERGE,
                    MISSING_REFERENCE,
                    UNIQUE_CLASH,
                    DUPLICATE_KEY,
                    SCHEMA_DRIFT,
                    GUARD_LOST,
                    ERASURE -> false;
        };
    }

    boolean answers(Conflict conflict) {
        return type == conflict.type()
                && (dataset == null || dataset.equals(conflict.dataset()))
                && (key == null || key.equals(conflict.key()))
                && (path == null || path.equals(conflict.path()));
    }

    /** How much it names: of two that answer a conflict the one that names more counts. */
    int weight() {
        return (key == null ? 0 : 4) + (path == null ? 0 : 2) + (dataset == null ? 0 : 1);
    }
}
