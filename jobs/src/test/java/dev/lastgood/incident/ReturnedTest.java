package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.incident.Returned.Counts;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which fields went back to what they once held, by more than chance. */
class ReturnedTest {
    @Test
    void what_comes_back_more_often_than_elsewhere_is_told_with_how_many_corrupt_records_it_came_back_in() {
        assertThat(Returned.returning(
                        Map.of("balance", new Counts(100, 60), "phone", new Counts(20, 15)),
                        Map.of("balance", new Counts(80, 50)),
                        Map.of("balance", new Counts(500, 2), "phone", new Counts(100, 0))))
                .containsOnly(Map.entry("balance", 50L), Map.entry("phone", 0L));
    }

    @Test
    void what_comes_back_elsewhere_as_well_is_work() {
        assertThat(Returned.returning(
                        Map.of("status", new Counts(100, 60)),
                        Map.of("status", new Counts(80, 50)),
                        Map.of("status", new Counts(500, 250))))
                .isEmpty();
    }

    @Test
    void what_nobody_changes_elsewhere_cannot_be_compared() {
        assertThat(Returned.returning(
                        Map.of("status", new Counts(100, 100)), Map.of("status", new Counts(100, 100)), Map.of()))
                .isEmpty();
    }

    @Test
    void what_corrupt_records_do_not_do_tells_nothing_of_them() {
        assertThat(Returned.returning(
                        Map.of("phone", new Counts(100, 60)),
                        Map.of("phone", new Counts(10, 0)),
                        Map.of("phone", new Counts(500, 2))))
                .isEmpty();
    }

    @Test
    void a_few_are_chance() {
        assertThat(Returned.returning(
                        Map.of("phone", new Counts(2, 2)),
                        Map.of("phone", new Counts(2, 2)),
                        Map.of("phone", new Counts(500, 0))))
                .isEmpty();
    }
}
