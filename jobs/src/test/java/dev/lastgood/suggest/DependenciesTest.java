package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

final class DependenciesTest {
    private static Field field(String name) {
        return new Field(Subject.records("rows"), FieldPath.of(name), DataTypes.StringType, Field.Kind.TEXT);
    }

    private static List<Field> fields(String... names) {
        return Stream.of(names).map(DependenciesTest::field).toList();
    }

    @Test
    void what_follows_is_not_said() {
        Map<Field, List<Field>> determined = new LinkedHashMap<>();
        determined.put(field("zip"), fields("city", "county"));
        determined.put(field("city"), fields("county"));

        assertThat(Dependencies.reduced(determined))
                .containsExactly(Map.entry(field("zip"), fields("city")), Map.entry(field("city"), fields("county")));
    }

    @Test
    void of_two_names_of_the_same_the_first_determines_the_rest() {
        Map<Field, List<Field>> determined = new LinkedHashMap<>();
        determined.put(field("code"), fields("name", "price"));
        determined.put(field("name"), fields("code", "price"));

        assertThat(Dependencies.reduced(determined))
                .containsExactly(
                        Map.entry(field("code"), fields("name", "price")), Map.entry(field("name"), fields("code")));
    }

    @Test
    void of_two_names_in_between_one_still_says_it() {
        Map<Field, List<Field>> determined = new LinkedHashMap<>();
        determined.put(field("id"), fields("code", "name", "price"));
        determined.put(field("code"), fields("name", "price"));
        determined.put(field("name"), fields("code", "price"));

        assertThat(Dependencies.reduced(determined).get(field("id"))).isEqualTo(fields("code"));
    }
}
