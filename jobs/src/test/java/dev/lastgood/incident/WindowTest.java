package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When an incident was. */
class WindowTest {
    private static final Instant START = Instant.parse("2026-11-27T10:00:00Z");

    /** Corrupt of changed in each stretch of a minute; the corrupt ones in its first second. */
    private static List<Window.Stretch> stretches(int... corruptThenChanged) {
        List<Window.Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < corruptThenChanged.length; i += 2) {
            Instant at = START.plus(Duration.ofMinutes(i / 2));
            boolean any = corruptThenChanged[i] > 0;
            stretches.add(new Window.Stretch(
                    corruptThenChanged[i], corruptThenChanged[i + 1], any ? at : null, any ? at.plusSeconds(1) : null));
        }
        return stretches;
    }

    private static String window(int... corruptThenChanged) {
        return Window.of(stretches(corruptThenChanged))
                .map(window -> "%s to %s, %d"
                        .formatted(
                                window.from().toString().substring(11, 16),
                                window.to().toString().substring(11, 16),
                                window.records()))
                .orElse("none");
    }

    @Test
    void it_is_where_records_are_most_often_corrupt() {
        assertThat(window(0, 20, 0, 20, 9, 20, 8, 20, 9, 20, 0, 20, 0, 20)).isEqualTo("10:02 to 10:04, 26");
    }

    @Test
    void records_written_to_again_much_later_do_not_widen_it() {
        assertThat(window(0, 20, 9, 20, 9, 20, 0, 20, 0, 20, 1, 20, 0, 20, 1, 20))
                .isEqualTo("10:01 to 10:02, 18");
    }

    @Test
    void where_nothing_else_is_written_time_itself_tells() {
        assertThat(window(0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)).isEqualTo("10:01 to 10:02, 18");
    }

    @Test
    void without_a_corrupt_record_there_is_none() {
        assertThat(window(0, 20, 0, 20)).isEqualTo("none");
    }

    @Test
    void a_bug_that_begins_and_stays_begins_where_it_began() {
        Random random = new Random(1);
        int[] counts = new int[400];
        for (int i = 0; i < 200; i++) {
            counts[2 * i + 1] = 20 + random.nextInt(10);
            counts[2 * i] = i < 120 ? 0 : random.nextInt(8);
        }
        counts[2 * 120] = 4;
        counts[2 * 30] = 1;

        assertThat(window(counts)).startsWith("12:00 to 13:1");
    }
}
