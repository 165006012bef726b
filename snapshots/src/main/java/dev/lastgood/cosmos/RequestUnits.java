package dev.lastgood.cosmos;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How many request units a second an account is asked for at most, on average, by this JVM. What a request costs is known
 * when it is answered, so each is paid for before the next begins. Thread-safe.
 */
public final class RequestUnits {
    private static final Map<String, RequestUnits> BY_ACCOUNT = new ConcurrentHashMap<>();
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final LongSupplier nanos;
    private final Pausing pausing;
    private long paid;

    /** How to wait. */
    interface Pausing {
        void pause(Duration time) throws InterruptedException;
    }

    RequestUnits(double perSecond, LongSupplier nanos, Pausing pausing) {
        this.perSecond = perSecond;
        this.nanos = nanos;
        this.pausing = pausing;
        this.paid = nanos.getAsLong();
    }

    /** The budget of an account in this JVM; a rate of 0 is no limit. */
    public static RequestUnits of(String endpoint, double perSecond) {
        return BY_ACCOUNT.computeIfAbsent(
                endpoint + " " + perSecond,
                any -> new RequestUnits(perSecond, System::nanoTime, time -> Thread.sleep(time.toMillis() + 1)));
    }

    /** Waits until what was asked for is paid for. */
    public void await() {
        if (perSecond <= 0) {
            return;
        }
        try {
            for (long left = left(); left > 0; left = left()) {
                pausing.pause(Duration.ofNanos(left));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for request units", e);
        }
    }

    private synchronized long left() {
        return paid - nanos.getAsLong();
    }

    /** Takes note of what an answer has cost. */
    public synchronized void spent(double charge) {
        if (perSecond > 0) {
            long now = nanos.getAsLong();
            paid = Math.max(paid, now) + (long) (charge / perSecond * NANOS);
        }
    }
}
