package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Records and their keys. */
final class ImageTest {
    private static Image image(String json) throws JsonValues.NotJson {
        return new Image((Value.Obj) JsonValues.parse(json.replace('\'', '"')));
    }

    @Test
    void fields_are_taken_over_as_another_record_has_them_or_has_them_not() throws Exception {
        assertThat(image("{'a':1,'b':2,'c':3}").with(List.of("a", "b"), image("{'a':null,'c':9}")))
                .isEqualTo(image("{'a':null,'c':3}"));
        assertThat(image("{'a':1}").with("a", null)).isEqualTo(image("{}"));
    }

    private static Key key(int tenant, int id) {
        Map<String, Value> parts = new LinkedHashMap<>();
        parts.put("tenant", Value.of(tenant));
        parts.put("id", Value.of(id));
        return new Key(parts);
    }

    @Test
    void a_key_has_its_fields_in_the_order_declared_and_is_told_so() throws Exception {
        Image image = image("{'id':7,'tenant':3}");

        assertThat(image.key(List.of("tenant", "id"))).isEqualTo(key(3, 7)).hasToString("tenant 3, id 7");
        assertThat(image.key(List.of("region")))
                .as("null is a value like any other")
                .isEqualTo(Key.of("region", Value.NULL));
        assertThat(image).hasToString("{\"id\":7,\"tenant\":3}");
        assertThat(JsonValues.write(JsonValues.json(key(3, 7)))).isEqualTo("{\"tenant\":3,\"id\":7}");
    }

    @Test
    void keys_are_ordered_by_their_values_from_the_first_on() {
        Key shorter = Key.of("tenant", Value.of(3));

        assertThat(Stream.of(key(10, 1), key(3, 10), key(3, 9), shorter).sorted())
                .containsExactly(shorter, key(3, 9), key(3, 10), key(10, 1));
        assertThat(key(3, 9)).isEqualByComparingTo(key(3, 9));
    }
}
