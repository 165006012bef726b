package dev.lastgood.job;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;

import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.diff.Fingerprint;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.Outcome;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Which records an audit looks at: all, or one in so many. Chosen by the hash of the key, so that a record is looked at on
 * both sides or on neither.
 *
 * @param of one in so many
 * @param number which of them, from 0
 */
public record Sample(int of, int number) {
    public static final Sample ALL = new Sample(1, 0);

    private static final BigDecimal THREE_HUNDRED = BigDecimal.valueOf(300);

    public Sample {
        if (of < 1 || number < 0 || number >= of) {
            throw new IllegalArgumentException("%d of %d".formatted(number, of));
        }
    }

    boolean isAll() {
        return of == 1;
    }

    /** Throws {@link InvalidInput} for a dataset without a key, of which there are no two sides of a record. */
    Frame of(DatasetSpec dataset, Frame frame) {
        if (isAll()) {
            return frame;
        }
        if (!dataset.hasKey()) {
            throw InvalidInput.of(
                    "dataset '%s' has no key by which to choose a sample".formatted(dataset.name()),
                    "Audit all of it.");
        }
        return new Frame(
                frame.records()
                        .where(pmod(Fingerprint.keyHash(dataset, frame.shape()), lit(of))
                                .equalTo(number)),
                frame.shape());
    }

    /** The outcome with what it says of all records: no more than that, with 95 % confidence, few of them break the rule. */
    RuleOutcome of(RuleOutcome outcome) {
        if (isAll() || outcome.outcome() != Outcome.PASS || outcome.violations() > 0) {
            return outcome;
        }
        String bound = "in a sample: with 95 %% confidence fewer than %s %% of all records break it"
                .formatted(bound(outcome.examined()));
        return new RuleOutcome(
                outcome.rule(),
                outcome.outcome(),
                outcome.examined(),
                outcome.violations(),
                outcome.preExisting(),
                outcome.accepted(),
                outcome.value(),
                outcome.reason().isEmpty() ? bound : outcome.reason() + "; " + bound);
    }

    /** The rule of three: per cent of all records, of which so many were looked at and are clean. */
    static String bound(long clean) {
        return THREE_HUNDRED
                .divide(BigDecimal.valueOf(Math.max(3, clean)), new MathContext(2, RoundingMode.UP))
                .stripTrailingZeros()
                .toPlainString();
    }
}
