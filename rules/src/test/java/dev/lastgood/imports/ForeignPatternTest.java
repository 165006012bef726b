package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignPatternTest {

    @ParameterizedTest
    @CsvSource({"^[a-z]+$,[a-z]+", "^(a|b)$,(a|b)", "'^a\\\\$','a\\\\'", "^[|]$,[|]"})
    void a_pattern_between_anchors_is_about_the_whole_text(String pattern, String inner) {
        assertThat(ForeignPattern.of(pattern).objection()).isEmpty();
        assertThat(ForeignPattern.of(pattern).anchored()).contains(inner);
    }

    @ParameterizedTest
    @ValueSource(strings = {"^a|b$", "a", "^a", "a$", "^a\\$", "^(?m)a$", "^$", "^+$", "^*b$", "^{2}$"})
    void any_other_may_match_a_part(String pattern) {
        assertThat(ForeignPattern.of(pattern).objection()).isEmpty();
        assertThat(ForeignPattern.of(pattern).anchored()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "(", "[[:alpha:]]", "[a&&b]", "[[]"})
    void what_java_does_not_read_alike_is_objected_to(String pattern) {
        assertThat(ForeignPattern.of(pattern).objection()).isPresent();
    }

    @Test
    void a_pattern_that_a_rule_file_would_refuse_is_objected_to() {
        assertThat(ForeignPattern.of("a".repeat(1000)).objection()).contains("its pattern is longer than a rule takes");
    }
}
