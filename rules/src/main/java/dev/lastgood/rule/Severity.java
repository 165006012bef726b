package dev.lastgood.rule;

import java.util.Locale;

/** How bad it is when a rule is broken, the least first. */
public enum Severity {
    INFO,
    WARN,
    ERROR,
    CRITICAL;

    /** As written in rule files and results. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
