package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReferencesTest {
    @Test
    void the_records_of_a_dataset_are_called_by_the_singular_of_its_name() {
        assertThat(References.stem("customers")).containsExactly("customer");
        assertThat(References.stem("order_lines")).containsExactly("order", "line");
        assertThat(References.stem("OrderLines")).containsExactly("order", "line");
        assertThat(References.stem("categories")).containsExactly("category");
        assertThat(References.stem("addresses")).containsExactly("address");
        assertThat(References.stem("boxes")).containsExactly("box");
        assertThat(References.stem("stock")).containsExactly("stock");
    }
}
