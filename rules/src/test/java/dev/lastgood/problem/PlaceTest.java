package dev.lastgood.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlaceTest {

    private static final List<String> PIECES = List.of("a", "ü", "😀", "\t", "\n", "\r\n", "\r", " ");

    @Test
    void an_offset_and_its_place_name_the_same_character() {
        qt().forAll(
                        lists().of(integers().between(0, PIECES.size() - 1)).ofSizeBetween(0, 40),
                        integers().between(0, 80))
                .check((pieces, number) -> {
                    var text = new StringBuilder();
                    pieces.forEach(piece -> text.append(PIECES.get(piece)));
                    var file = new SourceFile("random", text.toString());
                    int offset = Math.min(number, text.length());
                    boolean insidePair = offset > 0
                            && offset < text.length()
                            && (Character.isLowSurrogate(text.charAt(offset))
                                    || (text.charAt(offset) == '\n' && text.charAt(offset - 1) == '\r'));
                    return insidePair || file.place(offset, 0).offset() == offset;
                });
    }

    @Test
    void columns_count_code_points() {
        var file = new SourceFile("f", "x: 😀😀 bad");

        assertThat(file.place(file.text().indexOf("bad"), 3)).hasToString("f:1:7");
    }

    @Test
    void a_byte_order_mark_is_no_part_of_the_text() {
        assertThat(new SourceFile("f", "\uFEFFrules:").line(1)).contains("rules:");
    }

    @Test
    void a_place_inside_a_plain_text_is_exact() {
        var file = new SourceFile("f", "assert: a + totl");

        assertThat(new Place(file, 1, 9, 8).inside("a + totl", 4, 4)).isEqualTo(new Place(file, 1, 13, 4));
    }

    @Test
    void a_place_inside_quotes_is_exact() {
        var file = new SourceFile("f", "assert: 'a + totl'");

        assertThat(new Place(file, 1, 9, 10).inside("a + totl", 4, 4)).isEqualTo(new Place(file, 1, 14, 4));
    }

    @Test
    void a_place_inside_a_block_is_exact() {
        var file = new SourceFile("f", "assert: |\n    a +\n      totl\n");

        assertThat(new Place(file, 1, 9, 24).inside("a +\n  totl\n", 6, 4)).isEqualTo(new Place(file, 3, 7, 4));
    }

    @Test
    void a_place_inside_a_text_that_reading_changed_is_the_whole() {
        var file = new SourceFile("f", "assert: \"a\\tb + totl\"");
        var whole = new Place(file, 1, 9, 13);

        assertThat(whole.inside("a\tb + totl", 6, 4)).isEqualTo(whole);
    }
}
