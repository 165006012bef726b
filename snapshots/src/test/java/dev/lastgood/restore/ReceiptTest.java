package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReceiptTest {
    private static Receipt receipt(int[] counts, @Nullable String stopped) {
        return new Receipt(
                "p", "r", "", counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7],
                counts[8], counts[9], Map.of(), List.of(), stopped);
    }

    @ParameterizedTest
    @CsvSource({
        // steps done noop conflict failed ambiguous pending verified drifted reinfected stopped code
        "2,1,1,0,0,0,0,1,0,0,,0",
        "0,0,0,0,0,0,0,0,0,0,,0",
        "2,1,0,1,0,0,0,1,0,0,,1",
        "2,2,0,0,0,0,0,1,1,0,,1",
        "2,2,0,0,0,0,0,1,0,1,,3",
        "2,2,0,0,0,0,0,1,0,0,,3",
        "2,1,0,0,1,0,0,1,0,0,,3",
        "2,1,0,0,0,1,0,1,0,0,,3",
        "2,1,0,0,0,0,1,1,0,0,,3",
        "2,2,0,0,0,0,0,2,0,0,why,3",
    })
    void the_exit_code_follows_from_the_counts(
            int steps,
            int done,
            int noop,
            int conflict,
            int failed,
            int ambiguous,
            int pending,
            int verified,
            int drifted,
            int reinfected,
            @Nullable String stopped,
            int code) {
        int[] counts = {steps, done, noop, conflict, failed, ambiguous, pending, verified, drifted, reinfected};
        Receipt receipt = receipt(counts, stopped);
        assertThat(receipt.exitCode()).isEqualTo(code);
        assertThat(receipt.isClean()).isEqualTo(code == 0);
        assertThat(receipt.json().has("stopped")).isEqualTo(stopped != null);
    }

    @Test
    void steps_that_are_not_counted_once_are_a_bug() {
        assertThatThrownBy(() -> receipt(new int[] {2, 1, 0, 0, 0, 0, 0, 0, 0, 0}, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("of 2 steps");
        assertThatThrownBy(() -> receipt(new int[] {1, 1, 0, 0, 0, 0, 0, 1, 1, 0}, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("of 1 done");
    }

    @Test
    void it_is_written_with_its_conflicts_by_type_and_why_it_stopped() {
        Receipt receipt = new Receipt(
                "p",
                "p-undo",
                "p",
                9,
                1,
                1,
                3,
                1,
                1,
                2,
                1,
                0,
                0,
                Map.of(Conflict.Type.LATER_WRITE, 2, Conflict.Type.GUARD_LOST, 1),
                List.of(),
                "by night only");

        assertThat(receipt.json())
                .hasToString(("{'formatVersion':1,'plan':'p','run':'p-undo','undoes':'p','steps':9,'done':1,'noop':1,"
                                + "'conflict':3,'failed':1,'ambiguous':1,'pending':2,'verified':1,'drifted':0,'reinfected':0,"
                                + "'conflicts':{'LATER_WRITE':2,'GUARD_LOST':1},'stopped':'by night only'}")
                        .replace('\'', '"'));
    }
}
