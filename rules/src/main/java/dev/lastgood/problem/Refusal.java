package dev.lastgood.problem;

import org.jspecify.annotations.Nullable;

/** Refused for safety, before anything was touched: what was asked for could destroy what is still needed. Exit code 5. */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String hint;

    /**
     * @param message one line, lower case, without a full stop: what is refused, and why
     * @param hint sentences that say what to do, or null
     */
    public Refusal(String message, @Nullable String hint) {
        super(message);
        this.hint = hint;
    }

    public @Nullable String hint() {
        return hint;
    }
}
