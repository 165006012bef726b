package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotIdTest {

    @Test
    void an_id_tells_the_second_in_utc() {
        Clock clock = Clock.fixed(Instant.parse("2026-11-22T02:00:00.987Z"), ZoneId.of("Asia/Tokyo"));

        SnapshotId id = SnapshotId.next(clock, new Random(1));

        assertThat(id.text()).matches("20261122T020000Z-[0-9a-f]{4}");
        assertThat(id.at()).isEqualTo("2026-11-22T02:00:00Z");
        assertThat(StoreName.isName(id.text())).isTrue();
    }

    @Test
    void ids_are_ordered_by_time() {
        assertThat(new SnapshotId("20261122T020000Z-0000")).isGreaterThan(new SnapshotId("20261121T235959Z-ffff"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "latest",
                "20261122T020000Z",
                "20261122T020000Z-7F3A",
                "20261322T020000Z-7f3a",
                "20260230T020000Z-7f3a",
                "20261122T250000Z-7f3a",
                "20261122T020000Z-7f3a ",
                "../20261122T020000Z-7f3a"
            })
    void other_text_is_no_id(String text) {
        assertThatThrownBy(() -> new SnapshotId(text)).hasMessage("not the id of a snapshot: " + text);
    }
}
