package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

final class MutationsTest {
    private static final Field NAME = field("name", Field.Kind.TEXT);
    private static final Field COUNT = field("count", Field.Kind.WHOLE);

    private static Field field(String name, Field.Kind kind) {
        var type = kind == Field.Kind.TEXT ? DataTypes.StringType : DataTypes.IntegerType;
        return new Field(Subject.records("rows"), FieldPath.of(name), type, kind);
    }

    private static List<Image> sample() {
        List<Image> sample = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sample.add(Image.of(Map.of("name", Value.of("name " + i), "count", Value.of(i + 1L))));
        }
        return sample;
    }

    private static Mutations mutations() {
        return new Mutations(List.of(NAME, COUNT), sample());
    }

    @Test
    void there_are_twenty_and_each_does_something_the_same_every_time() {
        assertThat(Mutation.values()).hasSize(20);
        for (Mutation mutation : Mutation.values()) {
            SortedMap<Integer, Image> after = mutations().after(mutation);
            assertThat(after.values()).as(mutation.name()).isNotEqualTo(sample());
            assertThat(mutations().after(mutation)).as(mutation.name()).isEqualTo(after);
        }
    }

    @Test
    void few_records_are_touched_and_none_is_lost_but_by_loss() {
        SortedMap<Integer, Image> after = mutations().after(Mutation.MISSING);

        assertThat(after).hasSize(50);
        assertThat(after.values().stream().filter(record -> record.field("name") == Value.NULL))
                .hasSize(3);
        assertThat(mutations().after(Mutation.LOST)).hasSizeLessThan(50);
        assertThat(mutations().after(Mutation.COPIED)).hasSize(53);
    }

    @Test
    void what_the_type_does_not_hold_does_not_happen() {
        Image full = Image.of(Map.of("name", Value.of("a"), "count", Value.of((long) Integer.MAX_VALUE)));

        SortedMap<Integer, Image> after = new Mutations(List.of(COUNT), List.of(full)).after(Mutation.TEN_TIMES);

        assertThat(after.values()).containsExactly(full);
    }

    @Test
    void of_no_records_nothing_is_damaged() {
        for (Mutation mutation : Mutation.values()) {
            assertThat(new Mutations(List.of(NAME), List.of()).after(mutation)).isEmpty();
        }
    }
}
