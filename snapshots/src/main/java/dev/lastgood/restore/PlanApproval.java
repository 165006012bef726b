package dev.lastgood.restore;

import java.time.Instant;
import java.util.Set;

/**
 * Somebody's word that a plan may be applied, already checked to be theirs.
 *
 * @param digest of the plan
 * @param by who has given it: where keys are asked for, the owner of the key that has signed it
 * @param user of the operating system who has run the command
 * @param authenticated whether it is signed with the key of who is said to have given it
 * @param acknowledged consumers by name, and classes of steps such as {@link #NO_DELETE_EVIDENCE}
 */
public record PlanApproval(
        String digest, String by, String user, boolean authenticated, Instant at, Set<String> acknowledged) {
    /** Records are inserted of which it is not known that nobody else deleted them. */
    public static final String NO_DELETE_EVIDENCE = "no_delete_evidence";

    public PlanApproval {
        acknowledged = Set.copyOf(acknowledged);
    }
}
