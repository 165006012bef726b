package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Value;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What is read from files of plans and runs, and refused. */
final class JsonTest {
    private static JsonNode node(String json) throws Json.Malformed {
        return Json.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(ThrowingCallable reading, String why) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(
                        Json.Malformed.class, e -> assertThat(e.what()).contains(why));
    }

    @Test
    void a_member_of_another_kind_is_refused_by_its_name() throws Json.Malformed {
        JsonNode node = node("{'n':1.5,'big':3000000000,'huge':1e99,'texts':[1],'text':'t','key':[[1]],'a':[1],"
                + "'path':'a..b','value':{'colour':'red'}}");

        refused(() -> Json.number(node, "n"), "'n' is no count");
        refused(() -> Json.number(node, "huge"), "'huge' is no count");
        refused(() -> Json.number(node("{'huge':99999999999999999999}"), "huge"), "'huge' is no count");
        refused(() -> Json.integer(node, "big"), "'big' is too large");
        refused(() -> Json.texts(node, "texts"), "an item of 'texts' is no text");
        refused(() -> Json.items(node, "text"), "'text' is no array");
        refused(() -> Json.image(node, "a"), "'a' is no record");
        refused(() -> Json.value(Json.member(node, "value")), "a value is not written as this program writes it");
        refused(() -> Json.key(node), "a key is not written as this program writes it");
        refused(() -> Json.path(node, "path"), "'path' is no field path");
        refused(() -> Json.member(node, "none"), "'none' is missing");
        assertThat(Json.image(node, "none")).isNull();
    }

    @Test
    void a_text_without_a_form_in_utf_8_reads_back_as_it_was() throws Json.Malformed {
        for (String text : new String[] {"ä", "\ud83d\ude00", "\ud83d", "\ud83d\ude00 \ude00"}) {
            byte[] bytes = Json.bytes(Json.object().put("text", text));
            assertThat(Json.text(Json.parse(bytes), "text")).isEqualTo(text);
        }
    }

    @Test
    void a_change_reads_back_as_it_was() throws Json.Malformed {
        for (FieldChange change : new FieldChange[] {
            new FieldChange(FieldPath.of("a"), null, Value.of(1)),
            new FieldChange(FieldPath.of("a"), Value.NULL, null),
            new FieldChange(FieldPath.of("a"), Value.of(1), Value.of(2))
        }) {
            assertThat(Json.change(Json.change(change, "b", "a"), "b", "a")).isEqualTo(change);
        }
    }
}
