package dev.lastgood.workspace;

import java.time.Duration;

/**
 * How incremental snapshots of a dataset are taken.
 *
 * @param by what tells which records were written lately
 * @param overlap by how much the reading begins before the parent's window: a write may be seen later than its time says
 * @param fullEvery how old the last full snapshot may be; only a full one sees writes that did not move the time
 */
public record Incremental(By by, Duration overlap, Duration fullEvery) {
    public static final Incremental DEFAULT = new Incremental(By.CHANGED_AT, Duration.ofHours(1), Duration.ofDays(7));

    /** What tells which records were written lately. */
    public enum By {
        /** The field that says when a record was last written, asked for by a query where the source takes one. */
        CHANGED_AT,
        /** Cosmos DB's change feed of latest versions. */
        CHANGE_FEED
    }
}
