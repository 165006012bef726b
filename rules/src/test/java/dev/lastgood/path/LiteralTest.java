package dev.lastgood.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class LiteralTest {

    @Test
    void a_literal_keeps_the_text_it_was_written_with() {
        assertThat(Literal.plain("1.50")).hasToString("1.50");
        assertThat(Literal.plain("1.50").number()).contains(new BigDecimal("1.50"));
        assertThat(Literal.plain("2026-11-22").kind()).isEqualTo(Literal.Kind.TEXT);
        assertThat(Literal.plain("007").kind()).isEqualTo(Literal.Kind.TEXT);
        assertThat(Literal.plain("false").kind()).isEqualTo(Literal.Kind.BOOLEAN);
        assertThat(Literal.plain("null")).isEqualTo(Literal.NULL);
        assertThat(Literal.text("12").number()).isEmpty();
        assertThat(Literal.text("it's")).hasToString("'it''s'");
    }

    @Test
    void a_kind_and_a_text_that_does_not_fit_it_is_no_literal() {
        assertThatThrownBy(() -> new Literal("12a", Literal.Kind.NUMBER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not a NUMBER: 12a");
    }
}
