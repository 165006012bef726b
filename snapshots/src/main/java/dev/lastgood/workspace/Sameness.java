package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What counts as the same value of a field, where that is not exact equality. */
public sealed interface Sameness {

    <R> R accept(Visitor<R> visitor);

    /** Reads it from outside, one method a kind. */
    interface Visitor<R> {
        R near(Near sameness);

        R within(Within sameness);

        R set(AsSet sameness);

        R keyed(Keyed sameness);

        R text(AsText sameness);

        R alike(Alike sameness);
    }

    /** What two texts may differ in and still be the same. */
    enum Ignored {
        /** Upper and lower case. */
        CASE,
        /** Blanks around it, and how many there are between two words. */
        BLANKS,
        /** Whether a letter and its accent are one character or two: Unicode's NFC. */
        UNICODE
    }

    /**
     * Numbers that differ little: if one of the bounds given holds.
     *
     * @param abs their difference is at most this; null: no such bound
     * @param rel their difference is at most this share of the larger magnitude; null: no such bound
     */
    record Near(@Nullable BigDecimal abs, @Nullable BigDecimal rel) implements Sameness {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.near(this);
        }
    }

    /** Times that differ by at most this. */
    record Within(Duration duration) implements Sameness {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.within(this);
        }
    }

    /** Arrays with the same elements, in any order. */
    record AsSet() implements Sameness {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.set(this);
        }
    }

    /** Arrays with the same element for each key, in any order. */
    record Keyed(List<FieldPath> key) implements Sameness {

        public Keyed {
            key = List.copyOf(key);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.keyed(this);
        }
    }

    /** The text as it is, though it could be read as something else. */
    record AsText() implements Sameness {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.text(this);
        }
    }

    /** Texts that differ in nothing but this. */
    record Alike(Set<Ignored> ignored) implements Sameness {

        public Alike {
            ignored = Set.copyOf(ignored);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.alike(this);
        }
    }
}
