package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.rule.Allow;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DemandTest {

    private static final int CASES = 20_000;

    @Test
    void among_whole_numbers_bounds_that_belong_to_the_range_say_the_same() {
        repeat(random -> {
            Range range = range(random);
            var number = BigDecimal.valueOf(random.nextInt(13) - 6);

            assertThat(range.ofWholeNumbers().isClosed()).isTrue();
            assertThat(range.ofWholeNumbers().holds(number))
                    .as("%s of %s", number, range)
                    .isEqualTo(range.holds(number));
        });
    }

    @Test
    void what_is_negated_holds_where_it_did_not() {
        repeat(random -> {
            Demand demand = demand(random);
            BigDecimal number = number(random);

            assertThat(demand.negated().holds(number))
                    .as("%s of %s", number, demand)
                    .isNotEqualTo(demand.holds(number));
        });
    }

    @Test
    void of_two_demands_both_hold() {
        repeat(random -> {
            Demand one = demand(random);
            Demand other = demand(random);
            BigDecimal number = number(random);

            assertThat(one.and(other).holds(number))
                    .as("%s of %s and %s", number, one, other)
                    .isEqualTo(one.holds(number) && other.holds(number));
        });
    }

    @Test
    void so_many_findings_are_allowed_as_the_demand_takes() {
        repeat(random -> {
            Range range = range(random);
            int findings = random.nextInt(8);

            Allowed.findings(range)
                    .ifPresent(allow -> assertThat(allow.covers(findings, 100))
                            .as("%d findings of %s by %s", findings, range, allow)
                            .isEqualTo(range.holds(BigDecimal.valueOf(findings))));
        });
    }

    @Test
    void so_great_a_share_is_allowed_as_the_demand_takes() {
        repeat(random -> {
            long examined = 1 + (random.nextBoolean() ? random.nextInt(100) : random.nextLong(1L << 39));
            var bound = new BigDecimal(random.nextInt(1001)).movePointLeft(3);
            Range range = random.nextBoolean() ? Range.atMost(bound) : Range.below(bound);
            long near = bound.multiply(BigDecimal.valueOf(examined)).longValue();
            long findings = Math.min(examined, Math.max(0, near - 1 + random.nextInt(3)));
            // findings / examined, without dividing
            boolean fewer = BigDecimal.valueOf(findings).compareTo(bound.multiply(BigDecimal.valueOf(examined)))
                    < (range.equals(Range.atMost(bound)) ? 1 : 0);

            Allowed.share(range)
                    .ifPresent(allow -> assertThat(allow.covers(findings, examined))
                            .as("%d of %d by %s for %s", findings, examined, allow, range)
                            .isEqualTo(fewer));
        });
    }

    @Test
    void a_demand_that_some_records_are_at_fault_is_no_allowance() {
        assertThat(Allowed.findings(Range.atLeast(BigDecimal.ONE))).isEmpty();
        assertThat(Allowed.findings(Range.exactly(BigDecimal.ONE))).isEmpty();
        assertThat(Allowed.findings(Range.below(BigDecimal.ZERO))).isEmpty();
        assertThat(Allowed.share(Range.above(BigDecimal.ZERO))).isEmpty();
        assertThat(Allowed.share(Range.below(BigDecimal.ZERO))).isEmpty();
        assertThat(Allowed.share(new Demand.OneOf(List.of(BigDecimal.ZERO, BigDecimal.ONE))))
                .isEmpty();
    }

    @Test
    void a_share_is_never_more_than_all() {
        assertThat(Allowed.share(Range.atMost(BigDecimal.TEN))).contains(new Allow(null, BigDecimal.ONE));
    }

    @Test
    void a_demand_is_a_condition_on_sql() {
        BigDecimal five = BigDecimal.valueOf(5);
        Range between = Range.above(BigDecimal.ONE).both(Range.atMost(five));

        assertThat(between.sql("n")).isEqualTo("n > 1 and n <= 5");
        assertThat(Range.exactly(new BigDecimal("5.0")).sql("n")).isEqualTo("n = 5");
        assertThat(new Demand.Not(between).sql("n")).isEqualTo("not (n > 1 and n <= 5)");
        assertThat(new Demand.OneOf(List.of(BigDecimal.ONE, five)).sql("n")).isEqualTo("n in (1, 5)");
        assertThat(new Demand.OneOf(List.of(BigDecimal.ONE, five)).negated().sql("n"))
                .isEqualTo("n not in (1, 5)");
        assertThat(new Demand.Not(between).and(Range.above(five)).sql("n"))
                .isEqualTo("not (n > 1 and n <= 5) and n > 5");
    }

    private interface Case {
        void check(Random random);
    }

    private static void repeat(Case one) {
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + CASES; seed++) {
            try {
                one.check(new Random(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("repeat with -Dseed=" + seed, e);
            }
        }
    }

    private static Demand demand(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Demand.OneOf(List.of(number(random), number(random)));
            case 1 -> new Demand.Not(range(random));
            case 2 -> new Demand.All(List.of(range(random), new Demand.Not(range(random))));
            default -> range(random);
        };
    }

    private static Range range(Random random) {
        return new Range(bound(random), bound(random));
    }

    private static Range.@Nullable Bound bound(Random random) {
        return random.nextInt(4) == 0 ? null : new Range.Bound(number(random), random.nextBoolean());
    }

    private static BigDecimal number(Random random) {
        return new BigDecimal(random.nextInt(13) - 6).divide(BigDecimal.valueOf(1 + random.nextInt(2)));
    }
}
