package dev.lastgood.rule;

/** What a process ends with. Scripts and schedulers rely on these. */
public final class ExitCode {

    /** Everything is as it must be. */
    public static final int PASS = 0;
    /** Findings, damage or conflicts. */
    public static final int FINDINGS = 1;
    /** Usage or configuration: the command line, the workspace, the rules, a selection that matches nothing. */
    public static final int USAGE = 2;
    /** Inconclusive, or partly applied. */
    public static final int INCONCLUSIVE = 3;
    /** The environment is in the way: a store or a source cannot be reached, a disk is full. */
    public static final int ENVIRONMENT = 4;
    /** Refused for safety: stale, not approved, over a limit, a digest that does not match. */
    public static final int REFUSED = 5;
    /** Interrupted by a person. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}

    public static int of(Verdict verdict) {
        return switch (verdict) {
            case PASS -> PASS;
            case FAIL -> FINDINGS;
            case INCONCLUSIVE -> INCONCLUSIVE;
        };
    }
}
