package dev.lastgood.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PatternsTest {
    private static final FieldPath FIELD = FieldPath.of("f");

    private static List<String> texts(@Nullable Value before, @Nullable Value after) {
        return Patterns.of(FIELD, before, after, null, null).stream()
                .map(Pattern::text)
                .toList();
    }

    private static List<String> ofTexts(String before, String after) {
        return texts(Value.of(before), Value.of(after));
    }

    /** Of a change within a record, both as JSON. */
    private static List<String> inRecord(String path, String before, String after) throws JsonValues.NotJson {
        var then = new Image((Value.Obj) JsonValues.parse(before.replace('\'', '"')));
        var now = new Image((Value.Obj) JsonValues.parse(after.replace('\'', '"')));
        FieldPath at = FieldPath.valueOf(path);
        Value from = Patch.at(then, at).value();
        Value to = Patch.at(now, at).value();
        return Patterns.of(at, from, to, then, now).stream().map(Pattern::text).toList();
    }

    @Test
    void what_came_or_went_says_so_and_what_came_says_what_it_is() {
        assertThat(texts(null, Value.of("new"))).containsExactly("= 'new'", "added");
        assertThat(texts(Value.NULL, Value.of(7))).containsExactly("= 7", "filled");
        assertThat(texts(Value.of("x"), Value.NULL)).containsExactly("nulled");
        assertThat(texts(Value.of("x"), null)).containsExactly("removed");
    }

    @ParameterizedTest
    @CsvSource({
        "19.99, 1999, × 100",
        "1999, 19.99, ÷ 100",
        "19.99, 0.20, ÷ 100",
        "3, 30, × 10",
        "100.00, 119.00, × 1.19",
        "19.99, 23.79, × 1.19",
        "23.79, 19.99, ÷ 1.19",
        "10, 5, ÷ 2",
        "10, 8, × 0.8",
        "8, 10, ÷ 0.8",
        "100, 33.33, ÷ 3",
        "4, -4, × -1",
        "4, -400, × -100",
        "7, 12, + 5",
        "12.5, 7, - 5.5",
        "0, 3, + 3",
        "19.99, 20, rounded to 0",
        "19.994, 19.99, rounded to 2",
        "19.99, 19.9, decimals cut to 1",
        "1, 3, 1 → 3",
        "1, 3, = 3",
    })
    void a_number_is_scaled_moved_or_rounded(String before, String after, String pattern) {
        assertThat(texts(Value.number(before), Value.number(after))).contains(pattern);
        assertThat(ofTexts(before, after).stream().map(text -> text.replace("'", "")))
                .contains(pattern);
    }

    @Test
    void a_binary_number_is_scaled_and_moved_but_for_its_last_digits() {
        assertThat(texts(new Value.Real(0.1), new Value.Real(0.1 * 1.1))).contains("× 1.1");
        assertThat(texts(new Value.Real(0.07), new Value.Real(0.07 * 100))).contains("× 100");
        assertThat(texts(new Value.Real(0.1), new Value.Real(0.1 + 0.2))).contains("+ 0.2");
        assertThat(texts(new Value.Real(1), new Value.Real(Double.NaN))).contains("= NaN");
    }

    @Test
    void the_number_may_have_moved_by_another_field_once_or_twice() throws Exception {
        assertThat(inRecord("total", "{'total':100,'tax':19}", "{'total':119,'tax':19}"))
                .contains("+ tax");
        assertThat(inRecord("stock", "{'stock':10,'sold':3}", "{'stock':4,'sold':3}"))
                .contains("- 2 sold");
        assertThat(inRecord("stock", "{'stock':10,'o':{'n':3}}", "{'stock':13,'o':{'n':4}}"))
                .contains("+ o.n");
        assertThat(inRecord("t", "{'t':10,'h':2}", "{'t':14,'h':2}")).contains("+ 2 `h`");
        assertThat(inRecord("l[1].t", "{'l':[{},{'t':10,'q':3}]}", "{'l':[{},{'t':7,'q':3}]}"))
                .contains("- l[].q");
        assertThat(inRecord("t", "{'t':10,'zero':0}", "{'t':11,'zero':0}")).doesNotContain("+ zero");
    }

    @Test
    void values_are_swapped_with_or_copied_from_another_field() throws Exception {
        assertThat(inRecord("net", "{'net':10.5,'gross':12.6}", "{'net':12.6,'gross':10.5}"))
                .startsWith("swapped with gross");
        assertThat(inRecord("a.net", "{'a':{'net':10.5},'g':12.6}", "{'a':{'net':12.6},'g':12.6}"))
                .startsWith("copied from g");
        assertThat(inRecord("city", "{'city':'Bonn','street':'Am Hof'}", "{'city':'Am Hof','street':'Neu 1'}"))
                .startsWith("copied from street");
        assertThat(inRecord("city", "{'city':null,'street':'Am Hof'}", "{'city':'Am Hof','street':'Am Hof'}"))
                .startsWith("copied from street");
    }

    @Test
    void two_fields_written_with_one_value_are_the_same_and_not_copied() throws Exception {
        assertThat(inRecord("a", "{'a':3,'b':4}", "{'a':7,'b':7}"))
                .contains("same as b")
                .doesNotContain("copied from b");
        assertThat(inRecord("a", "{'a':false,'b':true}", "{'a':true,'b':true}")).doesNotContain("copied from b");
    }

    @Test
    void a_text_is_cut_or_gets_a_part_more() {
        assertThat(ofTexts("Johanna 🙂 Schmidt", "Johanna 🙂")).contains("cut to 9", "suffix ' Schmidt' removed");
        assertThat(ofTexts("A-17", "17")).contains("prefix 'A-' removed");
        assertThat(ofTexts("17", "A-17")).contains("prefix 'A-' added");
        assertThat(ofTexts("17a", "17a (old)")).contains("suffix ' (old)' added");
        assertThat(ofTexts("Main St", "Main St, unit 5")).doesNotContain("cut to 7");
    }

    @Test
    void a_text_is_read_in_the_wrong_encoding_or_repaired() {
        for (String text : List.of("Müller", "Çà et là", "Ærø", "10 €", "naïve “quote”", "Łódź à côté")) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            for (Charset wrong : List.of(StandardCharsets.ISO_8859_1, Charset.forName("windows-1252"))) {
                assertThat(ofTexts(text, new String(utf8, wrong))).contains("mojibake");
            }
            String misread = new String(utf8, StandardCharsets.ISO_8859_1);
            assertThat(ofTexts(misread, text)).contains("mojibake undone");
            assertThat(ofTexts(text, text.replaceAll("[^ -~]", "?"))).contains("characters lost");
            assertThat(ofTexts(text, new String(text.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII)))
                    .contains("characters lost");
        }
        assertThat(ofTexts(
                        "Müller", new String("Müller".getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)))
                .contains("characters lost");
        assertThat(ofTexts("Çà", "Ca")).contains("accents removed");
        assertThat(ofTexts("Ö", Normalizer.normalize("Ö", Normalizer.Form.NFD))).contains("characters composed anew");
    }

    @Test
    void a_time_is_shifted_or_loses_its_fine_parts() {
        var at = Instant.parse("2024-03-05T10:20:30.456789Z");
        assertThat(texts(new Value.Moment(at), new Value.Moment(at.plusSeconds(7200))))
                .startsWith("+ 2 h", "some hours");
        assertThat(texts(new Value.Moment(at), new Value.Moment(at.minusSeconds(86_400))))
                .startsWith("- 1 d");
        assertThat(texts(new Value.Moment(at), new Value.Moment(Instant.parse("2024-03-05T00:00:00Z"))))
                .startsWith("cut to days");
        assertThat(texts(new Value.Moment(at), new Value.Moment(Instant.parse("2024-03-05T10:20:30Z"))))
                .startsWith("cut to seconds");
        assertThat(texts(
                        new Value.LocalMoment(LocalDateTime.parse("2024-03-05T10:00")),
                        new Value.LocalMoment(LocalDateTime.parse("2024-03-05T09:30"))))
                .startsWith("- 30 min");
        assertThat(texts(new Value.Day(LocalDate.parse("2024-03-05")), new Value.Day(LocalDate.parse("2024-03-04"))))
                .startsWith("- 1 d");
        assertThat(texts(new Value.Day(LocalDate.parse("2024-03-05")), new Value.Day(LocalDate.parse("2024-05-03"))))
                .startsWith("day and month swapped");
        assertThat(ofTexts("2024-03-05T10:00:00Z", "2024-03-05T12:00:00Z")).startsWith("+ 2 h");
        assertThat(ofTexts("2024-03-05 10:00", "2024-03-05 08:00")).startsWith("- 2 h");
    }

    @Test
    void a_date_in_another_format_is_the_same_date() {
        assertThat(ofTexts("2024-03-05", "05.03.2024")).startsWith("date format");
        assertThat(ofTexts("2024-03-05", "20240305")).startsWith("date format");
        assertThat(ofTexts("2024-03-05T10:00:00Z", "2024-03-05T12:00:00+02:00")).startsWith("date format");
        assertThat(ofTexts("25.12.2024", "12/25/2024")).startsWith("date format");
    }

    @Test
    void a_text_keeps_its_letters_or_its_number() {
        assertThat(ofTexts("Eur", "EUR")).startsWith("upper case", "case");
        assertThat(ofTexts("Straße", "STRASSE")).startsWith("upper case", "case");
        assertThat(ofTexts("EUR", "eur")).startsWith("lower case", "case");
        assertThat(ofTexts("eUR", "Eur")).startsWith("case");
        assertThat(ofTexts(" a  b ", "a  b")).contains("trimmed", "blanks");
        assertThat(ofTexts("a b", "a\u00a0b")).contains("blanks");
        assertThat(ofTexts("007", "7")).contains("same number");
        assertThat(texts(Value.of(7), Value.of("7.0"))).contains("made text");
        assertThat(ofTexts("5", "5 kg")).contains("unit 'kg'");
        assertThat(texts(Value.number("5.50"), Value.of("5,50 €"))).contains("unit '€'");
        assertThat(ofTexts("€5", "5")).contains("without unit '€'");
    }

    @Test
    void a_value_is_mapped_to_another() {
        assertThat(ofTexts("EUR", "USD")).containsExactly("'EUR' → 'USD'", "= 'USD'");
        assertThat(texts(Value.of(true), Value.of(false))).containsExactly("true → false", "= false");
    }

    @Test
    void a_long_value_is_cut_to_one_line() {
        assertThat(ofTexts("a", "line one\nline two which is quite long, and longer"))
                .containsExactly("= 'line one·line two which is qui…' (49)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "× 100",
                "÷ 1000",
                "× -100",
                "× -1",
                "+ 2 h",
                "- 14 h",
                "some hours",
                "cut to 22",
                "cut to days",
                "mojibake",
                "swapped with a",
                "copied from `x → y`",
                "unit 'EUR'",
                "day and month swapped"
            })
    void legitimate_work_hardly_does_such(String text) {
        assertThat(Pattern.of(text).isTelling()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "× 1",
                "× 1.19",
                "× 0.1",
                "÷ 2",
                "nulled",
                "filled",
                "= 'cut to 5'",
                "'× 10' → '+ 2 h'",
                "+ 5",
                "- 15 h",
                "+ 2 d",
                "+ 2 `h`",
                "+ tax",
                "prefix 'mojibake' added",
                "upper case",
                "rounded to 0",
                "same as a"
            })
    void legitimate_work_does_such_as_well(String text) {
        assertThat(Pattern.of(text).isTelling()).isFalse();
    }

    @Test
    void a_pattern_with_a_value_in_it_says_so() {
        assertThat(Pattern.of("= 5").showsValue()).isTrue();
        assertThat(Pattern.of("1 → 2").showsValue()).isTrue();
        assertThat(Pattern.of("suffix 'x' added").showsValue()).isTrue();
        assertThat(Pattern.of("× 100").showsValue()).isFalse();
        assertThat(Pattern.of("swapped with a").showsValue()).isFalse();
    }

    @Test
    void a_factor_is_found_in_any_value_and_the_way_back_has_it_too() {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            BigDecimal value = BigDecimal.valueOf(100 + random.nextInt(10_000_000), 2);
            BigDecimal factor = BigDecimal.valueOf(2 + random.nextInt(97), random.nextInt(3))
                    .stripTrailingZeros();
            if (factor.compareTo(BigDecimal.ONE) == 0) {
                continue;
            }
            Value before = new Value.Num(value);
            Value after = new Value.Num(value.multiply(factor));

            List<String> there = texts(before, after);
            List<String> back = texts(after, before);

            String ratio =
                    there.stream().filter(t -> t.matches("[×÷] .*")).findFirst().orElse("");
            BigDecimal said = new BigDecimal(ratio.substring(2));
            BigDecimal made = ratio.startsWith("×")
                    ? value.multiply(said)
                    : value.multiply(factor).multiply(said);
            assertThat(made)
                    .as("%s times %s: %s", value, factor, there)
                    .isEqualByComparingTo(ratio.startsWith("×") ? value.multiply(factor) : value);
            assertThat(back).contains((ratio.startsWith("×") ? "÷ " : "× ") + said.toPlainString());
        }
    }

    @Test
    void any_two_values_have_few_short_patterns_that_are_read_back_from_their_texts() {
        var random = new Random(2);
        for (int i = 0; i < 30_000; i++) {
            Value before = value(random, 2);
            Value after = random.nextInt(3) == 0 ? similar(random, before) : value(random, 2);
            Image then = image(random, before);
            Image now = image(random, after);

            List<Pattern> patterns = Patterns.of(FIELD, before, after, then, now);

            assertThat(patterns).hasSizeBetween(1, Patterns.MOST).doesNotHaveDuplicates();
            for (Pattern pattern : patterns) {
                assertThat(pattern.text())
                        .hasSizeLessThanOrEqualTo(Patterns.LONGEST)
                        .doesNotContain("\n");
                assertThat(Pattern.of(pattern.text())).isEqualTo(pattern);
            }
        }
    }

    private static Image image(Random random, Value value) {
        Map<String, Value> fields = new TreeMap<>();
        for (String name : List.of("a", "h", "5", "x → y", "= z", "o")) {
            fields.put(name, random.nextInt(4) == 0 ? value : value(random, 1));
        }
        fields.put("f", value);
        return Image.of(fields);
    }

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "A",
            "ä",
            "Müller",
            "MÃ¼ller",
            "M?ller",
            "2024-03-05",
            "05.03.2024",
            "9999-12-31T23:59:59Z",
            "0000-01-01",
            "2024-02-30",
            "99999999",
            "5",
            "5 kg",
            "1e99",
            "€",
            "\ud800",
            "'",
            "' → '",
            "= 5",
            "a\nb",
            "🙂🙂",
            "-",
            "+",
            "x".repeat(500));

    private static final List<String> NUMBERS = List.of(
            "0",
            "0.00",
            "1",
            "-1",
            "5",
            "500",
            "0.05",
            "1e400",
            "-1e-400",
            "1e999999999",
            "1e-999999999",
            "1e60",
            "1e-60",
            "123456789012345678901234567890.123456789",
            "9999999.99");

    private static final List<Double> REALS = List.of(
            0.0, 1.0, -1.5, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE, 1e50, 1e-50);

    private static Value value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 11 : 9)) {
            case 0 -> Value.NULL;
            case 1 -> Value.of(random.nextBoolean());
            case 2 -> Value.number(NUMBERS.get(random.nextInt(NUMBERS.size())));
            case 3 -> new Value.Real(REALS.get(random.nextInt(REALS.size())));
            case 4, 5 -> Value.of(TEXTS.get(random.nextInt(TEXTS.size())));
            case 6 -> new Value.Bytes(new byte[random.nextInt(40)]);
            case 7 ->
                new Value.Day(
                        List.of(LocalDate.MIN, LocalDate.MAX, LocalDate.EPOCH).get(random.nextInt(3)));
            case 8 ->
                random.nextBoolean()
                        ? new Value.Moment(
                                List.of(Instant.MIN, Instant.MAX, Instant.EPOCH).get(random.nextInt(3)))
                        : new Value.LocalMoment(
                                List.of(LocalDateTime.MIN, LocalDateTime.MAX).get(random.nextInt(2)));
            case 9 -> new Value.Array(List.of(value(random, depth - 1)));
            default -> Value.Obj.of(Map.of("a", value(random, depth - 1)));
        };
    }

    private static Value similar(Random random, Value value) {
        List<Value> similar = new ArrayList<>(List.of(value, Value.of(value.toString()), Value.of(value + " EUR")));
        if (value instanceof Value.Num number && Math.abs(number.value().scale()) < 1000) {
            similar.add(new Value.Num(number.value().negate()));
            similar.add(new Value.Num(number.value().movePointRight(2)));
        }
        if (value instanceof Value.Text text) {
            similar.add(Value.of(text.value().toUpperCase(Locale.ROOT)));
            similar.add(
                    Value.of(new String(text.value().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
        }
        return similar.get(random.nextInt(similar.size()));
    }
}
