package dev.lastgood.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quicktheories.core.Gen;

class FieldPathTest {

    private static final String CHARACTERS = "abZ09_.[]`'=, \"\\/~-ü😀\n\t\u0000";

    /** Any path, also with names nobody would think of. */
    private static final Gen<FieldPath> PATHS = longs().all().map(seed -> path(new Random(seed)));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "total",
                "customer.address.zip",
                "lines[]",
                "lines[].amount",
                "lines[7].amount",
                "lines[line_no=3].amount",
                "lines[kind='home',line_no=-1.50].x",
                "a[b='it''s']",
                "a[b=true,c=null]",
                "a[][][0]",
                "`order total`.`a``b`",
                "``",
                "größe",
                "7th"
            })
    void a_canonical_text_is_read_and_written_unchanged(String text) throws InvalidPath {
        assertThat(FieldPath.parse(text)).hasToString(text);
    }

    @Test
    void a_name_in_backticks_that_needs_none_loses_them() throws InvalidPath {
        assertThat(FieldPath.parse("`total`")).isEqualTo(FieldPath.of("total")).hasToString("total");
    }

    @Test
    void every_path_is_read_back_from_its_text() {
        qt().forAll(PATHS).check(path -> FieldPath.valueOf(path.toString()).equals(path));
    }

    @Test
    void different_paths_have_different_texts() {
        qt().withExamples(5000)
                .forAll(PATHS, PATHS)
                .check((one, other) -> one.equals(other) == one.toString().equals(other.toString()));
    }

    @Test
    void any_text_is_a_path_or_an_invalid_path() {
        qt().withExamples(20_000)
                .forAll(longs().all(), integers().between(0, 12))
                .check((seed, length) -> isPathOrNone(text(new Random(seed), length)));
    }

    private static boolean isPathOrNone(String text) {
        try {
            FieldPath path = FieldPath.parse(text);
            return FieldPath.valueOf(path.toString()).equals(path);
        } catch (InvalidPath e) {
            return e.start() >= 0 && e.start() + e.length() <= text.length();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\" | 0 | 0 | a field path is missing",
                "a. | 2 | 0 | a name is missing at the end",
                ".a | 0 | 1 | \"a name expected, not '.'\"",
                "a..b | 2 | 1 | \"a name expected, not '.'\"",
                "a b | 1 | 1 | \"'.' or '[' expected, not ' '\"",
                "a]b | 1 | 1 | \"'.' or '[' expected, not ']'\"",
                "a[]b | 3 | 1 | \"'.' or '[' expected, not 'b'\"",
                "`a | 0 | 2 | the closing ` is missing",
                "a[ | 2 | 0 | a name is missing at the end",
                "a[b | 3 | 0 | \"'=' is missing at the end\"",
                "a[b=1 | 1 | 4 | the closing ] is missing",
                "a[b='x] | 4 | 3 | the closing ' is missing",
                "a[b=x] | 4 | 1 | a text in a key stands in single quotes",
                "a[b='x'y] | 7 | 1 | \"',' expected, not 'y'\"",
                "a[b=1,b=2] | 6 | 1 | 'b' stands twice in one key",
                "a[07] | 2 | 2 | an index has no leading zero",
                "a[2147483648] | 2 | 10 | an index is at most 2147483647",
                "a[-1] | 2 | 1 | \"a name expected, not '-'\"",
                "[0] | 0 | 1 | \"a name expected, not '['\""
            })
    void an_invalid_path_says_where_and_why(String text, int start, int length, String message) {
        assertThatThrownBy(() -> FieldPath.parse(text))
                .isInstanceOfSatisfying(InvalidPath.class, e -> {
                    assertThat(e.start()).isEqualTo(start);
                    assertThat(e.length()).isEqualTo(length);
                })
                .hasMessage(message);
    }

    @Test
    void a_path_of_thousands_of_steps_is_refused() {
        assertThatThrownBy(() -> FieldPath.parse("a" + "[]".repeat(5000)))
                .isInstanceOf(InvalidPath.class)
                .hasMessage("a path of more than 200 steps");
    }

    @Test
    void a_path_becomes_a_json_pointer_if_it_names_one_element_by_index() {
        assertThat(FieldPath.valueOf("a.`x/y~z`[7].b").jsonPointer()).contains("/a/x~1y~0z/7/b");
        assertThat(FieldPath.valueOf("lines[].b").jsonPointer()).isEmpty();
        assertThat(FieldPath.valueOf("lines[line_no=3].b").jsonPointer()).isEmpty();
    }

    @Test
    void a_path_knows_its_root_parent_and_children() {
        FieldPath amount = FieldPath.valueOf("lines[].amount");

        assertThat(amount.root()).isEqualTo("lines");
        assertThat(amount.parent()).contains(FieldPath.valueOf("lines[]"));
        assertThat(FieldPath.of("lines").parent()).isEmpty();
        assertThat(FieldPath.valueOf("lines[]").resolve(FieldPath.valueOf("tax.rate")))
                .hasToString("lines[].tax.rate");
        assertThat(amount.child("net")).hasToString("lines[].amount.net");
        assertThat(amount.isPlain()).isFalse();
        assertThat(FieldPath.valueOf("customer.address").isPlain()).isTrue();
    }

    @Test
    void a_path_starts_with_itself_and_its_parents_but_not_with_a_longer_name() {
        FieldPath zip = FieldPath.valueOf("customer.address.zip");

        assertThat(zip.startsWith(zip)).isTrue();
        assertThat(zip.startsWith(FieldPath.of("customer"))).isTrue();
        assertThat(zip.startsWith(FieldPath.of("cust"))).isFalse();
        assertThat(FieldPath.of("customer").startsWith(zip)).isFalse();
    }

    @Test
    void a_path_begins_with_a_name() {
        assertThatThrownBy(() -> new FieldPath(List.of(new Step.Each())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a path begins with a name: [[]]");
    }

    private static FieldPath path(Random random) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step.Name(text(random, random.nextInt(5))));
        while (random.nextInt(3) > 0) {
            steps.add(step(random));
        }
        return new FieldPath(steps);
    }

    private static Step step(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Step.Each();
            case 1 -> new Step.Index(random.nextInt(Integer.MAX_VALUE));
            case 2 -> {
                Map<String, Literal> key = new LinkedHashMap<>();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    key.put(text(random, random.nextInt(4)), literal(random));
                }
                yield new Step.Keyed(key);
            }
            default -> new Step.Name(text(random, random.nextInt(5)));
        };
    }

    private static Literal literal(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Literal.NULL;
            case 1 -> new Literal(random.nextBoolean() ? "true" : "false", Literal.Kind.BOOLEAN);
            case 2 -> new Literal(random.nextInt() + ".50e" + random.nextInt(9), Literal.Kind.NUMBER);
            default -> Literal.text(text(random, random.nextInt(5)));
        };
    }

    private static String text(Random random, int length) {
        var text = new StringBuilder();
        int[] characters = CHARACTERS.codePoints().toArray();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(characters[random.nextInt(characters.length)]);
        }
        return text.toString();
    }
}
