package dev.lastgood.problem;

/** How bad a problem is. Only errors stop a run. */
public enum Level {
    ERROR,
    WARNING;

    /** As shown in problems. */
    public String word() {
        return this == ERROR ? "error" : "warning";
    }
}
