package dev.lastgood.imports;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a number must be. */
sealed interface Demand permits Range, Demand.OneOf, Demand.Not, Demand.All {

    boolean holds(BigDecimal number);

    /** The demand as a condition on what the SQL gives. NULL if that is NULL. */
    String sql(String number);

    /** The contrary of {@link #sql}. NULL if that is. */
    default String contrary(String number) {
        return "not (" + sql(number) + ")";
    }

    /** The demand as one range, if it is one. */
    Optional<Range> range();

    /** What the number must be if the demand must not hold. */
    default Demand negated() {
        return new Not(this);
    }

    /** Both must hold. */
    default Demand and(Demand other) {
        Optional<Range> mine = range();
        Optional<Range> theirs = other.range();
        return mine.isPresent() && theirs.isPresent() ? mine.get().both(theirs.get()) : new All(List.of(this, other));
    }

    /** One of some numbers. */
    record OneOf(List<BigDecimal> numbers) implements Demand {

        public OneOf {
            numbers = List.copyOf(numbers);
        }

        @Override
        public boolean holds(BigDecimal number) {
            return numbers.stream().anyMatch(one -> one.compareTo(number) == 0);
        }

        @Override
        public String sql(String number) {
            return number + " in " + list();
        }

        @Override
        public String contrary(String number) {
            return number + " not in " + list();
        }

        private String list() {
            return numbers.stream().map(Numbers::text).collect(Collectors.joining(", ", "(", ")"));
        }

        @Override
        public Optional<Range> range() {
            return numbers.size() == 1 ? Optional.of(Range.exactly(numbers.get(0))) : Optional.empty();
        }
    }

    /** Not as that says. */
    record Not(Demand inner) implements Demand {

        @Override
        public boolean holds(BigDecimal number) {
            return !inner.holds(number);
        }

        @Override
        public String sql(String number) {
            return inner.contrary(number);
        }

        @Override
        public Optional<Range> range() {
            return Optional.empty();
        }

        @Override
        public Demand negated() {
            return inner;
        }
    }

    /** All of them hold. */
    record All(List<Demand> demands) implements Demand {

        public All {
            demands = List.copyOf(demands);
        }

        @Override
        public boolean holds(BigDecimal number) {
            return demands.stream().allMatch(demand -> demand.holds(number));
        }

        @Override
        public String sql(String number) {
            return demands.stream().map(demand -> demand.sql(number)).collect(Collectors.joining(" and "));
        }

        @Override
        public Optional<Range> range() {
            return Optional.empty();
        }

        @Override
        public Demand and(Demand other) {
            List<Demand> more = new ArrayList<>(demands);
            more.add(other);
            return new All(more);
        }
    }
}
