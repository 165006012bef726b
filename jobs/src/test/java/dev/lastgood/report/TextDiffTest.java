package dev.lastgood.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.strings;

import dev.lastgood.report.TextDiff.Mark;
import dev.lastgood.report.TextDiff.Part;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

class TextDiffTest {

    @Test
    void what_changed_within_a_word_is_marked() {
        assertThat(shown("leave with the neighbour", "leave with the neighbor"))
                .isEqualTo("leave with the neighbo[-u]r | leave with the neighbor");
        assertThat(shown("19.50 EUR", "1950.00 EUR")).isEqualTo("19[-.5]0 EUR | 19[+50.0]0 EUR");
        assertThat(shown("1950", "195000")).isEqualTo("1950 | 1950[+00]");
    }

    @Test
    void of_numbers_all_is_marked_from_the_first_digit_that_differs() {
        assertThat(shown(TextDiff.ofNumbers("19.50", "1950.00"))).isEqualTo("19[-.50] | 19[+50.00]");
        assertThat(shown(TextDiff.ofNumbers("9.50", "12.50"))).isEqualTo("[-9.50] | [+12.50]");
        assertThat(shown(TextDiff.ofNumbers("19", "1900"))).isEqualTo("19 | 19[+00]");
    }

    @Test
    void texts_with_little_in_common_are_marked_as_a_whole() {
        assertThat(shown("9.50", "12.00")).isEqualTo("[-9.50] | [+12.00]");
        assertThat(shown("Anna", "Berta")).isEqualTo("[-Anna] | [+Berta]");
    }

    @Test
    void single_characters_that_happen_to_be_the_same_are_not_islands() {
        assertThat(shown("order 7 of the customer", "order 8x9 of the customer"))
                .isEqualTo("order [-7] of the customer | order [+8x9] of the customer");
        assertThat(shown("a long beginning abcde and end", "a long beginning vwcyz and end"))
                .isEqualTo("a long beginning [-abcde] and end | a long beginning [+vwcyz] and end");
    }

    @Test
    void a_character_outside_of_the_basic_plane_is_one_character() {
        assertThat(shown("all is well \uD83D\uDE00", "all is well \uD83D\uDE01"))
                .isEqualTo("all is well [-\uD83D\uDE00] | all is well [+\uD83D\uDE01]");
    }

    @Test
    void texts_too_long_to_compare_closely_are_marked_between_what_they_begin_and_end_with() {
        String left = "x".repeat(2000);
        String right = "y".repeat(2000);
        String same = "s".repeat(5000);
        assertThat(TextDiff.of(same + left + same, same + right + same))
                .isEqualTo(new TextDiff.Sides(
                        List.of(new Part(Mark.SAME, same), new Part(Mark.REMOVED, left), new Part(Mark.SAME, same)),
                        List.of(new Part(Mark.SAME, same), new Part(Mark.ADDED, right), new Part(Mark.SAME, same))));
    }

    // Few letters, so that the texts have something in common.
    private static Gen<String> texts() {
        return strings().betweenCodePoints('a', 'c').ofLengthBetween(0, 40);
    }

    @Test
    void the_parts_of_a_side_are_its_text() {
        qt().forAll(texts(), texts()).checkAssert((before, after) -> {
            TextDiff.Sides sides = TextDiff.of(before, after);
            assertThat(text(sides.before())).isEqualTo(before);
            assertThat(text(sides.after())).isEqualTo(after);
        });
    }

    @Test
    void what_is_the_same_is_the_same_on_both_sides_and_all_else_is_not() {
        qt().forAll(texts(), texts(), integers().between(0, 40)).checkAssert((before, insert, at) -> {
            int place = Math.min(at, before.length());
            String after = before.substring(0, place) + insert + before.substring(place);
            TextDiff.Sides sides = TextDiff.of(before, after);
            assertThat(same(sides.before())).isEqualTo(same(sides.after()));
            assertThat(sides.before()).noneMatch(part -> part.mark() == Mark.ADDED);
            assertThat(sides.after()).noneMatch(part -> part.mark() == Mark.REMOVED);
        });
    }

    @Test
    void equal_texts_have_nothing_marked() {
        qt().forAll(texts())
                .checkAssert(text ->
                        assertThat(same(TextDiff.of(text, text).before())).isEqualTo(text));
    }

    private static String text(List<Part> parts) {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }

    private static String same(List<Part> parts) {
        return text(parts.stream().filter(part -> part.mark() == Mark.SAME).toList());
    }

    private static String shown(String before, String after) {
        return shown(TextDiff.of(before, after));
    }

    private static String shown(TextDiff.Sides sides) {
        return marked(sides.before()) + " | " + marked(sides.after());
    }

    private static String marked(List<Part> parts) {
        return parts.stream()
                .map(part -> switch (part.mark()) {
                    case REMOVED -> "[-" + part.text() + "]";
                    case ADDED -> "[+" + part.text() + "]";
                    default -> part.text();
                })
                .collect(Collectors.joining());
    }
}
