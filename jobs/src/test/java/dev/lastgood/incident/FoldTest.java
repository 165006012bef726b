package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.restore.History;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a record was last good, and how the bug left it. */
class FoldTest {
    private static final Instant START = Instant.parse("2026-11-20T02:00:00Z");

    private static @Nullable Image image(String number) {
        return number.equals("-") ? null : Image.of(Map.of("n", Value.number(number.replace("twice ", ""))));
    }

    /**
     * What is made of the captures and then live: a number each, which is fine from 0 on, {@code -} for no record, or
     * {@code twice 5} for two with the key: {@code good 5@s1, bad -1@s2, [FLAPPING]}.
     */
    private static String past(String... captures) {
        return past(false, captures);
    }

    private static Past fold(boolean missing, List<String> captures) {
        Fold fold = new Fold(missing);
        List<Past.At> at = new ArrayList<>();
        for (int i = 0; i < captures.size(); i++) {
            Image image = image(captures.get(i));
            at.add(new Past.At("s" + i, START.plus(Duration.ofDays(i))));
            if (image == null) {
                fold.absent(i);
            } else {
                boolean shared = captures.get(i).startsWith("twice");
                boolean fine = !String.valueOf(image.field("n")).startsWith("-");
                fold.present(i, new Course.Run(i, i, image, shared, new BitSet()), fine);
            }
        }
        return fold.past(at);
    }

    private static String past(boolean missing, String... captures) {
        Past past = fold(missing, List.of(captures));
        return "good "
                + (past.good() == null
                        ? "none"
                        : text(past.goodImage()) + "@" + past.good().snapshot())
                + (past.without() == null
                        ? ""
                        : ", not there @" + past.without().snapshot())
                + ", bad "
                + (past.bad() == null
                        ? "live"
                        : text(past.badImage()) + "@" + past.bad().snapshot())
                + (past.marks().isEmpty()
                        ? ""
                        : ", " + past.marks().stream().sorted().toList());
    }

    private static String text(@Nullable Image image) {
        return image == null ? "-" : String.valueOf(image.field("n"));
    }

    @Test
    void the_last_clean_capture_is_good_and_what_the_audit_saw_is_bad() {
        assertThat(past("1", "2")).isEqualTo("good 2@s1, bad live");
    }

    @Test
    void the_first_capture_of_the_damage_is_bad_whatever_came_after() {
        assertThat(past("1", "2", "-3", "-4")).isEqualTo("good 2@s1, bad -3@s2");
    }

    @Test
    void what_was_never_clean_is_unrecoverable() {
        assertThat(past("-1", "-2")).isEqualTo("good none, bad -1@s0, [UNRECOVERABLE]");
        assertThat(past()).isEqualTo("good none, bad live, [UNRECOVERABLE]");
    }

    @Test
    void of_damage_that_came_twice_the_last_onset_counts() {
        assertThat(past("1", "-2", "3")).isEqualTo("good 3@s2, bad live, [FLAPPING]");
        assertThat(past("1", "-2", "3", "-4", "-5")).isEqualTo("good 3@s2, bad -4@s3, [FLAPPING]");
    }

    @Test
    void a_record_that_was_not_there_was_well_without_it() {
        assertThat(past("-", "-")).isEqualTo("good none, not there @s1, bad live, [UNRECOVERABLE]");
        assertThat(past("2", "-", "-3")).isEqualTo("good none, not there @s1, bad -3@s2, [UNRECOVERABLE]");
        assertThat(past("-", "2", "-3")).isEqualTo("good 2@s1, bad -3@s2");
    }

    @Test
    void a_record_whose_absence_is_at_fault_was_good_while_it_was_there() {
        assertThat(past(true, "1", "2")).isEqualTo("good 2@s1, bad live");
        assertThat(past(true, "1", "2", "-")).isEqualTo("good 2@s1, bad -@s2");
        assertThat(past(true, "-", "2", "-")).isEqualTo("good 2@s1, bad -@s2");
    }

    @Test
    void of_two_with_one_key_none_is_good() {
        assertThat(past("1", "twice 2")).isEqualTo("good 1@s0, bad 2@s1, [DUPLICATE_KEY]");
        assertThat(past("twice 1", "2", "-3")).isEqualTo("good 2@s1, bad -3@s2, [FLAPPING]");
    }

    @Test
    void a_planner_gets_the_image_of_the_good_capture_and_what_the_damage_left() {
        Image live = image("-5");
        Past past = fold(false, List.of("1", "2"));

        History history = past.history(live);

        assertThat(history.good()).isEqualTo(new History.Good(image("2"), "s1", START.plus(Duration.ofDays(1))));
        assertThat(history.bad()).isEqualTo(live);
        assertThat(history.origin()).isEqualTo(History.Origin.OBSERVED);
        assertThat(fold(false, List.of("1", "-2")).history(live).bad()).isEqualTo(image("-2"));
        assertThat(fold(false, List.of("-")).history(live).good()).isEqualTo(new History.Good(null, "s0", START));
    }
}
