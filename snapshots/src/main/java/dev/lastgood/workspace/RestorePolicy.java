package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a restore may do to a dataset.
 *
 * @param never fields that are never written
 * @param bump fields that get their next value, from what live holds, with every write
 * @param stamp field that says a restore wrote this; null: none
 * @param consumers who is told of a write, and what it does then
 * @param monotonic fields whose values only ever grow: of the good and the live value the greater one is restored, so that
 *     what was added since the damage is never taken away
 */
public record RestorePolicy(
        Write write,
        List<FieldPath> never,
        List<FieldPath> bump,
        @Nullable FieldPath stamp,
        List<Consumer> consumers,
        Limits limits,
        Timeouts timeouts,
        List<FieldPath> monotonic,
        Throttle throttle) {

    /** What holds if the workspace says nothing: nothing is ever written. */
    public static final RestorePolicy DEFAULT = new RestorePolicy(
            Write.EXPORT_ONLY,
            List.of(),
            List.of(),
            null,
            List.of(),
            Limits.NONE,
            Timeouts.DEFAULT,
            List.of(),
            Throttle.NONE);

    public RestorePolicy {
        never = List.copyOf(never);
        bump = List.copyOf(bump);
        consumers = List.copyOf(consumers);
        monotonic = List.copyOf(monotonic);
    }

    /** The same, with further fields that are never written. */
    RestorePolicy neverWriting(List<FieldPath> fields) {
        return new RestorePolicy(
                write,
                Stream.concat(never.stream(), fields.stream()).distinct().toList(),
                bump,
                stamp,
                consumers,
                limits,
                timeouts,
                monotonic,
                throttle);
    }

    /** Whether and how live may be written. */
    public enum Write {
        IN_PLACE,
        /** Files on a store that cannot replace a file in one act: readers may find none for a moment. */
        IN_PLACE_WITH_GAP,
        EXPORT_ONLY
    }

    /** Somebody a write sets off: a trigger, a change feed, a webhook. */
    public record Consumer(String name, @Nullable String by, String effect) {}

    /**
     * What one plan may do at most; a larger plan is refused, never cut. Null: no limit.
     *
     * @param share of the dataset's records, from 0 to 1
     */
    public record Limits(
            @Nullable Long steps,
            @Nullable Long deletes,
            @Nullable BigDecimal share) {

        public static final Limits NONE = new Limits(null, null, null);
    }

    /**
     * How fast, and when, records may be written.
     *
     * @param perSecond records a second at most, on average; null: as fast as it goes
     * @param between the time of day at which they may be; null: at any
     */
    public record Throttle(
            @Nullable Long perSecond, @Nullable Hours between) {
        public static final Throttle NONE = new Throttle(null, null);
    }

    /** A part of the day in a zone; one that ends before it begins goes over midnight. */
    public record Hours(LocalTime from, LocalTime to, ZoneId zone) {
        /** Whether a moment is in it. Its end is not. */
        public boolean contains(Instant moment) {
            LocalTime time = moment.atZone(zone).toLocalTime();
            return from.isBefore(to)
                    ? !time.isBefore(from) && time.isBefore(to)
                    : !time.isBefore(from) || time.isBefore(to);
        }

        @Override
        public String toString() {
            return "%s-%s %s".formatted(from, to, zone);
        }
    }

    /** How long one write waits for a lock, and for its answer. */
    public record Timeouts(Duration lock, Duration statement) {

        public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(60));
    }
}
