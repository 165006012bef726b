package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Cases;
import dev.lastgood.restore.Schedule.Happening;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What must never happen does not, in thousands of simulated incidents. */
final class SimulationTest {
    @Test
    void nothing_that_must_never_happen_does(TestReporter reporter) {
        Schedule.Tally tally = new Schedule.Tally();
        int schedules = Cases.heavy(20_000, 500_000);

        Cases.runTogether(schedules, seed -> {
            Schedule schedule = new Schedule(seed);
            try {
                schedule.run();
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + schedule.story(), e);
            }
            tally.addAll(schedule.tally);
        });

        reporter.publishEntry("simulation", schedules + " schedules: " + tally);
        if (Cases.areEnough()) {
            for (Happening common : List.of(
                    Happening.DONE,
                    Happening.UNDONE,
                    Happening.CRASHES,
                    Happening.FIELDS_RESTORED,
                    Happening.EFFECTS)) {
                assertThat(tally.count(common)).as(common + " in " + tally).isGreaterThan(1000);
            }
            for (Happening rare : EnumSet.complementOf(EnumSet.of(Happening.FAILED))) {
                assertThat(tally.count(rare)).as(rare + " in " + tally).isPositive();
            }
        }
    }
}
