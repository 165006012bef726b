package dev.lastgood.workspace;

import java.time.Duration;

/**
 * How incremental snapshots of a dataset are taken.
 *
 * @param overlap by how much the reading begins before the parent's window: a write may be seen later than its time says
 * @param fullEvery how old the last full snapshot may be; only a full one sees writes that did not move the time
 */
public record Incremental(Duration overlap, Duration fullEvery) {
    public static final Incremental DEFAULT = new Incremental(Duration.ofHours(1), Duration.ofDays(7));
}
