package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Allow;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a test of dbt claims. A test counts failures; most often there must be none. */
sealed interface DbtClaim {

    /**
     * The claim as a rule.
     *
     * @param failures how many there may be
     */
    Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable;

    /** A record that does not meet the condition is a failure. */
    record OfRecords(Condition condition) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) {
            Optional<Allow> allow = Allowed.findings(failures);
            return allow.isPresent()
                    ? draft.where(where).condition(condition).allow(allow.get())
                    : draft.metric(condition.faults(where), failures, Condition.Nulls.FAIL);
        }
    }

    /** A different value of a field that does not meet the condition is a failure, in however many records it stands. */
    record OfValues(FieldPath field, Condition condition) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            if (isNone(failures)) {
                return draft.where(where).condition(condition);
            }
            if (condition.nulls() == Condition.Nulls.FAIL) {
                throw new Untranslatable("it counts values at fault, null among them");
            }
            return draft.where(where).metric(condition.differentFaults(field), failures, Condition.Nulls.FAIL);
        }
    }

    /**
     * Values that several records have are a failure.
     *
     * @param note how nulls are treated there; null if alike
     */
    record Unique(List<FieldPath> fields, @Nullable String note) implements DbtClaim {

        public Unique {
            fields = List.copyOf(fields);
        }

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            if (!isNone(failures)) {
                throw new Untranslatable(
                        "it counts values that occur more than once, a rule the records that have them");
            }
            if (note != null) {
                draft.note(note);
            }
            return draft.where(where).unique(fields);
        }
    }

    /** A record whose parent is missing is a failure. */
    record Refers(FieldPath field, String to, FieldPath key) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            Allow allow = Allowed.findings(failures)
                    .orElseThrow(() -> new Untranslatable("only how many parents may be missing can be said"));
            return draft.where(where)
                    .reference(List.of(field), to, List.of(key))
                    .allow(allow);
        }
    }

    /**
     * A number that is not as demanded is one failure.
     *
     * @param nulls what it means that there is no such number
     */
    record OfNumber(Measure measure, Demand demand, Condition.Nulls nulls) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            refuseOddThreshold(failures);
            return draft.where(where).metric(measure, demand, nulls);
        }
    }

    /** A number of records that is not as demanded is one failure. */
    record OfRows(Demand demand) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            refuseOddThreshold(failures);
            return draft.metric(Measure.rows(where), demand, Condition.Nulls.FAIL);
        }
    }

    /** That something is not true of the whole is one failure. */
    record Holds(String sql) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            refuseOddThreshold(failures);
            return draft.where(where).holds(sql);
        }
    }

    /** So great a share of the records must meet the condition; a smaller or greater one is one failure. */
    record OfShare(Condition condition, Demand share) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            refuseOddThreshold(failures);
            return new Claim.OfRecords(condition, where, share).draft(draft);
        }
    }

    /** The claim about those records only of which a condition is true. */
    record Where(DbtClaim claim, String condition) implements DbtClaim {

        @Override
        public Draft draft(Draft draft, @Nullable String where, Demand failures) throws Untranslatable {
            String both = where == null ? condition : "(%s) and (%s)".formatted(where, condition);
            return claim.draft(draft, both, failures);
        }
    }

    private static boolean isNone(Demand failures) {
        return Allowed.findings(failures).filter(Allow.NONE::equals).isPresent();
    }

    private static void refuseOddThreshold(Demand failures) throws Untranslatable {
        if (!failures.holds(BigDecimal.ZERO) || failures.holds(BigDecimal.ONE)) {
            throw new Untranslatable("it has at most one failure, and its thresholds ask for another number");
        }
    }
}
