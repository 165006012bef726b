package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Workspaces;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeysTest {
    @TempDir
    private static Path folder = Path.of("");

    private static final Shape SHAPE =
            Shape.of(StructType.fromDDL("id int, name string, day date, tenant string, in struct<no:bigint>"));

    private static DatasetSpec keyed(String key) {
        return Workspaces.dataset(folder, "key: " + key);
    }

    private static Key key(String one, Value first, String other, Value second) {
        Map<String, Value> parts = new LinkedHashMap<>();
        parts.put(one, first);
        parts.put(other, second);
        return new Key(parts);
    }

    @Test
    void a_key_of_one_field_is_its_value_in_the_type_of_the_field() {
        assertThat(Keys.read(keyed("[id]"), SHAPE, "7")).contains(Key.of("id", Value.of(7)));
        assertThat(Keys.read(keyed("[name]"), SHAPE, "7")).contains(Key.of("name", Value.of("7")));
        assertThat(Keys.read(keyed("[name]"), SHAPE, "a,b")).contains(Key.of("name", Value.of("a,b")));
        assertThat(Keys.read(keyed("[day]"), SHAPE, "2026-11-22"))
                .contains(Key.of("day", new Value.Day(LocalDate.parse("2026-11-22"))));
        assertThat(Keys.read(keyed("[in.no]"), SHAPE, "7")).contains(Key.of("in.no", Value.of(7)));
    }

    @Test
    void a_key_of_several_fields_is_their_values_in_their_order() {
        Key acme = key("tenant", Value.of("acme"), "id", Value.of(7));

        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "acme,7")).contains(acme);
        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "acme, 7")).contains(acme);
        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "{\"tenant\":\"acme\",\"id\": 7}"))
                .contains(acme);
        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "{\"tenant\":null,\"id\":7}"))
                .contains(key("tenant", Value.NULL, "id", Value.of(7)));
    }

    @Test
    void what_is_no_key_is_none() {
        assertThat(Keys.read(keyed("[id]"), SHAPE, "seven")).isEmpty();
        assertThat(Keys.read(keyed("[id]"), SHAPE, "7.5")).isEmpty();
        assertThat(Keys.read(keyed("[day]"), SHAPE, "tomorrow")).isEmpty();
        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "7")).isEmpty();
        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "7,acme")).isEmpty();
        assertThat(Keys.read(keyed("[tenant, id]"), SHAPE, "{\"tenant\":\"acme\",\"id\":7,\"x\":1}"))
                .isEmpty();
    }
}
