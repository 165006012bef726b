package dev.lastgood.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionsTest {

    private static final List<String> FIELDS = List.of("id", "quantity", "unit_price", "total");

    @Test
    void a_missing_a_wrong_and_two_swapped_letters_are_near() {
        assertThat(Suggestions.nearest("totl", FIELDS)).contains("total");
        assertThat(Suggestions.nearest("tptal", FIELDS)).contains("total");
        assertThat(Suggestions.nearest("toatl", FIELDS)).contains("total");
    }

    @Test
    void case_and_dashes_do_not_count() {
        assertThat(Suggestions.nearest("Unit-Price", FIELDS)).contains("unit_price");
    }

    @Test
    void what_has_little_in_common_is_not_near() {
        assertThat(Suggestions.nearest("customer", FIELDS)).isEmpty();
        assertThat(Suggestions.nearest("x", FIELDS)).isEmpty();
        assertThat(Suggestions.nearest("", FIELDS)).isEmpty();
    }

    @Test
    void the_nearest_of_several_is_suggested() {
        assertThat(Suggestions.nearest("field_1", List.of("field_12", "field_1a", "field_2")))
                .contains("field_12");
        assertThat(Suggestions.nearest("orders", List.of("order", "orderss", "holders")))
                .contains("order");
    }

    @Test
    void distance_counts_a_swap_once() {
        assertThat(Suggestions.distance("ab", "ba")).isEqualTo(1);
        assertThat(Suggestions.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(Suggestions.distance("", "abc")).isEqualTo(3);
    }
}
