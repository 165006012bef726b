package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScrubTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration MONTH = Duration.ofDays(30);

    private static Snapshot snapshot(SnapshotId id) {
        return Snapshot.of(id, "orders", Manifest.Origin.TAKEN, Examples.captured(id, null));
    }

    private static Scrub.Unit unit(
            SnapshotId id, Level level, String path, @Nullable Instant last, @Nullable Verdict verdict) {
        FileEntry file = level == Level.L2
                ? new FileEntry(path, FileEntry.Side.DATA, 100, new Sha256("0".repeat(64)), null, null)
                : null;
        return new Scrub.Unit(snapshot(id), level, file, 100, last, verdict);
    }

    @Test
    void new_ones_first_then_damaged_ones_then_the_oldest_and_none_that_is_recent() {
        Scrub.Unit fresh = unit(Examples.FIRST, Level.L2, "a", NOW.minus(Duration.ofDays(29)), Verdict.PASS);
        Scrub.Unit old = unit(Examples.FIRST, Level.L2, "b", NOW.minus(Duration.ofDays(31)), Verdict.PASS);
        Scrub.Unit older = unit(Examples.SECOND, Level.L2, "c", NOW.minus(Duration.ofDays(40)), Verdict.PASS);
        Scrub.Unit damaged = unit(Examples.FIRST, Level.L2, "d", NOW.minusSeconds(1), Verdict.FAIL);
        Scrub.Unit unread = unit(Examples.FIRST, Level.L2, "e", NOW.minusSeconds(2), Verdict.INCONCLUSIVE);
        Scrub.Unit dirty = unit(Examples.FIRST, Level.L4, "", NOW.minusSeconds(2), Verdict.FAIL);
        Scrub.Unit never = unit(Examples.FIRST, Level.L2, "f", null, null);
        Scrub.Unit neverNewer = unit(Examples.SECOND, Level.L2, "g", null, null);
        Scrub.Unit neverStructure = unit(Examples.FIRST, Level.L0, "", null, null);
        Scrub.Unit future = unit(Examples.FIRST, Level.L2, "h", NOW.plusSeconds(1), Verdict.PASS);
        List<Scrub.Unit> all = new ArrayList<>(
                List.of(fresh, old, older, damaged, unread, dirty, never, neverNewer, neverStructure, future));
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(all, new Random(i));
            assertThat(Scrub.due(all, NOW, MONTH))
                    .containsExactly(neverStructure, neverNewer, never, damaged, unread, older, old, future);
        }
        Scrub.Coverage bytes = Scrub.coverage(all, NOW, MONTH).get(1);
        assertThat(bytes.level()).isEqualTo(Level.L2);
        assertThat(bytes.units()).isEqualTo(8);
        assertThat(bytes.covered()).isEqualTo(1);
        assertThat(bytes.damaged()).isEqualTo(1);
        assertThat(bytes.coveredBytes()).isEqualTo(100);
        assertThat(bytes.oldest()).isEqualTo(NOW.minus(Duration.ofDays(29)));
        assertThat(bytes.isComplete()).isFalse();
    }

    @Test
    void nothing_is_no_coverage() {
        assertThat(Scrub.coverage(List.of(), NOW, MONTH)).isEmpty();
        assertThat(new Scrub.Coverage(Level.L2, 0, 0, 0, 0, 0, null).isComplete())
                .isFalse();
        assertThat(new Scrub.Coverage(Level.L2, 0, 0, 0, 0, 0, null).share()).isZero();
    }

    // ---- the ledger

    private static ScrubLedger.Checked checked(String path, long second, Damage.@Nullable Kind kind) {
        return new ScrubLedger.Checked(
                path, NOW.plusSeconds(second), 7, kind == null ? null : new Damage(path, kind, "other bytes"));
    }

    @Test
    void the_last_reading_of_each_file_counts_whatever_was_written_when() {
        MemoryStore store = new MemoryStore();
        ScrubLedger ledger = new ScrubLedger(store);
        Snapshot snapshot = snapshot(Examples.FIRST);
        Map<String, ScrubLedger.Checked> expected = new HashMap<>();
        Random random = new Random(5);
        for (int i = 0; i < 60; i++) {
            List<ScrubLedger.Checked> some = new ArrayList<>();
            for (int file = 0; file < 3; file++) {
                String path = "data/b" + random.nextInt(20);
                some.removeIf(one -> one.path().equals(path));
                some.add(checked(path, i, random.nextBoolean() ? null : Damage.Kind.CORRUPT));
            }
            ledger.add(snapshot, some);
            some.forEach(one -> expected.put(one.path(), one));
            assertThat(ledger.read(snapshot)).isEqualTo(expected);
            assertThat(store.list("scrubs/orders/" + Examples.FIRST)).hasSizeLessThanOrEqualTo(17);
        }
        assertThat(ledger.read(snapshot(Examples.SECOND))).isEmpty();
    }

    @Test
    void a_segment_that_is_not_as_it_was_written_counts_for_nothing() throws IOException {
        MemoryStore store = new MemoryStore();
        ScrubLedger ledger = new ScrubLedger(store);
        Snapshot snapshot = snapshot(Examples.FIRST);
        ledger.add(snapshot, List.of(checked("a", 1, null)));
        ledger.add(snapshot, List.of(checked("b", 2, null)));
        String name = "scrubs/orders/%s/000000000001.json".formatted(Examples.FIRST);
        byte[] written = store.read(name).orElseThrow();
        for (int bit = 0; bit < written.length * 8; bit++) {
            byte[] other = written.clone();
            other[bit / 8] ^= (byte) (1 << (bit % 8));
            store.content.put(name, other);
            assertThat(ledger.read(snapshot).keySet()).as("bit %d", bit).containsExactly("b");
        }
        // That of another snapshot of the same dataset, put in its place.
        Snapshot other = snapshot(Examples.SECOND);
        ledger.add(other, List.of(checked("a", 1, null)));
        store.content.put(
                name,
                store.read("scrubs/orders/%s/000000000001.json".formatted(Examples.SECOND))
                        .orElseThrow());
        assertThat(ledger.read(snapshot).keySet()).containsExactly("b");
    }
}
