package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.workspace.RestorePolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ThrottleTest {
    private Instant now = Instant.parse("2026-11-22T21:00:00Z");
    private Optional<String> wanted = Optional.empty();
    private final List<Duration> waited = new ArrayList<>();

    private Throttle throttle(@Nullable Long perSecond, RestorePolicy.@Nullable Hours between) {
        Clock clock = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now;
            }
        };
        return new Throttle(
                Map.of("orders", new RestorePolicy.Throttle(perSecond, between)), () -> wanted, clock, time -> {
                    waited.add(time);
                    now = now.plus(time);
                });
    }

    @Test
    void a_batch_waits_until_the_one_before_it_is_paid_for() {
        Throttle throttle = throttle(50L, null);

        throttle.pause("orders", 100);
        throttle.pause("orders", 10);
        throttle.pause("orders", 100);
        now = now.plusSeconds(60);
        throttle.pause("orders", 100);
        throttle.pause("others", 100);

        assertThat(waited).containsExactly(Duration.ofSeconds(2), Duration.ofMillis(200));
    }

    @Test
    void outside_its_hours_nothing_is_written() {
        Throttle throttle = throttle(
                null, new RestorePolicy.Hours(LocalTime.of(22, 0), LocalTime.of(6, 0), ZoneId.of("Europe/Berlin")));

        assertThat(throttle.pause("orders", 1)).isEmpty();
        now = Instant.parse("2026-11-23T05:00:00Z");
        assertThat(throttle.pause("orders", 1))
                .contains("dataset 'orders' is written between 22:00-06:00 Europe/Berlin only; apply again then");
        assertThat(throttle.pause("others", 1)).isEmpty();
        now = Instant.parse("2026-11-23T04:59:59Z");
        assertThat(throttle.pause("orders", 1)).isEmpty();
    }

    @Test
    void hours_may_lie_within_a_day() {
        RestorePolicy.Hours hours = new RestorePolicy.Hours(LocalTime.of(9, 0), LocalTime.of(17, 0), ZoneOffset.UTC);
        assertThat(hours.contains(Instant.parse("2026-11-22T09:00:00Z"))).isTrue();
        assertThat(hours.contains(Instant.parse("2026-11-22T17:00:00Z"))).isFalse();
        assertThat(hours.contains(Instant.parse("2026-11-22T08:59:59Z"))).isFalse();
    }

    @Test
    void who_wants_a_pause_gets_it() {
        Throttle throttle = throttle(null, null);
        assertThat(throttle.pause("orders", 1)).isEmpty();
        wanted = Optional.of("paused by anna: the site is slow");
        assertThat(throttle.pause("orders", 1)).isEqualTo(wanted);
    }

    @Test
    void who_is_interrupted_pauses() {
        Thread.currentThread().interrupt();
        Optional<String> paused = throttle(null, null).pause("orders", 1);

        assertThat(Thread.interrupted()).as("whoever waits next must know too").isTrue();
        assertThat(paused).contains("interrupted");
    }
}
