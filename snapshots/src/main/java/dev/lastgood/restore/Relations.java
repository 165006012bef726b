package dev.lastgood.restore;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what writes would do to uniqueness and references, which no single record decides. */
public interface Relations {

    /**
     * The breaches there would be with all the writes laid over live that are not there without them. Each names one of
     * the writes, which is left out for it.
     */
    List<Breach> breaches(List<Laid> writes);

    /**
     * How many records of live break relations that the writes touch, without the writes and with all of them laid over it;
     * by rule. Nothing where that is not known.
     */
    default List<Simulated> simulated(List<Laid> writes) {
        return List.of();
    }

    /** Whether a step may touch a relation, and is to be among those {@link #broken} is asked about. */
    default boolean concerns(Step step) {
        return false;
    }

    /**
     * The relations that records of live break with all the writes, and do not break without them: asked of a run as a whole,
     * on live as it is now. A write that is done stands in it with the record as it was without it.
     *
     * @throws RuntimeException if one of them cannot be told
     */
    default List<Broken> broken(List<Laid> writes) {
        return List.of();
    }

    /** A rule, and how many records newly break it. */
    record Broken(String rule, long records) {}

    /** A record without a write and with it; null means that there is no such record. */
    record Laid(
            String dataset,
            Key key,
            @Nullable Image live,
            @Nullable Image desired) {}

    /** What a write would break, in words without values; and the missing parent that would cure it, if one would. */
    record Breach(
            Conflict.Type type,
            String dataset,
            Key key,
            String explanation,
            @Nullable Missing parent) {}

    /** A record that is not there and that a record refers to, by that rule. */
    record Missing(String rule, String dataset, Key key) {}

    /** Knows no relations. */
    Relations NONE = writes -> List.of();
}
