package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which changes are known to be the bug's. */
class KnownChangesTest {
    private static boolean matches(String patterns, String path, String good, String bad)
            throws JsonProcessingException {
        var incident = JsonValues.MAPPER.readTree(
                "{\"id\":\"i1\",\"dataset\":\"orders\",\"records\":10,\"damaged\":[\"total\",\"at\"],\"patterns\":"
                        + patterns + "}");
        KnownChanges known = new KnownChanges(List.of(incident));
        known.add("orders", Key.of("id", Value.of(1)), "i1");
        known.add("orders", Key.of("id", Value.of(2)), "i2");
        FieldPath field = FieldPath.valueOf(path);
        assertThat(known.matches("orders", Key.of("id", Value.of(2)), field, Value.number(good), Value.number(bad)))
                .as("of another incident")
                .isFalse();
        return known.matches("orders", Key.of("id", Value.of(1)), field, Value.number(good), Value.number(bad));
    }

    @Test
    void a_change_that_nobody_makes_on_purpose_is_known_where_it_was_seen() throws JsonProcessingException {
        assertThat(matches("{\"total × 100\":9}", "total", "12.5", "1250")).isTrue();
        assertThat(matches("{\"total × 100\":9}", "total", "12.5", "1251")).isFalse();
        assertThat(matches("{\"total × 100\":9}", "tax", "12.5", "1250")).isFalse();
        assertThat(matches("{\"tax × 100\":9}", "total", "12.5", "1250")).isFalse();
    }

    @Test
    void a_change_of_few_is_chance_and_one_that_work_makes_as_well_is_none() throws JsonProcessingException {
        assertThat(matches("{\"total × 100\":4}", "total", "12.5", "1250")).isFalse();
        assertThat(matches("{\"total + 1\":10}", "total", "12", "13")).isFalse();
        assertThat(matches("{\"total value\":10}", "total", "12", "13")).isFalse();
    }
}
