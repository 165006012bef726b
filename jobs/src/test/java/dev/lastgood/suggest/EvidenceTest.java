package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class EvidenceTest {
    @Test
    void confidence_is_the_rule_of_three_and_is_never_rounded_down() {
        assertThat(Evidence.most(30)).isEqualTo("10");
        assertThat(Evidence.most(12_345)).isEqualTo("0.025");
        assertThat(Evidence.most(1_000_000)).isEqualTo("0.0003");
        assertThat(Evidence.most(1)).isEqualTo("100");
    }

    @Test
    void it_says_what_was_seen_and_how_often_it_could_have_been_otherwise() {
        assertThat(new Evidence("Never missing", 12_345, "records").text())
                .isEqualTo(
                        "Never missing. None of 12,345 records breaks it; with 95 % confidence fewer than 0.025 % do.");
    }
}
