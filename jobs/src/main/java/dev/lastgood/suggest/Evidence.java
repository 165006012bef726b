package dev.lastgood.suggest;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * What speaks for a suggestion.
 *
 * @param seen a sentence about what was found; empty if there is no more to say than how many there were
 * @param witnesses how many could have broken it and did not
 * @param things what they are
 * @param share whether each of them by itself could have broken it, so that their number says how rare that is
 */
record Evidence(String seen, long witnesses, String things, boolean share) {
    /** Fewer would leave a tenth of all, or more, that may break it: see {@link #most}. */
    static final long ENOUGH = 30;

    /**
     * Of which share of all it can be said with 95 % confidence that no more break it, in percent: the rule of three
     * (Hanley and Lippman-Hand, JAMA 249, 1983). It supposes that those to come are like those that were seen.
     */
    static String most(long witnesses) {
        BigDecimal percent = BigDecimal.valueOf(300)
                .divide(BigDecimal.valueOf(witnesses), new MathContext(2, RoundingMode.UP))
                .min(BigDecimal.valueOf(100))
                .stripTrailingZeros();
        return percent.toPlainString();
    }

    Evidence(String seen, long witnesses, String things) {
        this(seen, witnesses, things, true);
    }

    /** With another number of witnesses. */
    Evidence of(long others) {
        return new Evidence(seen, others, things, share);
    }

    /** In one line or two, for a comment. */
    String text() {
        String confidence = share ? "; with 95 %% confidence fewer than %s %% do".formatted(most(witnesses)) : "";
        String none = String.format(Locale.ROOT, "None of %,d %s breaks it%s.", witnesses, things, confidence);
        return seen.isEmpty() ? none : seen + ". " + none;
    }
}
