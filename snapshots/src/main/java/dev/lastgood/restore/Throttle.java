package dev.lastgood.restore;

import dev.lastgood.workspace.RestorePolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Holds a run back: to so many records a second, to a part of the day, and while somebody wants it paused. Any of them can
 * pause a run, and nothing overrides them.
 */
public final class Throttle implements Applier.Watch {
    private final Map<String, RestorePolicy.Throttle> throttles;
    private final Pauses pauses;
    private final Clock clock;
    private final Consumer<Duration> sleep;
    private final Map<String, Instant> next = new HashMap<>();

    /** Whether somebody wants a run paused. */
    public interface Pauses {
        /** Why, in words; empty if nobody does. */
        Optional<String> wanted();
    }

    /**
     * Holds a run back.
     *
     * @param throttles by dataset
     * @param sleep waits for so long
     */
    public Throttle(
            Map<String, RestorePolicy.Throttle> throttles, Pauses pauses, Clock clock, Consumer<Duration> sleep) {
        this.throttles = Map.copyOf(throttles);
        this.pauses = pauses;
        this.clock = clock;
        this.sleep = sleep;
    }

    @Override
    public Optional<String> pause(String dataset, int steps) {
        RestorePolicy.Throttle throttle = throttles.getOrDefault(dataset, RestorePolicy.Throttle.NONE);
        pace(dataset, throttle, steps);
        if (Thread.currentThread().isInterrupted()) {
            return Optional.of("interrupted");
        }
        Optional<String> wanted = pauses.wanted();
        if (wanted.isPresent()) {
            return wanted;
        }
        RestorePolicy.Hours hours = throttle.between();
        return hours == null || hours.contains(clock.instant())
                ? Optional.empty()
                : Optional.of("dataset '%s' is written between %s only; apply again then".formatted(dataset, hours));
    }

    /** Each batch pays for itself before the next. */
    private void pace(String dataset, RestorePolicy.Throttle throttle, int steps) {
        Long perSecond = throttle.perSecond();
        if (perSecond == null) {
            return;
        }
        Instant now = clock.instant();
        Instant from = next.getOrDefault(dataset, now);
        if (from.isAfter(now)) {
            sleep.accept(Duration.between(now, from));
        } else {
            from = now;
        }
        next.put(dataset, from.plusNanos(Math.round(1e9 * steps / perSecond)));
    }
}
