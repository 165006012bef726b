package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a write moves on beside the restored places. */
final class TouchTest {
    private static Policy policy(List<FieldPath> never, @Nullable FieldPath stamp) {
        Policy plain = Policy.plain(Scene.ORDERS);
        return PolicyForTests.bare(plain)
                .never(never)
                .bump(List.of(FieldPath.of("seq")))
                .stamp(stamp)
                .policy();
    }

    private static @Nullable Value next(Value value) {
        Image live = Image.of(Map.of("id", Value.of(7), "seq", value));
        return new Touch(policy(List.of(), null), Scene.NOON, null)
                .updated(live, List.of(), null)
                .field("seq");
    }

    @ParameterizedTest
    @CsvSource({
        "7, 8",
        "-1, 0",
        "007, 007",
        "seven, seven",
        "2026-11-22T11:00:00, 2026-11-22T12:00:00",
        "2026-11-22 11:00:00, 2026-11-22 12:00:00",
        "2026-11-22T11:00:00Z, 2026-11-22T12:00:00Z",
        "2026-11-22T11:00:00.5, 2026-11-22T12:00:00.000000",
        "2026-11-22T12:00:00, 2026-11-22T12:00:01",
        "2026-11-22T12:00:00.000000Z, 2026-11-22T12:00:00.000001Z",
        "2027-01-01 00:00:00, 2027-01-01 00:00:01",
        "2026-13-45T11:00:00, 2026-13-45T11:00:00",
    })
    void a_text_moves_on_as_what_it_is(String text, String moved) {
        assertThat(next(Value.of(text))).isEqualTo(Value.of(moved));
    }

    @Test
    void numbers_grow_and_times_become_now_or_later() {
        assertThat(next(Value.of(7))).isEqualTo(Value.of(8));
        Instant early = Scene.NOON.minusSeconds(60);
        Instant late = Scene.NOON.plusSeconds(60);
        assertThat(next(new Value.Moment(early))).isEqualTo(new Value.Moment(Scene.NOON));
        assertThat(next(new Value.Moment(late))).isEqualTo(new Value.Moment(late.plusNanos(1000)));
        LocalDateTime noon = LocalDateTime.parse("2026-11-22T12:00:00");
        assertThat(next(new Value.LocalMoment(noon.minusHours(1)))).isEqualTo(new Value.LocalMoment(noon));
        assertThat(next(new Value.LocalMoment(noon))).isEqualTo(new Value.LocalMoment(noon.plusNanos(1000)));
        assertThat(next(Value.of(true))).isEqualTo(Value.of(true));
        assertThat(next(Value.NULL)).isEqualTo(Value.NULL);
    }

    @Test
    void what_is_never_written_is_not_inserted_and_the_stamp_stands_where_it_can() {
        FieldPath never = FieldPath.of("search");
        Touch touch = new Touch(policy(List.of(never), FieldPath.valueOf("meta.by")), Scene.NOON, Value.of("run"));

        assertThat(touch.inserted(image("{'id':7,'search':'x','seq':1,'meta':{}}")))
                .isEqualTo(image("{'id':7,'seq':2,'meta':{'by':'run'}}"));
        assertThat(touch.inserted(image("{'id':7}"))).as("there is no meta").isEqualTo(image("{'id':7}"));
        List<FieldChange> changes = List.of(new FieldChange(FieldPath.of("total"), Value.of(1), Value.of(2)));
        assertThat(touch.updated(image("{'id':7,'total':1,'meta':{'by':null}}"), changes, null))
                .isEqualTo(image("{'id':7,'total':2,'meta':{'by':'run'}}"));
        assertThat(new Touch(policy(List.of(), FieldPath.of("by")), Scene.NOON, null)
                        .inserted(image("{'id':7,'by':'x'}")))
                .as("no stamp is asked for")
                .isEqualTo(image("{'id':7,'by':'x'}"));
        assertThat(Touch.written(image("{'a':1,'b':2,'c':3}"), image("{'a':1,'b':3,'d':4}")))
                .containsExactly("b", "c", "d");
    }
}
