package dev.lastgood.workspace;

import java.util.function.Supplier;

/** A text that is shown to nobody. Two are never equal. */
public final class Secret {

    private final Supplier<String> text;

    private Secret(Supplier<String> text) {
        this.text = text;
    }

    public static Secret of(String text) {
        return new Secret(() -> text);
    }

    /** Found out each time it is revealed, so that who never needs it need not have it. */
    static Secret lazy(Supplier<String> text) {
        return new Secret(text);
    }

    /**
     * The text itself, for the one who connects.
     *
     * @throws dev.lastgood.problem.InvalidInput if it is read only now and is not there
     */
    public String reveal() {
        return text.get();
    }

    @Override
    public String toString() {
        return "***";
    }
}
