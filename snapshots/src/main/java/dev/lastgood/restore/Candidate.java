package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.target.Target;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record that a plan is asked to consider.
 *
 * @param accusations the findings of the incident about it
 * @param named what a person said shall be put back
 * @param live the record as just read
 */
public record Candidate(
        String dataset, Key key, List<Accusation> accusations, Named named, History history, Target.Seen live) {

    public Candidate {
        accusations = List.copyOf(accusations);
    }

    /** A rule the record breaks, and where in the record; null: in no one place. */
    public record Accusation(String rule, @Nullable FieldPath place) {
        public static Accusation of(String rule) {
            return new Accusation(rule, null);
        }
    }

    /** What a person named. */
    public sealed interface Named {
        /** Nobody named the record: only rules speak. */
        record Nobody() implements Named {}

        /**
         * The record, whatever changed in it, and that it is not there.
         *
         * @param orGone whether it is to go if it was not there
         */
        record Whole(boolean orGone) implements Named {}

        /** These fields of it, and all below them. */
        record Fields(Set<FieldPath> paths) implements Named {
            public Fields {
                paths = Set.copyOf(paths);
            }
        }

        Named NOBODY = new Nobody();
        Named WHOLE = new Whole(false);
        Named WHOLE_OR_GONE = new Whole(true);
    }
}
