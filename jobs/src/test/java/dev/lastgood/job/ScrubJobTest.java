package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Scrub;
import dev.lastgood.snapshot.SnapshotId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Portions of a verification under a clock that goes on a second each time it is asked. */
@ExtendWith(SparkForTests.class)
final class ScrubJobTest {
    private static final Duration MONTH = Duration.ofDays(30);

    @TempDir
    Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-12-31T00:00:00Z"));

    private final class Ticking extends Clock {
        @Override
        public Instant instant() {
            return now.updateAndGet(time -> time.plusSeconds(1));
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private Workplace workplace() {
        return new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), Map.of()), new Ticking(), "test", "local[2]", Map.of());
    }

    private ScrubJob.Scrubbed scrub(Duration budget, Level level) {
        Workplace workplace = workplace();
        return new ScrubJob(workplace).run(workplace.datasets(List.of()), level, budget, MONTH);
    }

    private CatalogState state(BackupsForTests backups) {
        return backups.workplace().catalog().state();
    }

    private static Scrub.Coverage bytes(ScrubJob.Scrubbed scrubbed) {
        return scrubbed.coverage().stream()
                .filter(one -> one.level() == Level.L2)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void every_run_gets_further_until_all_is_covered_and_then_repeats_nothing() throws Exception {
        BackupsForTests backups = new BackupsForTests(folder, "scrubbed");
        backups.write(1);
        SnapshotId older = backups.take();
        backups.write(2);
        SnapshotId newer = backups.take();

        // What the take itself has read is too old by now. Of each dataset and snapshot the structure is looked at
        // first.
        ScrubJob.Scrubbed last = scrub(Duration.ofSeconds(2), Level.L2);
        long all = last.examined() + last.due();
        long examined = last.examined();
        assertThat(last.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(last.verified()).allMatch(one -> one.report().level() == Level.L0);
        assertThat(bytes(last).covered()).isZero();
        int runs = 1;
        while (last.due() > 0) {
            long before = bytes(last).coveredBytes();
            last = scrub(Duration.ofSeconds(2), Level.L2);
            examined += last.examined();
            runs++;
            assertThat(last.examined()).isPositive();
            assertThat(examined + last.due()).as("nothing is read twice").isEqualTo(all);
            assertThat(bytes(last).coveredBytes()).isGreaterThanOrEqualTo(before);
        }

        assertThat(runs).isGreaterThan(5);
        assertThat(last.verdict()).isEqualTo(Verdict.PASS);
        assertThat(bytes(last).coveredBytes()).isEqualTo(bytes(last).bytes()).isPositive();
        for (SnapshotId id : List.of(older, newer)) {
            for (String dataset : BackupsForTests.DATASETS) {
                var verified =
                        state(backups).verification(dataset, id, Level.L2).orElseThrow();
                assertThat(verified.report().verdict()).isEqualTo(Verdict.PASS);
                assertThat(verified.report().filesExamined()).isGreaterThan(1);
                // It counts from the first file that was read, not from the last.
                assertThat(verified.at()).isBefore(now.get());
            }
        }
        long number = state(backups).number();
        assertThat(scrub(Duration.ofHours(1), Level.L2).examined()).isZero();
        assertThat(state(backups).number()).isEqualTo(number);

        now.updateAndGet(time -> time.plus(MONTH));
        assertThat(scrub(Duration.ofMillis(1), Level.L2).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void a_file_brought_back_is_sound_again_and_one_that_is_damaged_meanwhile_is_not_missed() throws Exception {
        BackupsForTests backups = new BackupsForTests(folder, "scrubbed2");
        backups.write(1);
        SnapshotId id = backups.take("csv", "json");
        scrub(Duration.ofHours(1), Level.L2);
        Path file = Damages.files(backups.snapshot("csv", id).resolve("data")).get(1);
        byte[] sound = Files.readAllBytes(file);
        byte[] other = sound.clone();
        other[other.length / 2] ^= 1;
        Files.write(file, other);

        now.updateAndGet(time -> time.plus(MONTH).plus(MONTH));
        ScrubJob.Scrubbed damaged = scrub(Duration.ofHours(1), Level.L2);
        assertThat(damaged.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(bytes(damaged).damaged()).isEqualTo(1);
        assertThat(state(backups).damaged("csv", id)).isPresent();
        assertThat(state(backups).damaged("json", id)).isEmpty();

        ScrubJob.Scrubbed again = scrub(Duration.ofHours(1), Level.L2);
        // The footers as well, if that is where the other bit is.
        assertThat(again.examined()).isBetween(1L, 2L);
        assertThat(again.verdict()).isEqualTo(Verdict.FAIL);

        Files.write(file, sound);
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.PASS);
        assertThat(state(backups).damaged("csv", id)).isEmpty();
        assertThat(state(backups).isVerified("csv", id, Level.L2)).isTrue();
    }

    /** Whoever finds damage: no portion says that all is well because it had been. */
    @Test
    void what_another_verification_has_found_is_not_passed_over() throws Exception {
        BackupsForTests backups = new BackupsForTests(folder, "scrubbed3");
        backups.write(1);
        SnapshotId id = backups.take("csv");
        now.set(Instant.parse("2026-11-22T12:00:00Z"));
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.PASS);
        Path file = Damages.files(backups.snapshot("csv", id).resolve("data")).get(0);
        byte[] sound = Files.readAllBytes(file);
        byte[] other = sound.clone();
        other[other.length / 2] ^= 1;
        Files.write(file, other);
        verify(Level.L2);

        assertThat(scrub(Duration.ofHours(1), Level.L0).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.FAIL);
        Files.write(file, sound);
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.PASS);

        Path extra = file.resolveSibling("part-extra.parquet");
        Files.write(extra, new byte[] {1});
        verify(Level.L2);
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.FAIL);
        Files.delete(extra);
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.PASS);

        Path manifest = backups.snapshot("csv", id).resolve("manifest.json");
        byte[] written = Files.readAllBytes(manifest);
        Files.write(manifest, new byte[] {1});
        ScrubJob.Scrubbed without = scrub(Duration.ofHours(1), Level.L2);
        assertThat(without.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(bytes(without).isComplete()).isFalse();
        Files.write(manifest, written);
        assertThat(scrub(Duration.ofHours(1), Level.L2).verdict()).isEqualTo(Verdict.PASS);
    }

    private void verify(Level level) {
        Workplace workplace = workplace();
        new VerifyJob(workplace).verify(workplace.datasets(List.of("csv")), "latest", level);
    }
}
