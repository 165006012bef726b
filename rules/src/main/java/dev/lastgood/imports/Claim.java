package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Allow;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a rule of DQDL claims, once its meaning is known. */
sealed interface Claim {

    /** The claim as a rule. */
    Draft draft(Draft draft);

    /** The claim as SQL about the dataset as a whole, if there is such SQL. */
    Optional<String> holds();

    /** The claim as SQL that is true of each record, if that is what it says. */
    default Optional<String> sentence() {
        return Optional.empty();
    }

    /**
     * So great a share of the records meets a condition.
     *
     * @param where null for all records
     */
    record OfRecords(Condition condition, @Nullable String where, Demand share) implements Claim {

        @Override
        public Draft draft(Draft draft) {
            Optional<Allow> allow = Claim.allowed(share);
            draft.where(where);
            return allow.isPresent()
                    ? draft.condition(condition).allow(allow.get())
                    : draft.metric(condition.shareOfGood(), share, Condition.Nulls.FAIL);
        }

        @Override
        public Optional<String> holds() {
            return Claim.isAll(share) ? Optional.of(condition.all(where)) : Optional.empty();
        }

        @Override
        public Optional<String> sentence() {
            return Claim.isAll(share) && where == null
                    ? Optional.of(condition.nulls().good(condition.sql()))
                    : Optional.empty();
        }
    }

    /** No more records than allowed are at fault. */
    record Faults(Condition condition, Allow allow) implements Claim {

        @Override
        public Draft draft(Draft draft) {
            return draft.condition(condition).allow(allow);
        }

        @Override
        public Optional<String> holds() {
            return allow.ratio() == null
                    ? Optional.of("%s <= %d".formatted(condition.faults(null).sql(), allow.count()))
                    : Optional.empty();
        }
    }

    /** A number is as demanded. */
    record OfNumber(Measure measure, @Nullable String where, Demand demand) implements Claim {

        @Override
        public Draft draft(Draft draft) {
            return draft.where(where).metric(measure, demand, Condition.Nulls.FAIL);
        }

        @Override
        public Optional<String> holds() {
            return where == null ? Optional.of(demand.sql(measure.sql())) : Optional.empty();
        }
    }

    /** So great a share of the records has values that no other has. */
    record Keys(List<FieldPath> fields, @Nullable String where, Demand share) implements Claim {

        public Keys {
            fields = List.copyOf(fields);
        }

        @Override
        public Draft draft(Draft draft) {
            Allow allow = Claim.allowed(share).orElseThrow();
            boolean some = !Claim.isAll(share);
            // there, records in which all of the fields are null do not count
            String present = some ? and(where, present()) : where;
            return draft.where(present).unique(fields).allow(allow);
        }

        private String present() {
            return fields.stream()
                    .map(field -> SqlText.path(field) + " is not null")
                    .collect(Collectors.joining(" or "));
        }

        @Override
        public Optional<String> holds() {
            if (where != null || !Claim.isAll(share)) {
                return Optional.empty();
            }
            String names = fields.stream().map(SqlText::path).collect(Collectors.joining(", "));
            return Optional.of(
                    fields.size() == 1
                            ? "count(distinct %s) = count(%s)".formatted(names, names)
                            : "count(distinct if(%s, struct(%s), null)) = count_if(%s)"
                                    .formatted(present(), names, present()));
        }
    }

    /** Every record's values are those of a record of another dataset. */
    record Refers(List<FieldPath> fields, String to, List<FieldPath> key, Demand share) implements Claim {

        public Refers {
            fields = List.copyOf(fields);
            key = List.copyOf(key);
        }

        @Override
        public Draft draft(Draft draft) {
            Allow allow = Claim.allowed(share).orElseThrow();
            if (!Claim.isAll(share)) {
                draft.note("A record with a null in the fields counts as one without a parent there, and not here.");
            }
            return draft.reference(fields, to, key).allow(allow);
        }

        @Override
        public Optional<String> holds() {
            return Optional.empty();
        }
    }

    /** All records, and not one less. */
    Demand ALL = Range.exactly(BigDecimal.ONE);

    /** Whether it demands that all records are good. */
    static boolean isAll(Demand share) {
        return allowed(share).filter(Allow.NONE::equals).isPresent();
    }

    /** How many findings are fine if so great a share must be good; none if no allowance says that. */
    static Optional<Allow> allowed(Demand share) {
        return share.range().map(Claim::rest).flatMap(Allowed::share);
    }

    /** What the rest up to 1 is, if a share is in the range. */
    private static Range rest(Range share) {
        return new Range(
                share.most().map(Claim::rest).orElse(null),
                share.least().map(Claim::rest).orElse(null));
    }

    private static Range.Bound rest(Range.Bound bound) {
        return new Range.Bound(BigDecimal.ONE.subtract(bound.value()), bound.included());
    }

    private static @Nullable String and(@Nullable String one, String other) {
        return one == null ? other : "(%s) and (%s)".formatted(one, other);
    }
}
