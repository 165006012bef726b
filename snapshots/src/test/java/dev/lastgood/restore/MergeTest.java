package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tables of the merge, where examples say more than laws. */
final class MergeTest {
    private static final FieldPath SEQ = FieldPath.of("seq");
    private static final Image A = Image.of(Map.of("id", Value.of(7), "seq", Value.of(1)));
    private static final Image B = Image.of(Map.of("id", Value.of(7), "seq", Value.of(2)));
    private static final Image C = Image.of(Map.of("id", Value.of(7), "seq", Value.of(3)));

    private static Merge.Fate grown(@Nullable Value good, @Nullable Value bad, @Nullable Value live) {
        return Merge.place(
                record(good), record(bad), record(live), SEQ, new Merge.Manner(Comparison.EXACT, List.of(SEQ)));
    }

    private static Image record(@Nullable Value seq) {
        Image record = Image.of(Map.of("id", Value.of(7)));
        return seq == null ? record : record.with("seq", seq);
    }

    private static Value day(int day) {
        return new Value.Day(LocalDate.of(2026, 11, day));
    }

    private static Value moment(int hour) {
        return new Value.Moment(Instant.parse("2026-11-22T00:00:00Z").plusSeconds(3600L * hour));
    }

    private static Value local(int hour) {
        return new Value.LocalMoment(LocalDateTime.of(2026, 11, 22, hour, 0));
    }

    @Test
    void of_what_only_grows_the_greater_one_of_good_and_live_stays() {
        for (List<Value> rising : List.of(
                List.of(Value.of(1), Value.of(2), Value.of(3)),
                List.of(Value.of("1.5"), Value.of("2"), Value.of("10")),
                List.<Value>of(new Value.Real(1.5), new Value.Real(2), Value.of(3)),
                List.of(day(1), day(2), day(3)),
                List.of(moment(1), moment(2), moment(3)),
                List.of(local(1), local(2), local(3)))) {
            Value low = rising.get(0);
            Value middle = rising.get(1);
            Value high = rising.get(2);
            assertThat(grown(high, low, low)).as("%s", rising).isEqualTo(Merge.Fate.RESTORE);
            assertThat(grown(high, low, middle)).as("counted on").isEqualTo(Merge.Fate.RESTORE);
            assertThat(grown(middle, low, high)).as("greater by now").isEqualTo(Merge.Fate.HEALED);
            assertThat(grown(low, high, high)).as("the damage is greater").isEqualTo(Merge.Fate.GREATER);
            assertThat(grown(low, middle, low)).isEqualTo(Merge.Fate.HEALED);
            assertThat(grown(low, low, high)).isEqualTo(Merge.Fate.UNTOUCHED);
        }
    }

    @Test
    void nothing_is_less_than_anything_and_what_has_no_order_is_nobodys_to_decide() {
        assertThat(grown(Value.of(1), null, null)).isEqualTo(Merge.Fate.RESTORE);
        assertThat(grown(Value.of(1), Value.NULL, Value.NULL)).isEqualTo(Merge.Fate.RESTORE);
        assertThat(grown(null, Value.of(2), Value.of(2))).isEqualTo(Merge.Fate.GREATER);
        for (Value odd :
                List.of(Value.of("x"), Value.of(true), new Value.Real(Double.NaN), day(1), moment(1), local(1))) {
            assertThat(grown(Value.of(5), odd, odd)).as("%s", odd).isEqualTo(Merge.Fate.LATER_WRITE);
        }
        assertThat(Merge.isGrown(Value.of(1), Value.of(1))).isTrue();
        assertThat(Merge.isGrown(Value.of(2), Value.of(1))).isFalse();
        assertThat(Merge.isGrown(Value.of("x"), Value.of("y"))).isFalse();
    }

    private static Merge.Result merged(
            @Nullable Image good,
            @Nullable Image bad,
            @Nullable Image live,
            Merge.Fault fault,
            Set<FieldPath> damaged) {
        return Merge.merge(
                new Merge.Images(good, bad, live),
                fault,
                damaged,
                Coupling.NONE,
                Merge.Later.NOTHING,
                Policy.plain(Scene.ORDERS));
    }

    private static void clashes(Merge.Result result, Conflict.Type type) {
        assertThat(result).isEqualTo(new Merge.Result.Clashed(List.of(Merge.Clash.of(type))));
    }

    private static void kept(Merge.Result result, Merge.Why why) {
        assertThat(result).isEqualTo(new Merge.Result.Keep(why));
    }

    @Test
    void the_record_rule() {
        Set<FieldPath> none = Set.of();
        Set<FieldPath> seq = Set.of(SEQ);
        kept(merged(null, null, A, Merge.Fault.VALUES, seq), Merge.Why.NOT_ACCUSED);

        clashes(merged(A, B, null, Merge.Fault.VALUES, seq), Conflict.Type.LATER_DELETE);
        kept(merged(A, B, null, Merge.Fault.VALUES, none), Merge.Why.NOT_ACCUSED);
        kept(merged(A, B, null, Merge.Fault.NOTHING, seq), Merge.Why.NOT_ACCUSED);

        assertThat(merged(A, null, null, Merge.Fault.ABSENCE, none))
                .isEqualTo(new Merge.Result.Write(Action.INSERT, Merge.wholly(null, A), List.of()));
        clashes(merged(A, null, B, Merge.Fault.ABSENCE, none), Conflict.Type.RECREATED);
        kept(merged(A, null, A, Merge.Fault.ABSENCE, none), Merge.Why.HEALED);
        kept(merged(A, null, null, Merge.Fault.NOTHING, none), Merge.Why.NOT_ACCUSED);
        kept(merged(A, null, null, Merge.Fault.VALUES, none), Merge.Why.NOT_ACCUSED);

        assertThat(merged(null, B, B, Merge.Fault.VALUES, none)).isEqualTo(new Merge.Result.NoGoodImage());
        kept(merged(null, B, B, Merge.Fault.NOTHING, none), Merge.Why.NOT_ACCUSED);
        assertThat(merged(null, B, B, Merge.Fault.EXISTENCE, none))
                .isEqualTo(new Merge.Result.Write(Action.DELETE, Merge.wholly(B, null), List.of()));
        clashes(merged(null, B, C, Merge.Fault.EXISTENCE, none), Conflict.Type.SPURIOUS_EDITED);
        kept(merged(null, B, null, Merge.Fault.EXISTENCE, none), Merge.Why.GONE);
    }

    @Test
    void the_field_rule() {
        Set<FieldPath> seq = Set.of(SEQ);
        kept(merged(A, A, B, Merge.Fault.VALUES, seq), Merge.Why.NOT_ACCUSED);
        kept(merged(A, B, A, Merge.Fault.VALUES, seq), Merge.Why.HEALED);
        kept(merged(A, B, B, Merge.Fault.VALUES, Set.of()), Merge.Why.NOT_ACCUSED);
        assertThat(merged(A, B, C, Merge.Fault.VALUES, seq))
                .isEqualTo(new Merge.Result.Clashed(List.of(Merge.Clash.of(Conflict.Type.LATER_WRITE, SEQ))));
        Merge.Result known = Merge.merge(
                new Merge.Images(A, B, B),
                Merge.Fault.VALUES,
                seq,
                Coupling.NONE,
                place -> place != null && place.equals(SEQ),
                Policy.plain(Scene.ORDERS));
        assertThat(known).isEqualTo(new Merge.Result.Clashed(List.of(Merge.Clash.of(Conflict.Type.STALE_GOOD, SEQ))));
    }

    @Test
    void where_nothing_can_hold_the_value_its_absence_is_not_the_absence_the_damage_left() {
        FieldPath inner = FieldPath.valueOf("address.zip");
        Image good = Scene.image("{'id':7,'address':{'zip':1}}");
        Image bad = Scene.image("{'id':7,'address':{}}");
        Image live = Scene.image("{'id':7,'address':null}");
        assertThat(Merge.place(good, bad, live, inner, new Merge.Manner(Comparison.EXACT, List.of())))
                .isEqualTo(Merge.Fate.LATER_WRITE);
    }

    @Test
    void what_only_grows_is_decided_by_its_order_where_there_is_one() {
        assertThat(grown(Value.NULL, Value.of(2), Value.of(2))).isEqualTo(Merge.Fate.GREATER);
        assertThat(grown(Value.of("x"), Value.of(1), Value.of(1)))
                .as("the good one has no order")
                .isEqualTo(Merge.Fate.LATER_WRITE);
        assertThat(grown(Value.of("2"), Value.of(1), Value.of(2)))
                .as("as great, though written otherwise")
                .isEqualTo(Merge.Fate.HEALED);

        FieldPath inner = FieldPath.of("seq").child("n");
        Merge.Manner manner = new Merge.Manner(Comparison.EXACT, List.of(SEQ));
        assertThat(Merge.place(
                        record(Value.Obj.of(Map.of("n", Value.of(5)))),
                        record(Value.Obj.of(Map.of("n", Value.of(1)))),
                        record(null),
                        inner,
                        manner))
                .as("nothing is there to hold the value")
                .isEqualTo(Merge.Fate.LATER_WRITE);
    }
}
