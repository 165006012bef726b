package dev.lastgood.incident.scenario;

import java.time.Duration;
import java.time.Instant;

/**
 * The days of a story. A snapshot is taken every night; some hours after the last one somebody audits.
 *
 * @param nights how many snapshots there are
 */
record Days(int nights) {
    private static final Instant FIRST = Instant.parse("2026-11-22T03:00:00Z");

    /** When a snapshot was taken, counted from 0. */
    Instant night(int number) {
        return FIRST.plus(Duration.ofDays(number));
    }

    /** So many hours after the last snapshot, or before it. */
    Instant afterLast(double hours) {
        return night(nights - 1).plusSeconds(Math.round(hours * 3600));
    }

    Instant audit() {
        return afterLast(13);
    }
}
