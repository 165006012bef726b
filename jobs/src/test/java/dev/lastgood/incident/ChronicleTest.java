package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.History;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a record was last good, and how the bug left it. */
class ChronicleTest {
    private static final Instant START = Instant.parse("2026-11-20T02:00:00Z");

    /** Numbers are at least 0 by one rule, by another never less than they were; 99 cannot be judged. */
    private static final Judge JUDGE = (dataset, pairs) -> pairs.stream()
            .map(pair -> Map.of(
                    "positive", positive(number(pair.record())),
                    "growing", growing(number(pair.before()), number(pair.record()))))
            .toList();

    private static Ruling positive(@Nullable Integer number) {
        return number == null ? Ruling.UNKNOWN : number == 99 ? Ruling.ERROR : number >= 0 ? Ruling.PASS : Ruling.FAIL;
    }

    private static Ruling growing(@Nullable Integer before, @Nullable Integer after) {
        return before == null || after == null ? Ruling.OUTSIDE : after >= before ? Ruling.PASS : Ruling.FAIL;
    }

    private static @Nullable Integer number(@Nullable Image image) {
        Value value = image == null ? null : image.field("n");
        return value == null || value.isNull() ? null : Integer.valueOf(value.toString());
    }

    private static @Nullable Image image(String number) {
        return number.equals("-")
                ? null
                : Image.of(Map.of("n", number.equals("null") ? Value.NULL : Value.number(number)));
    }

    /**
     * What is made of the captures and then live, each a number, {@code null}, or {@code -} for no record:
     * {@code good 5@s1, bad -1 SNAPSHOT, FLAPPING}.
     */
    private static String history(String rule, String... captures) {
        return history(rule, false, captures);
    }

    private static String history(String rule, boolean absenceAtFault, String... captures) {
        Key key = Key.of("id", Value.of("a"));
        List<Chronicle.State> states = new ArrayList<>();
        for (int i = 0; i < captures.length - 1; i++) {
            states.add(new Chronicle.State("s" + i, START.plus(Duration.ofDays(i)), image(captures[i])));
        }
        Image live = image(captures[captures.length - 1]);
        History history = Chronicle.histories(
                        "rows",
                        Map.of(key, states),
                        live == null ? Map.of() : Map.of(key, live),
                        Map.of(key, Set.of(rule)),
                        absenceAtFault ? Set.of(key) : Set.of(),
                        JUDGE)
                .get(key);
        assertThat(history).isNotNull();
        History.Good good = history.good();
        return "good "
                + (good == null ? "none" : text(good.image()) + "@" + good.snapshot())
                + ", bad " + text(history.bad()) + " " + history.origin()
                + (history.marks().isEmpty() ? "" : ", " + history.marks());
    }

    private static String text(@Nullable Image image) {
        return image == null ? "-" : String.valueOf(image.field("n"));
    }

    @Test
    void the_last_clean_capture_is_good_and_what_the_audit_saw_is_bad() {
        assertThat(history("positive", "1", "2", "-3")).isEqualTo("good 2@s1, bad -3 OBSERVED");
    }

    @Test
    void the_first_capture_of_the_damage_is_bad_whatever_came_after() {
        assertThat(history("positive", "1", "2", "-3", "-4", "-5")).isEqualTo("good 2@s1, bad -3 SNAPSHOT");
    }

    @Test
    void what_was_never_clean_has_no_good_image() {
        assertThat(history("positive", "-1", "-2", "-3")).isEqualTo("good none, bad -1 SNAPSHOT");
        assertThat(history("positive", "-3")).isEqualTo("good none, bad -3 OBSERVED");
    }

    @Test
    void of_damage_that_came_twice_the_last_onset_counts() {
        assertThat(history("positive", "1", "-2", "3", "-4")).isEqualTo("good 3@s2, bad -4 OBSERVED, [FLAPPING]");
        assertThat(history("positive", "1", "-2", "3", "-4", "-5")).isEqualTo("good 3@s2, bad -4 SNAPSHOT, [FLAPPING]");
    }

    @Test
    void what_could_not_be_judged_is_not_good() {
        assertThat(history("positive", "1", "99", "-3")).isEqualTo("good 1@s0, bad 99 SNAPSHOT");
        assertThat(history("positive", "1", "null", "-3")).isEqualTo("good 1@s0, bad null SNAPSHOT");
    }

    @Test
    void a_record_is_compared_with_how_it_was_when_it_was_good() {
        assertThat(history("growing", "5", "7", "3", "4", "4")).isEqualTo("good 7@s1, bad 3 SNAPSHOT");
        assertThat(history("growing", "5", "7", "6")).isEqualTo("good 7@s1, bad 6 OBSERVED");
    }

    @Test
    void a_record_that_was_not_there_was_well_without_it() {
        assertThat(history("positive", "-", "-", "-3")).isEqualTo("good -@s1, bad -3 OBSERVED");
        assertThat(history("positive", "-", "2", "-3")).isEqualTo("good 2@s1, bad -3 OBSERVED");
    }

    @Test
    void a_record_whose_absence_is_at_fault_was_good_while_it_was_there() {
        assertThat(history("positive", true, "1", "2", "-")).isEqualTo("good 2@s1, bad - OBSERVED");
        assertThat(history("positive", true, "1", "2", "-", "-")).isEqualTo("good 2@s1, bad - SNAPSHOT");
        assertThat(history("positive", true, "-", "2", "-", "-")).isEqualTo("good 2@s1, bad - SNAPSHOT");
    }
}
