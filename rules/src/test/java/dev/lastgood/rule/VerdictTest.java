package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {

    @Test
    void nothing_examined_is_inconclusive() {
        assertThat(Verdict.of(List.of())).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void a_failure_outweighs_everything_and_a_pass_nothing() {
        assertThat(Verdict.of(List.of(Outcome.PASS))).isEqualTo(Verdict.PASS);
        assertThat(Verdict.of(List.of(Outcome.PASS, Outcome.SKIP))).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(Verdict.of(List.of(Outcome.PASS, Outcome.ERROR))).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(Verdict.of(List.of(Outcome.ERROR, Outcome.SKIP, Outcome.FAIL, Outcome.PASS)))
                .isEqualTo(Verdict.FAIL);
    }

    @Test
    void the_verdict_of_a_whole_is_that_of_its_parts() {
        List<List<Outcome>> lists = new ArrayList<>();
        for (Outcome one : Outcome.values()) {
            lists.add(List.of(one));
            for (Outcome other : Outcome.values()) {
                lists.add(List.of(one, other));
            }
        }
        for (List<Outcome> one : lists) {
            for (List<Outcome> other : lists) {
                List<Outcome> whole = new ArrayList<>(one);
                whole.addAll(other);

                assertThat(Verdict.of(one).and(Verdict.of(other)))
                        .as("%s and %s", one, other)
                        .isEqualTo(Verdict.of(whole));
            }
        }
    }

    @Test
    void each_verdict_has_its_exit_code() {
        assertThat(ExitCode.of(Verdict.PASS)).isEqualTo(0);
        assertThat(ExitCode.of(Verdict.FAIL)).isEqualTo(1);
        assertThat(ExitCode.of(Verdict.INCONCLUSIVE)).isEqualTo(3);
    }

    @Test
    void findings_are_allowed_up_to_the_count_and_the_ratio() {
        var percent = new Allow(null, new BigDecimal("0.01"));
        var both = new Allow(3L, new BigDecimal("0.01"));

        assertThat(Allow.NONE.covers(0, 0)).isTrue();
        assertThat(Allow.NONE.covers(1, 1_000_000)).isFalse();
        assertThat(percent.covers(10, 1000)).isTrue();
        assertThat(percent.covers(11, 1000)).isFalse();
        assertThat(both.covers(3, 1000)).isTrue();
        assertThat(both.covers(4, 1000)).isFalse();
        assertThat(both.covers(3, 100)).isFalse();
    }
}
