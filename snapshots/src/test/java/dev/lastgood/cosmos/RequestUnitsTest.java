package dev.lastgood.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RequestUnitsTest {
    private final AtomicLong clock = new AtomicLong(1_000);
    private final List<Duration> pauses = new ArrayList<>();

    private RequestUnits units(double perSecond) {
        return new RequestUnits(perSecond, clock::get, time -> {
            pauses.add(time);
            clock.addAndGet(time.toNanos());
        });
    }

    @Test
    void what_was_spent_is_paid_for_before_more_is_asked_for() {
        RequestUnits units = units(100);

        units.await();
        units.spent(50);
        units.spent(25);
        clock.addAndGet(Duration.ofMillis(250).toNanos());
        units.await();
        units.await();
        clock.addAndGet(Duration.ofHours(1).toNanos());
        units.spent(10);
        units.await();

        assertThat(pauses).containsExactly(Duration.ofMillis(500), Duration.ofMillis(100));
    }

    @Test
    void without_a_rate_nothing_waits() {
        RequestUnits units = units(0);

        units.spent(1e9);
        units.await();

        assertThat(pauses).isEmpty();
    }
}
