package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is known of a record's past. */
final class HistoryTest {
    private static final Image BAD = image("{'id':7,'total':-1,'added':5}");

    private static History of(@Nullable Image good, @Nullable Image bad) {
        return History.of(new History.Good(good, "s", Scene.NOON), bad, History.Origin.SNAPSHOT);
    }

    @Test
    void a_field_that_the_good_image_lacks_stays_where_every_record_has_every_field() {
        assertThat(of(image("{'id':7,'total':1}"), BAD).knowing())
                .isEqualTo(of(image("{'id':7,'total':1,'added':5}"), BAD));
        for (History nothingToKnow :
                new History[] {of(null, BAD), of(BAD, null), History.newer(BAD, History.Origin.OBSERVED)}) {
            assertThat(nothingToKnow.knowing()).isSameAs(nothingToKnow);
        }
        assertThat(History.newer(BAD, History.Origin.OBSERVED).goodImage()).isNull();
    }

    @Test
    void of_several_marks_the_first_obstacle_counts_and_what_is_none_does_not() {
        History history = of(BAD, BAD);
        assertThat(history.marked(History.Mark.FLAPPING).obstacle()).isEmpty();
        assertThat(history.marked(History.Mark.SCHEMA_DRIFT)
                        .marked(History.Mark.ERASED)
                        .obstacle())
                .contains(History.Mark.ERASED);
    }
}
