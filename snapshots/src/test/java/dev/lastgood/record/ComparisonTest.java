package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When two values are the same. */
final class ComparisonTest {
    private static final FieldPath PLACE = FieldPath.of("place");

    private static Value json(String json) throws JsonValues.NotJson {
        return JsonValues.parse(json.replace('\'', '"'));
    }

    private static Image image(String json) throws JsonValues.NotJson {
        return new Image((Value.Obj) json(json));
    }

    private static void same(Comparison comparison, Value a, Value b, boolean expected) {
        assertThat(comparison.same(PLACE, a, b)).as("%s and %s", a, b).isEqualTo(expected);
        assertThat(comparison.same(PLACE, b, a)).as("%s and %s", b, a).isEqualTo(expected);
    }

    @Test
    void numbers_may_be_apart_by_a_distance_or_by_a_share() {
        Comparison abs = Comparison.builder().abs(PLACE, new BigDecimal("0.5")).build();
        same(abs, Value.of(10), Value.number("10.5"), true);
        same(abs, Value.of(10), Value.number("10.51"), false);
        same(abs, Value.of(10), new Value.Real(10.25), true);
        same(abs, Value.of(10), new Value.Real(Double.POSITIVE_INFINITY), false);
        same(abs, Value.of(10), Value.of("10"), false);
        same(abs, Value.of(10), Value.NULL, false);
        Comparison rel = Comparison.builder().rel(PLACE, new BigDecimal("0.1")).build();
        same(rel, Value.of(100), Value.of(90), true);
        same(rel, Value.of(100), Value.of(89), false);
        Comparison either = Comparison.builder()
                .near(PLACE, BigDecimal.ONE, new BigDecimal("0.1"))
                .build();
        same(either, Value.of(1), Value.of(2), true);
        same(either, Value.of(100), Value.of(91), true);
        same(either, Value.of(100), Value.of(80), false);
    }

    @Test
    void times_of_one_kind_may_be_apart() {
        Comparison day = Comparison.builder().within(PLACE, Duration.ofDays(1)).build();
        Value moment = new Value.Moment(Instant.EPOCH);
        Value local = new Value.LocalMoment(LocalDateTime.of(1970, 1, 1, 0, 0));
        Value date = new Value.Day(LocalDate.EPOCH);
        same(day, moment, new Value.Moment(Instant.EPOCH.plusSeconds(86_400)), true);
        same(day, moment, new Value.Moment(Instant.EPOCH.plusSeconds(86_401)), false);
        same(day, local, new Value.LocalMoment(LocalDateTime.of(1970, 1, 2, 0, 0)), true);
        same(day, date, new Value.Day(LocalDate.EPOCH.plusDays(1)), true);
        same(day, date, local, false);
        same(day, moment, Value.of("1970-01-01T00:00:00Z"), false);
    }

    @Test
    void of_a_set_the_order_does_not_count_and_how_often_does() throws Exception {
        Comparison set = Comparison.builder().set(PLACE).build();
        same(set, json("[1,2,2]"), json("[2,1,2]"), true);
        same(set, json("[1,2,2]"), json("[1,1,2]"), false);
        same(set, json("[1]"), json("{}"), false);
    }

    @Test
    void keyed_elements_are_compared_by_key_and_by_place_where_the_keys_do_not_tell_them_apart() throws Exception {
        Comparison keyed = Comparison.builder()
                .keyed(PLACE, List.of("no"))
                .abs(FieldPath.valueOf("place[].a"), BigDecimal.ONE)
                .build();
        same(keyed, json("[{'no':1,'a':1},{'no':2,'a':5}]"), json("[{'no':2,'a':6},{'no':1,'a':2}]"), true);
        same(keyed, json("[{'no':1,'a':1},{'no':2,'a':5}]"), json("[{'no':2,'a':9},{'no':1,'a':2}]"), false);
        same(keyed, json("[{'no':1}]"), json("[{'no':2}]"), false);
        same(keyed, json("[{'no':1,'a':1},{'no':1,'a':5}]"), json("[{'no':1,'a':2},{'no':1,'a':6}]"), true);
        same(keyed, json("[{'no':1,'a':1},{'no':1,'a':5}]"), json("[{'no':1,'a':5},{'no':1,'a':1}]"), false);
        same(keyed, json("[{'no':1},{'no':1}]"), json("[{'no':1}]"), false);
    }

    @Test
    void what_is_ignored_is_the_same_and_ignoring_nothing_it_is_not() throws Exception {
        FieldPath inner = FieldPath.valueOf("place.inner");
        Comparison ignoring = Comparison.builder().ignore(inner).build();
        same(ignoring, json("{'inner':1,'other':2}"), json("{'other':2}"), true);
        same(ignoring, json("{'inner':1,'other':2}"), json("{'other':3}"), false);
        assertThat(ignoring.ignores(inner)).isTrue();
        assertThat(ignoring.ignores(FieldPath.valueOf("place.inner.deeper"))).isTrue();
        assertThat(ignoring.ignores(PLACE)).isFalse();
        assertThat(ignoring.same(image("{'place':{'inner':1}}"), image("{'place':{}}")))
                .isTrue();
        assertThat(ignoring.same((Image) null, null)).isTrue();
        assertThat(ignoring.same(image("{}"), null)).isFalse();
        assertThat(ignoring.same(null, image("{}"))).isFalse();
        assertThat(ignoring.ignoringNothing()).isEqualTo(Comparison.EXACT).hasSameHashCodeAs(Comparison.EXACT);
        assertThat(ignoring).isNotEqualTo(Comparison.EXACT).isNotEqualTo(ignoring.toString());
        assertThat(Comparison.builder().ignore(PLACE).set(inner).build().ignoringNothing())
                .isEqualTo(Comparison.builder().set(inner).build());
    }

    @Test
    void the_exact_part_is_what_neither_order_nor_tolerance_nor_disregard_is_about() throws Exception {
        Comparison comparison = Comparison.builder()
                .ignore(FieldPath.of("ignored"))
                .abs(FieldPath.of("near"), BigDecimal.ONE)
                .within(FieldPath.of("at"), Duration.ofSeconds(1))
                .set(FieldPath.of("set"))
                .keyed(FieldPath.of("keyed"), List.of("no"))
                .ignore(FieldPath.valueOf("keyed[].note"))
                .ignore(FieldPath.valueOf("list[]"))
                .build();
        String one =
                "{'a':1,'ignored':1,'near':1,'at':1,'set':[2,1],'keyed':[{'no':2},{'no':1,'note':1}],'list':[1,2]}";
        String other = "{'a':1,'near':2,'set':[1,2],'keyed':[{'no':1},{'no':2,'note':3}],'list':[3,4]}";
        assertThat(comparison.exactPart((Value.Obj) json(one)))
                .isEqualTo(comparison.exactPart((Value.Obj) json(other)))
                .isEqualTo(json("{'a':1,'set':[1,2],'keyed':[{'no':1},{'no':2}],'list':[null,null]}"));
        assertThat(comparison.exactPart((Value.Obj) json("{'keyed':[{'no':1},{'no':1}],'set':7}")))
                .as("where keys do not tell elements apart their order counts")
                .isEqualTo(json("{'keyed':[{'no':1},{'no':1}],'set':7}"));
    }

    @Test
    void tolerances_are_not_negative_and_keys_have_a_field() {
        Comparison.Builder builder = Comparison.builder();
        BigDecimal less = BigDecimal.ONE.negate();
        assertThatThrownBy(() -> builder.abs(PLACE, less)).hasMessage("a tolerance is not negative: place");
        assertThatThrownBy(() -> builder.rel(PLACE, less)).hasMessage("a tolerance is not negative: place");
        assertThatThrownBy(() -> builder.within(PLACE, Duration.ofSeconds(-1)))
                .hasMessage("a tolerance is not negative: place");
        assertThatThrownBy(() -> builder.keyed(PLACE, List.of())).hasMessage("an array is keyed by at least one field");
        Comparison nothing =
                builder.near(PLACE, BigDecimal.ZERO, BigDecimal.ZERO).build();
        same(nothing, Value.of(1), new Value.Real(1), true);
        same(nothing, Value.of(1), Value.number("1.001"), false);
    }

    @Test
    void paths_of_elements_touch_whichever_way_they_are_written() {
        FieldPath each = FieldPath.valueOf("lines[].a");
        FieldPath second = FieldPath.valueOf("lines[1].a");
        assertThat(Paths.touch(each, second)).isTrue();
        assertThat(Paths.touch(second, each)).isTrue();
        assertThat(Paths.touch(second, FieldPath.valueOf("lines[2].a"))).isFalse();
        assertThat(Paths.touch(second, FieldPath.valueOf("lines.a"))).isFalse();
        assertThat(Paths.touch(FieldPath.valueOf("lines.a"), each)).isFalse();
        assertThat(Paths.covers(FieldPath.of("lines"), second)).isTrue();
        assertThat(Paths.covers(second, FieldPath.of("lines"))).isFalse();
        assertThat(Paths.schema(second)).isEqualTo(each);
        assertThat(Paths.schema(PLACE)).isEqualTo(PLACE);
    }

    @Test
    void a_change_names_its_place_and_no_value() {
        assertThat(new FieldChange(PLACE, null, Value.of(1))).hasToString("place added");
        assertThat(new FieldChange(PLACE, Value.of(1), null)).hasToString("place removed");
        assertThat(new FieldChange(PLACE, Value.of(1), Value.of(2))).hasToString("place changed");
    }

    @Test
    void a_key_has_a_part_at_least() {
        assertThatThrownBy(() -> new Key(Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThat(Key.of("id", Value.of(1))).isNotEqualTo("id 1").isEqualTo(Key.of("id", Value.number("1.0")));
    }

    @Test
    void texts_stand_in_the_exact_part_without_what_does_not_count() throws Exception {
        Comparison alike = Comparison.builder().alike(PLACE, true, true, false).build();
        assertThat(alike.exactPart((Value.Obj) json("{'place':' Main  STREET ','n':1}")))
                .isEqualTo(json("{'place':'main street','n':1}"));

        Comparison composed =
                Comparison.builder().alike(PLACE, false, false, true).build();
        same(composed, Value.of("\u00e9"), Value.of("e\u0301"), true);
        same(composed, Value.of("\u00e9"), Value.of("\u00c9"), false);

        Comparison both = Comparison.builder().alike(PLACE, true, false, true).build();
        same(both, Value.of("\u0390"), Value.of("\u03aa\u0301"), true);
    }

    @Test
    void elements_are_known_by_key_fields_of_any_scalar_kind() {
        Comparison keyed = Comparison.builder().keyed(PLACE, List.of("k")).build();
        for (Value key : List.of(
                Value.NULL,
                Value.of(true),
                Value.number("1E+41"),
                new Value.Real(0.5),
                Value.of("x"),
                new Value.Bytes(new byte[] {1}),
                new Value.Day(LocalDate.EPOCH),
                new Value.Moment(Instant.EPOCH),
                new Value.LocalMoment(LocalDateTime.of(2026, 1, 1, 0, 0)))) {
            Value one = Value.Obj.of(Map.of("k", key));
            Value other = Value.Obj.of(Map.of("k", Value.of("other")));
            same(keyed, new Value.Array(List.of(one, other)), new Value.Array(List.of(other, one)), true);
        }
        Value whole = Value.Obj.of(Map.of("k", new Value.Array(List.of())));
        Value other = Value.Obj.of(Map.of("k", Value.of("other")));
        same(keyed, new Value.Array(List.of(whole, other)), new Value.Array(List.of(other, whole)), false);
    }

    @Test
    void what_is_declared_can_be_told_apart_by_its_text() {
        assertThat(Comparison.builder().abs(PLACE, new BigDecimal("0.5")).build())
                .hasToString("{place=Near[abs=0.5, rel=null]}");
        assertThat(Comparison.EXACT).hasToString("{}");
    }
}
