package dev.lastgood.restore;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.rule.ExitCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run did, in counts. Every step is counted once: done, noop, conflict, failed, ambiguous and pending together are
 * the plan's steps.
 *
 * @param verified done steps that were re-read as intended
 * @param drifted done steps whose restored values somebody has written since
 * @param reinfected done steps that hold the damaged values again: the bug still writes
 * @param conflicts steps in conflict by type
 * @param outcomes how each step ended, in the order of the steps; a pending one is not among them
 * @param stopped why the run has not come to its end; null if it has
 */
public record Receipt(
        String plan,
        String run,
        String undoes,
        int steps,
        int done,
        int noop,
        int conflict,
        int failed,
        int ambiguous,
        int pending,
        int verified,
        int drifted,
        int reinfected,
        Map<Conflict.Type, Integer> conflicts,
        List<Outcome> outcomes,
        @Nullable String stopped) {

    /** How one step ended. */
    public record Outcome(
            int step, State state, boolean recovered, Conflict.@Nullable Type conflict, String explanation) {}

    public Receipt {
        conflicts = Map.copyOf(conflicts);
        outcomes = List.copyOf(outcomes);
        if (done + noop + conflict + failed + ambiguous + pending != steps) {
            throw new IllegalStateException(
                    "%d done, %d noop, %d conflict, %d failed, %d ambiguous, %d pending of %d steps"
                            .formatted(done, noop, conflict, failed, ambiguous, pending, steps));
        }
        if (verified + drifted + reinfected > done) {
            throw new IllegalStateException(
                    "%d verified, %d drifted, %d reinfected of %d done".formatted(verified, drifted, reinfected, done));
        }
    }

    /** Whether everything the run set out to do is done, and was seen to be. */
    public boolean isClean() {
        return done + noop == steps && verified == done && stopped == null;
    }

    public int exitCode() {
        boolean open = stopped != null || pending > 0;
        if (open || failed > 0 || ambiguous > 0 || reinfected > 0 || verified + drifted < done) {
            return ExitCode.INCONCLUSIVE;
        }
        return isClean() ? ExitCode.PASS : ExitCode.FINDINGS;
    }

    /** As {@code restore apply --json} prints it. */
    public ObjectNode json() {
        ObjectNode node =
                Json.object().put("formatVersion", 1).put("plan", plan).put("run", run);
        if (!undoes.isEmpty()) {
            node.put("undoes", undoes);
        }
        node.put("steps", steps)
                .put("done", done)
                .put("noop", noop)
                .put("conflict", conflict)
                .put("failed", failed)
                .put("ambiguous", ambiguous)
                .put("pending", pending)
                .put("verified", verified)
                .put("drifted", drifted)
                .put("reinfected", reinfected);
        ObjectNode byType = node.putObject("conflicts");
        new TreeMap<>(conflicts).forEach((type, count) -> byType.put(type.name(), count));
        if (stopped != null) {
            node.put("stopped", stopped);
        }
        return node;
    }
}
