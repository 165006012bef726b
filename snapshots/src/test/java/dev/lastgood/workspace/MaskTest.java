package dev.lastgood.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MaskTest {

    @Test
    void a_full_mask_leaves_nothing_not_even_the_length() {
        assertThat(new Mask.Full().masked("ann@example.com")).isEqualTo("***");
        assertThat(new Mask.Full().masked("")).isEqualTo("***");
    }

    @Test
    void the_last_characters_stay_if_that_is_at_most_half() {
        assertThat(new Mask.KeepLast(2).masked("0170 1234567")).isEqualTo("***67");
        assertThat(new Mask.KeepLast(2).masked("1234")).isEqualTo("***34");
        assertThat(new Mask.KeepLast(2).masked("123")).isEqualTo("***");
        assertThat(new Mask.KeepLast(1).masked("a😀")).isEqualTo("***😀");
    }
}
