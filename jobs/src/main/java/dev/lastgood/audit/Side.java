package dev.lastgood.audit;

import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import org.jspecify.annotations.Nullable;

/**
 * A dataset of an audit, on both sides.
 *
 * @param after what is audited: live, or a snapshot on its own
 * @param before the baseline; null if there is none
 * @param beforeCount records of the baseline, as its manifest has it
 */
public record Side(
        DatasetSpec dataset,
        Frame after,
        @Nullable Frame before,
        @Nullable SnapshotId baseline,
        long beforeCount) {

    /** A dataset without anything to compare it with. */
    public static Side alone(DatasetSpec dataset, Frame after) {
        return new Side(dataset, after, null, null, 0);
    }
}
