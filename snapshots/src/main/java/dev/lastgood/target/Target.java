package dev.lastgood.target;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A live dataset that a restore may read and write. All implementations pass one contract test. Not thread-safe.
 *
 * <p>Every method that reaches the store throws {@link TargetUnavailable} when it could not, and then nothing was written.
 */
public interface Target extends AutoCloseable {

    /**
     * What this target is, so that a plan made for one is refused by another: kind, server or folder, table. Stable over
     * time, holds no secret.
     */
    String identity();

    /** Changes with the names and types of the target's fields; empty if it has none that are declared. */
    default String schema() {
        return "";
    }

    /** What the store says of itself that bears on writing it. */
    default List<Fact> facts() {
        return List.of();
    }

    /**
     * What a store says of a dataset that bears on writing it.
     *
     * @param name of the trigger, the column or the table it is about
     * @param text in words
     */
    record Fact(Concern concern, String name, String text) {}

    /** What a fact is about. */
    enum Concern {
        /** A write sets something off. */
        TRIGGER,
        /** The database computes a column. */
        GENERATED,
        /** Another table refers to this one, or this one to another. */
        REFERENCE,
        /** Which rows are seen depends on who looks. */
        ROW_SECURITY
    }

    /** Reads records as they are now, and guards nothing. Keys are distinct. */
    default Map<Key, Seen> read(List<Key> keys) {
        try (Batch batch = open(keys)) {
            return batch.seen();
        }
    }

    /**
     * Reads the records of one batch, and from here on guards them: by locks where the store has them, else by the
     * tokens read. Keys are distinct.
     */
    Batch open(List<Key> keys);

    /**
     * The store in which records of this target, and of others that say the same, are written in one transaction; empty: it
     * has none over several targets.
     */
    default String store() {
        return "";
    }

    /**
     * Whether a record has another token after every write, so that one with the token it had was not written. Not so where the
     * token is made of what the record holds, which may be put back as it was.
     */
    default boolean countsWrites() {
        return false;
    }

    /**
     * {@link #open(List)} for records of several targets, this one among them, all of one {@link #store}.
     *
     * @param keys distinct in each target; at least one of this
     */
    default Together open(Map<Target, List<Key>> keys) {
        if (keys.size() != 1 || !keys.containsKey(this)) {
            throw new IllegalArgumentException("%d targets have no transaction together".formatted(keys.size()));
        }
        Batch batch = open(Objects.requireNonNull(keys.get(this)));
        return new Together() {
            @Override
            public Map<Key, Seen> seen(Target of) {
                return batch.seen();
            }

            @Override
            public List<Written> write(List<Placed> changes) {
                Map<Key, Written> written =
                        batch.write(changes.stream().map(Placed::change).toList());
                return changes.stream()
                        .map(placed -> Objects.requireNonNull(
                                written.get(placed.change().key()), () -> "no answer for " + placed))
                        .toList();
            }

            @Override
            public void close() {
                batch.close();
            }
        };
    }

    @Override
    void close();

    /** A change of a record of that target. */
    record Placed(Target target, Change change) {}

    /** Records of several targets, read together, to be written together. */
    interface Together extends AutoCloseable {

        /** What was read of that target, one entry for every key asked for. */
        Map<Key, Seen> seen(Target of);

        /**
         * Writes the changes in their order, as {@link Batch#write} does: of several targets, all of them or none. One answer
         * a change, in their order. May be called once.
         */
        List<Written> write(List<Placed> changes);

        /** Lets go of the records. What was not written by {@link #write} is as it was. */
        @Override
        void close();
    }

    /** Records read together, to be written together: one transaction where the store has one. */
    interface Batch extends AutoCloseable {

        /** What was read, one entry for every key asked for. */
        Map<Key, Seen> seen();

        /**
         * Writes each change if its record still is as {@link #seen} says, in one indivisible act a record (or, where
         * the store has transactions, one for all of them). Never retries. One answer a change. May be called once.
         */
        Map<Key, Written> write(List<Change> changes);

        /** Lets go of the records. What was not written by {@link #write} is as it was. */
        @Override
        void close();
    }

    /**
     * A record as read, with its token; the image is null if there is no such record, and the token then says which
     * tombstone it left: it is empty if the store keeps none.
     *
     * @param erased whether it is on a list of erasures: nothing of what it was is ever to be brought back
     */
    record Seen(@Nullable Image image, String token, boolean erased) {
        public Seen(@Nullable Image image, String token) {
            this(image, token, false);
        }

        public static final Seen ABSENT = new Seen(null, "");

        /** Several records that have one key, of which nobody can say which is meant: one of them. */
        public static Seen several(Image image) {
            return new Seen(image, SEVERAL);
        }

        private static final String SEVERAL = "several records";

        public boolean isSeveral() {
            return token.equals(SEVERAL);
        }

        /** A record that is on a list of erasures: absent, and never to be brought back. */
        public static final Seen ERASED = new Seen(null, "erased", true);

        public boolean absent() {
            return image == null;
        }
    }

    /**
     * What a record is to become. Only the named top-level fields are written when the record exists before and after;
     * a desired image of null deletes the record; one for an absent record inserts it.
     */
    record Change(Key key, Seen seen, @Nullable Image desired, Set<String> fields) {
        public Change {
            if (seen.absent() && desired == null) {
                throw new IllegalArgumentException("nothing to write: " + key + " is absent and shall be");
            }
            fields = Set.copyOf(fields);
        }

        /** The record as a whole once this is written: what is not named is as it was seen. Null: there is none. */
        public @Nullable Image result() {
            Image now = seen.image();
            return now == null || desired == null ? desired : now.with(fields, desired);
        }
    }

    /** What came of a write. */
    sealed interface Written {
        /** It is written; the record has this token now, and a deleted one its tombstone's, if the store keeps any. */
        record Done(String token) implements Written {}

        /** It is certain that nothing was written, now or later. */
        record Refused(String reason) implements Written {}

        /** The answer was lost: the write may have happened, or may still happen. */
        record Unknown(String cause) implements Written {}
    }
}
