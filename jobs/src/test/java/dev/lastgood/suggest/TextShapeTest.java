package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.rule.Check;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TextShapeTest {
    private static String pattern(String... texts) {
        return TextShape.pattern(List.of(texts), true).orElse("none");
    }

    @Test
    void texts_of_one_shape_have_a_pattern() {
        assertThat(pattern("SKU-00123", "SKU-90001")).isEqualTo("SKU-[0-9]{5}");
        assertThat(pattern("2053258100", "3343615000")).isEqualTo("[0-9]{10}");
        assertThat(pattern("4.1.7", "4.20.0")).isEqualTo("[0-9]+\\.[0-9]+\\.[0-9]+");
        assertThat(pattern("AL", "AK", "NO")).isEqualTo("[A-Z]{2}");
        assertThat(pattern("a7", "b12")).isEqualTo("[a-z][0-9]+");
        assertThat(pattern("(1)", "(2)")).isEqualTo("\\([0-9]+\\)");
    }

    @Test
    void a_single_digit_may_become_two() {
        assertThat(pattern("v1", "v2")).isEqualTo("v[0-9]+");
    }

    @Test
    void what_all_begin_with_is_named_only_as_whole_words_and_where_it_may_be() {
        assertThat(pattern("abc1", "abd2")).isEqualTo("[a-z]{3}[0-9]+");
        assertThat(TextShape.pattern(List.of("key-1", "key-2"), false)).contains("[a-z]{3}-[0-9]+");
    }

    @Test
    void prose_and_texts_without_a_common_shape_have_none() {
        assertThat(pattern("Ann Berg", "Bob Crow")).isEqualTo("none");
        assertThat(pattern("a1", "1a")).isEqualTo("none");
        assertThat(pattern("a1", "")).isEqualTo("none");
        assertThat(pattern()).isEqualTo("none");
    }

    @Test
    void a_form_is_that_of_all_of_them() {
        assertThat(TextShape.form(List.of("a@b.no", "c.d@e.com"))).contains(Check.Form.EMAIL);
        assertThat(TextShape.form(List.of("2026-01-02"))).contains(Check.Form.DATE);
        assertThat(TextShape.form(List.of("2026-01-02T10:00:00Z"))).contains(Check.Form.DATE_TIME);
        assertThat(TextShape.form(List.of("10.0.0.1", "192.168.1.1"))).contains(Check.Form.IPV4);
        assertThat(TextShape.form(List.of("a@b.no", "nobody"))).isEmpty();
        assertThat(TextShape.form(List.of())).isEmpty();
    }
}
