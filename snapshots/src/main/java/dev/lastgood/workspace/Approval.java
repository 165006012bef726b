package dev.lastgood.workspace;

import java.time.Duration;
import java.util.List;

/**
 * Who approves a plan, and for how long.
 *
 * @param expires how long after planning a plan may be applied
 * @param keys files with public keys of approvers, as patterns relative to the workspace's folder; empty: the operating
 *     system's user is taken at its word
 */
public record Approval(By by, Duration expires, List<String> keys) {

    public static final Approval DEFAULT = new Approval(By.ANYONE, Duration.ofHours(24), List.of());

    public Approval {
        keys = List.copyOf(keys);
    }

    /** Who may approve. */
    public enum By {
        /** Also who made the plan. */
        ANYONE,
        /** Not who made the plan. */
        SOMEONE_ELSE
    }
}
