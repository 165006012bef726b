package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddedJsonTest {

    @Test
    void json_in_a_text_is_read_as_what_it_says() {
        assertThat(JsonValues.embedded(" {\"a\": [1.50, null]} "))
                .isEqualTo(Value.Obj.of(Map.of("a", new Value.Array(List.of(Value.number("1.5"), Value.NULL)))));
        assertThat(JsonValues.embedded("7")).isEqualTo(Value.of(7));
    }

    @Test
    void text_that_is_not_json_is_kept_and_never_taken_for_json_that_says_the_same() {
        assertThat(JsonValues.embedded("paid")).isEqualTo(Value.of("paid"));
        assertThat(JsonValues.embedded("\"paid\"")).isEqualTo(Value.of("\"paid\""));
        assertThat(JsonValues.embedded("null")).isEqualTo(Value.of("null"));
        assertThat(JsonValues.embedded("")).isEqualTo(Value.of(""));
    }

    @Test
    void what_was_read_is_written_so_that_it_reads_the_same() {
        Cases.run(Cases.heavy(5_000, 100_000), random -> {
            Value value = new RandomRecords(random).image().object();
            String text = JsonValues.text(value);

            Value read = JsonValues.embedded(text);
            assertThat(JsonValues.embedded(JsonValues.embeddedText(read))).isEqualTo(read);
        });
        for (String text : List.of("paid", "\"paid\"", "null", "", " ", "7", "{", "\"\\ud83d\"")) {
            Value read = JsonValues.embedded(text);
            assertThat(JsonValues.embedded(JsonValues.embeddedText(read))).isEqualTo(read);
        }
    }

    @Test
    void different_texts_are_different_values_unless_they_are_the_same_json() {
        Map<Value, String> read = new HashMap<>();
        for (String text : List.of(
                "paid",
                "\"paid\"",
                "\"\\\"paid\\\"\"",
                "null",
                "\"null\"",
                "",
                "\"\"",
                "[]",
                "{}",
                "{",
                "\"{\"",
                "1",
                "true")) {
            assertThat(read.put(JsonValues.embedded(text), text)).isNull();
        }
        assertThat(JsonValues.embedded("\"p\\u0061id\"")).isEqualTo(JsonValues.embedded(" \"paid\""));
    }

    @Test
    void half_a_surrogate_pair_survives_being_written_as_bytes() throws Exception {
        Value half = new Value.Array(List.of(Value.of("\ud83d"), Value.of("\ude00\ud83d"), Value.of("\ud83d\ude00")));

        String text = JsonValues.text(half);

        assertThat(text).isEqualTo("[\"\\ud83d\",\"\\ude00\\ud83d\",\"\ud83d\ude00\"]");
        assertThat(JsonValues.parse(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)))
                .isEqualTo(half);
    }
}
