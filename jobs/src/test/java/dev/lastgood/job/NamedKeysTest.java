package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lastgood.record.JsonValues;
import org.junit.jupiter.api.Test;

final class NamedKeysTest {
    private static boolean names(String text, String key) throws JsonProcessingException {
        return RestoreJob.names(text, JsonValues.MAPPER.readTree(key));
    }

    @Test
    void a_key_of_one_field_is_named_by_its_value() throws JsonProcessingException {
        assertThat(names("i2", "{\"id\":\"i2\"}")).isTrue();
        assertThat(names("7", "{\"id\":7}")).isTrue();
        assertThat(names("7", "{\"id\":\"7\"}")).isTrue();
        assertThat(names("a,b", "{\"id\":\"a,b\"}")).isTrue();
        assertThat(names("2026-11-22", "{\"day\":\"2026-11-22\"}")).isTrue();
    }

    @Test
    void a_key_of_several_fields_is_named_by_its_values_in_their_order() throws JsonProcessingException {
        String key = "{\"tenant\":\"acme\",\"id\":7}";

        assertThat(names("acme,7", key)).isTrue();
        assertThat(names("acme, 7", key)).isTrue();
        assertThat(names("7,acme", key)).isFalse();
        assertThat(names("7", key)).isFalse();
    }

    @Test
    void a_value_that_only_ends_in_what_was_written_is_another() throws JsonProcessingException {
        assertThat(names("2", "{\"id\":\"a:2\"}")).isFalse();
        assertThat(names("2", "{\"id\":\"a:\\\"2\"}")).isFalse();
        assertThat(names("2", "{\"id\":12}")).isFalse();
        assertThat(names("", "{\"id\":\"i2\"}")).isFalse();
    }

    @Test
    void a_key_is_named_as_findings_show_it() throws JsonProcessingException {
        assertThat(names("{\"tenant\":\"acme\",\"id\":7}", "{\"tenant\":\"acme\",\"id\":7}"))
                .isTrue();
        assertThat(names("{\"tenant\":\"acme\",\"id\":8}", "{\"tenant\":\"acme\",\"id\":7}"))
                .isFalse();
    }
}
