package dev.lastgood.workspace;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is called late. It starts nothing.
 *
 * @param snapshot the longest time between snapshots; null: never late
 * @param verify by level, {@code L0} to {@code L5}, the longest time between verifications
 */
public record Due(@Nullable Duration snapshot, Map<String, Duration> verify) {

    public static final Due NEVER = new Due(null, Map.of());

    public Due {
        verify = Workspace.ordered(verify);
    }
}
