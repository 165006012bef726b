package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values as JSON, and back. */
final class JsonValuesTest {
    private static final Map<Value, String> TAGGED = tagged();

    private static Map<Value, String> tagged() {
        Map<Value, String> tagged = new LinkedHashMap<>();
        tagged.put(Value.NULL, "null");
        tagged.put(Value.of(true), "true");
        tagged.put(Value.number("1E+1"), "10");
        tagged.put(Value.number("1.50"), "1.50");
        tagged.put(Value.of("ä"), "\"ä\"");
        tagged.put(new Value.Real(-0.0), "{\"double\":\"0.0\"}");
        tagged.put(new Value.Real(Double.NaN), "{\"double\":\"NaN\"}");
        tagged.put(new Value.Bytes(new byte[] {1, 2}), "{\"bytes\":\"AQI=\"}");
        tagged.put(new Value.Day(LocalDate.of(2026, 11, 22)), "{\"date\":\"2026-11-22\"}");
        tagged.put(new Value.Moment(Instant.EPOCH), "{\"instant\":\"1970-01-01T00:00:00Z\"}");
        tagged.put(new Value.LocalMoment(LocalDateTime.of(2026, 11, 22, 3, 0)), "{\"timestamp\":\"2026-11-22T03:00\"}");
        tagged.put(
                Value.Obj.of(Map.of("a", new Value.Array(List.of(Value.of(1), Value.NULL)))),
                "{\"object\":{\"a\":[1,null]}}");
        return tagged;
    }

    private static JsonNode node(String json) throws Exception {
        return new ObjectMapper().readTree(json);
    }

    @Test
    void every_kind_reads_back_as_itself() throws Exception {
        for (Map.Entry<Value, String> one : TAGGED.entrySet()) {
            assertThat(JsonValues.write(JsonValues.tagged(one.getKey()))).isEqualTo(one.getValue());
            assertThat(JsonValues.untagged(node(one.getValue()))).isEqualTo(one.getKey());
        }
        Key key = Key.of("id", new Value.Bytes(new byte[] {3}));
        assertThat(JsonValues.untaggedKey(JsonValues.tagged(key))).isEqualTo(key);
    }

    @Test
    void what_is_written_otherwise_is_refused() throws Exception {
        for (String wrong : List.of(
                "{}",
                "{\"date\":\"x\",\"instant\":\"y\"}",
                "{\"date\":7}",
                "{\"date\":\"22 November\"}",
                "{\"object\":7}",
                "{\"bytes\":\"*\"}",
                "{\"double\":\"x\"}",
                "{\"colour\":\"red\"}")) {
            JsonNode node = node(wrong);
            assertThatThrownBy(() -> JsonValues.untagged(node)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : List.of("[1]", "[[\"id\"]]", "[[1,2]]")) {
            JsonNode node = node(wrong);
            assertThatThrownBy(() -> JsonValues.untaggedKey(node))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a key is an array of [name, value] pairs");
        }
    }

    @Test
    void as_plain_json_kinds_that_it_lacks_are_texts() {
        List<String> plain = TAGGED.keySet().stream().map(JsonValues::text).toList();
        assertThat(plain)
                .containsExactly(
                        "null",
                        "true",
                        "10",
                        "1.50",
                        "\"ä\"",
                        "0.0",
                        "\"NaN\"",
                        "\"AQI=\"",
                        "\"2026-11-22\"",
                        "\"1970-01-01T00:00:00Z\"",
                        "\"2026-11-22T03:00\"",
                        "{\"a\":[1,null]}");
        assertThat(TAGGED.keySet().stream().map(Value::toString))
                .containsExactly(
                        "null",
                        "true",
                        "10",
                        "1.5",
                        "ä",
                        "0.0",
                        "NaN",
                        "AQI=",
                        "2026-11-22",
                        "1970-01-01T00:00:00Z",
                        "2026-11-22T03:00",
                        "{\"a\":[1,null]}");
        assertThat(JsonValues.text(new Value.Num(new BigDecimal("1E+50"))))
                .as("no one writes fifty zeros")
                .isEqualTo("1E+50");
        assertThat(JsonValues.text(Value.number("1E+39"))).isEqualTo("1" + "0".repeat(39));
        assertThat(JsonValues.text(Value.number("1E+40"))).isEqualTo("1E+40");
        assertThat(JsonValues.text(Value.of("\ud83d\ude00 \ud83d"))).isEqualTo("\"\ud83d\ude00 \\ud83d\"");
    }

    @Test
    void text_that_is_no_json_document_is_refused_without_its_values() {
        for (String wrong : List.of("", " ", "{", "{\"a\":1,\"a\":2}", "1 2", "{} secret", "secret")) {
            assertThatThrownBy(() -> JsonValues.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(JsonValues.NotJson.class)
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void json_is_rewritten_in_the_notation_it_had() throws Exception {
        String older = "{\"b\":1.0,\"a\":[{\"x\":1e1},2],\"gone\":true,\"list\":[1],\"object\":{}}";

        assertThat(JsonValues.rewritten(older, JsonValues.parse(older)))
                .isEqualTo("{\"b\":1.0,\"a\":[{\"x\":1E+1},2],\"gone\":true,\"list\":[1],\"object\":{}}");
        assertThat(JsonValues.rewritten(
                        older,
                        JsonValues.parse(
                                "{\"a\":[2,{\"x\":10,\"y\":1},3],\"b\":1,\"new\":null,\"list\":7,\"object\":[]}")))
                .isEqualTo("{\"b\":1.0,\"a\":[2,{\"x\":10,\"y\":1},3],\"list\":7,\"object\":[],\"new\":null}");
        assertThat(JsonValues.rewritten(
                        "[1.50,{\"y\":1,\"x\":2.50},7.0]", JsonValues.parse("[3,{\"x\":2.5,\"y\":2},1.5,7]")))
                .as("of an element its own, or that of the one in its place")
                .isEqualTo("[3,{\"y\":2,\"x\":2.50},1.50,7.0]");
        assertThat(JsonValues.rewritten("no JSON", Value.of(1))).isEqualTo("1");
        assertThat(JsonValues.rewritten("", Value.of(1))).isEqualTo("1");
    }

    @Test
    void a_number_is_told_in_plain_digits_while_people_can_count_them() {
        assertThat(Value.number("1E+40")).hasToString("1" + "0".repeat(40));
        assertThat(Value.number("1E+41")).hasToString("1E+41");
        assertThat(Value.number("1E-41")).hasToString("0." + "0".repeat(40) + "1");
        assertThat(Value.number("1E-42")).hasToString("1E-42");
        assertThat(Value.number("0." + "7".repeat(90))).hasToString("0." + "7".repeat(90));
        assertThat(Value.of((String) null)).isEqualTo(Value.NULL);
    }
}
