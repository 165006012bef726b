package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.rule.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final MemoryStore store = new MemoryStore();
    private Instant clock = NOW;
    private final Catalog catalog;

    RetentionTest() {
        StoreFormat.establish(store, "shop");
        catalog = Catalog.open(
                store,
                "shop",
                new Clock() {
                    @Override
                    public Instant instant() {
                        return clock;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }
                },
                "test");
    }

    // ---- catalogs

    private static SnapshotId id(String time, int number) {
        return new SnapshotId("%s-%04x".formatted(time, number));
    }

    private SnapshotId take(SnapshotId id, @Nullable SnapshotId parent, String... datasets) {
        catalog.append(new Event.Taking(id, List.of(datasets)));
        SortedMap<String, Event.Captured> captured = new TreeMap<>();
        for (String dataset : datasets) {
            captured.put(dataset, Examples.captured(id, parent));
        }
        catalog.append(new Event.Taken(id, captured));
        return id;
    }

    private SnapshotId take(String time) {
        return take(id(time, 1), null, "orders");
    }

    private void verify(SnapshotId id, boolean sound) {
        List<Damage> damages = sound ? List.of() : List.of(new Damage("data/b0", Damage.Kind.CORRUPT, "other bytes"));
        catalog.append(new Event.Verified(id, "orders", VerificationReport.of(Level.L2, 3, 30, 0, damages)));
    }

    private SortedMap<SnapshotId, SortedSet<String>> reasons(Retention retention) {
        return retention.reasons(catalog.state(), NOW);
    }

    private List<String> going(Retention retention) {
        return Pruner.outlook(catalog.state(), retention, NOW).going().stream()
                .map(SnapshotId::text)
                .toList();
    }

    private static Retention last(int number) {
        return new Retention(number, 0, 0, 0, 0, 0, null, 1);
    }

    // ---- lines

    @Test
    void the_last_of_each_period_stays_and_a_snapshot_may_be_several() {
        take("20251231T235800Z");
        take("20260101T000000Z");
        take("20261101T020000Z"); // a Sunday
        take("20261102T020000Z"); // a Monday
        take("20261121T020000Z");
        take("20261121T200000Z");
        take("20261122T110000Z");
        take("20261122T113000Z");

        assertThat(going(new Retention(0, 0, 2, 0, 0, 0, null, 1)))
                .containsExactly(
                        "20251231T235800Z-0001",
                        "20260101T000000Z-0001",
                        "20261101T020000Z-0001",
                        "20261102T020000Z-0001",
                        "20261121T020000Z-0001",
                        "20261122T110000Z-0001");
        assertThat(reasons(new Retention(0, 2, 0, 0, 0, 0, null, 1)).entrySet().stream()
                        .filter(one -> !one.getValue().isEmpty())
                        .map(one -> one.getKey() + " " + one.getValue()))
                .containsExactly("20261121T200000Z-0001 [hourly]", "20261122T113000Z-0001 [hourly, minimum]");
        assertThat(going(new Retention(0, 0, 0, 3, 0, 0, null, 1)))
                .doesNotContain("20261101T020000Z-0001", "20261102T020000Z-0001", "20261122T113000Z-0001")
                .hasSize(5);
        assertThat(going(new Retention(0, 0, 0, 0, 0, 2, null, 1)))
                .doesNotContain("20251231T235800Z-0001", "20261122T113000Z-0001")
                .hasSize(6);
        assertThat(going(new Retention(0, 0, 0, 0, 2, 0, null, 1)))
                .doesNotContain("20260101T000000Z-0001", "20261122T113000Z-0001")
                .hasSize(6);
        assertThat(going(new Retention(0, 0, 0, 0, 0, 0, Duration.ofHours(34), 1)))
                .containsExactly(
                        "20251231T235800Z-0001",
                        "20260101T000000Z-0001",
                        "20261101T020000Z-0001",
                        "20261102T020000Z-0001");
        assertThat(going(new Retention(1, 0, 0, 0, 0, 0, null, 7))).containsExactly("20251231T235800Z-0001");
    }

    // ---- safeties

    @Test
    void what_is_held_stays_with_all_it_builds_on() {
        SnapshotId full = take("20261101T020000Z");
        SnapshotId child = take(id("20261102T020000Z", 2), full, "orders");
        take(id("20261103T020000Z", 3), child, "orders");
        take("20261122T020000Z");
        Entry hold = catalog.append(new Event.Held(List.of(child), Event.Reason.MANUAL, null, "ticket 7"));

        assertThat(going(last(1))).containsExactly("20261103T020000Z-0003");
        assertThat(reasons(last(1)).get(full)).containsExactly(child + " builds on it");
        assertThat(reasons(last(1)).get(child)).containsExactly("held: ticket 7 (manual, by test)");

        catalog.append(new Event.Released(hold.id()));
        assertThat(going(last(1))).hasSize(3);
    }

    @Test
    void a_hold_whose_time_is_over_keeps_nothing() {
        SnapshotId old = take("20261101T020000Z");
        take("20261122T020000Z");
        catalog.append(new Event.Held(List.of(old), Event.Reason.PLAN, NOW, "plan"));

        assertThat(going(last(1))).containsExactly(old.text());
    }

    @Test
    void a_snapshot_of_the_future_stays_and_counts_for_nothing() {
        SnapshotId past = take("20261121T020000Z");
        SnapshotId future = take("20271121T020000Z");

        assertThat(going(last(1))).isEmpty();
        assertThat(reasons(last(1)).get(past)).contains("last");
        assertThat(reasons(last(1)).get(future)).containsExactly("dated in the future");
    }

    @Test
    void a_damaged_snapshot_takes_no_other_ones_place() {
        SnapshotId verified = take("20261119T020000Z");
        SnapshotId sound = take("20261120T020000Z");
        SnapshotId damaged = take("20261121T020000Z");
        verify(verified, true);
        verify(damaged, false);

        assertThat(going(last(1))).isEmpty();
        assertThat(reasons(last(1)).get(verified)).containsExactly("last verified");
        assertThat(reasons(last(1)).get(sound)).containsExactly("last", "minimum");
        assertThat(reasons(last(1)).get(damaged)).containsExactly("last", "minimum");
    }

    @Test
    void what_one_dataset_keeps_stays_in_all() {
        SnapshotId both = take(id("20261101T020000Z", 1), null, "customers", "orders");
        take(id("20261122T020000Z", 2), null, "orders");

        assertThat(going(last(1))).isEmpty();
        assertThat(reasons(last(1)).get(both)).containsExactly("last", "minimum");
    }

    @Test
    void whatever_the_policy_no_safety_is_broken() {
        Random random = new Random(20261122);
        for (int round = 0; round < 300; round++) {
            CatalogState state = random(random);
            Retention retention = new Retention(
                    random.nextInt(3),
                    random.nextInt(3),
                    random.nextInt(3),
                    random.nextInt(3),
                    random.nextInt(2),
                    random.nextInt(2),
                    random.nextBoolean() ? null : Duration.ofHours(random.nextInt(200)),
                    1 + random.nextInt(3));
            Set<SnapshotId> going =
                    new HashSet<>(Pruner.outlook(state, retention, NOW).going());
            for (String dataset : state.datasets()) {
                List<Snapshot> all = state.snapshots(dataset);
                List<Snapshot> staying =
                        all.stream().filter(one -> !going.contains(one.id())).toList();
                assertThat(staying).hasSizeGreaterThanOrEqualTo(Math.min(all.size(), retention.minimum()));
                for (Snapshot one : staying) {
                    assertThat(one.parent() != null && going.contains(one.parent()))
                            .isFalse();
                }
                List<Snapshot> sound = all.stream()
                        .filter(one -> state.isVerified(dataset, one.id(), Level.L2))
                        .toList();
                assertThat(sound.isEmpty() || sound.stream().anyMatch(one -> !going.contains(one.id())))
                        .isTrue();
            }
            for (SnapshotId id : going) {
                assertThat(state.heldBy(id, NOW)).isEmpty();
                assertThat(id.at()).isBefore(NOW);
            }
            if (!going.isEmpty()) {
                // What the catalog itself refuses is never asked of it.
                assertThat(state.check(new Event.Pruning(List.copyOf(going)), NOW))
                        .isNotNull();
            }
        }
    }

    private static CatalogState random(Random random) {
        RetentionTest test = new RetentionTest();
        List<SnapshotId> taken = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Instant at = NOW.plus(Duration.ofHours(random.nextInt(1000) - 970));
            SnapshotId id = SnapshotId.next(Clock.fixed(at, ZoneOffset.UTC), random);
            SnapshotId parent =
                    random.nextInt(3) == 0 && !taken.isEmpty() ? taken.get(random.nextInt(taken.size())) : null;
            taken.add(test.take(id, parent, "orders"));
            if (random.nextBoolean()) {
                test.verify(id, random.nextBoolean());
            }
            if (random.nextInt(6) == 0) {
                test.catalog.append(Examples.held(taken.get(random.nextInt(taken.size()))));
            }
        }
        return test.catalog.state();
    }

    // ---- pruning

    @Test
    void a_hold_that_comes_after_the_prune_was_shown_wins() {
        SnapshotId one = take("20261101T020000Z");
        SnapshotId other = take("20261102T020000Z");
        take("20261122T020000Z");
        Pruner pruner = new Pruner(store, catalog, Clock.fixed(NOW, ZoneOffset.UTC));
        Pruner.Outlook shown = pruner.outlook(last(1));
        assertThat(shown.going()).containsExactly(one, other);

        catalog.append(Examples.held(other));

        assertThat(pruner.prune(shown, last(1))).containsExactly(one);
        assertThat(catalog.state().pruned()).containsExactly(one);
        assertThat(pruner.prune(shown, last(1))).isEmpty();
    }

    @Test
    void what_was_not_shown_does_not_go() {
        SnapshotId one = take("20261101T020000Z");
        Pruner pruner = new Pruner(store, catalog, Clock.fixed(NOW, ZoneOffset.UTC));
        Pruner.Outlook shown = pruner.outlook(last(1));
        take("20261122T020000Z");

        assertThat(pruner.prune(shown, last(1))).isEmpty();
        assertThat(pruner.outlook(last(1)).going()).containsExactly(one);
    }

    @Test
    void a_take_that_never_ended_goes_after_a_week_with_its_files_and_without_a_policy() throws Exception {
        SnapshotId begun = id("20261110T020000Z", 9);
        clock = NOW.minus(CatalogState.TAKE_ABANDONED);
        catalog.append(new Event.Taking(begun, List.of("orders", "customers")));
        for (String dataset : List.of("orders", "customers")) {
            try (var file = store.create(Manifest.folder(dataset, begun) + "/data/b0.parquet")) {
                file.write(1);
            }
        }
        Pruner early = new Pruner(store, catalog, Clock.fixed(NOW.minusSeconds(1), ZoneOffset.UTC));
        assertThat(early.outlook(null).isEmpty()).isTrue();
        clock = NOW;
        Pruner pruner = new Pruner(store, catalog, Clock.fixed(NOW, ZoneOffset.UTC));

        assertThat(pruner.prune(pruner.outlook(null), null)).containsExactly(begun);

        assertThat(store.files("snapshots")).isEmpty();
        assertThat(catalog.state().takes()).isEmpty();
    }

    private void verified(SnapshotId id, Level level, Damage... damages) {
        catalog.append(new Event.Verified(id, "orders", VerificationReport.of(level, 3, 30, 0, List.of(damages))));
    }

    @Test
    void what_proves_nothing_does_not_take_damage_back() {
        SnapshotId id = take("20261121T020000Z");
        Damage flaky = new Damage("data/b0", Damage.Kind.FLAKY_READ, "two readings of it differ");
        verified(id, Level.L2);
        verified(id, Level.L2, flaky);
        assertThat(catalog.state().damaged("orders", id)).isEmpty();
        assertThat(catalog.state().isVerified("orders", id, Level.L2)).isFalse();

        verified(id, Level.L2, new Damage("data/b0", Damage.Kind.CORRUPT, "other bytes"));
        verified(id, Level.L2, flaky);
        assertThat(catalog.state().damaged("orders", id)).contains(Level.L2);

        verified(id, Level.L2);
        assertThat(catalog.state().damaged("orders", id)).isEmpty();
        assertThat(catalog.state().isVerified("orders", id, Level.L2)).isTrue();
    }

    @Test
    void what_builds_on_bytes_nobody_has_verified_is_not_verified_itself() {
        SnapshotId full = take("20261120T020000Z");
        SnapshotId child = take(id("20261121T020000Z", 2), full, "orders");
        verified(child, Level.L2);
        assertThat(catalog.state().isVerified("orders", child, Level.L2)).isFalse();
        verified(full, Level.L2);
        assertThat(catalog.state().isVerified("orders", child, Level.L2)).isTrue();
        verified(full, Level.L2, new Damage("data/b0", Damage.Kind.CORRUPT, "other bytes"));
        assertThat(catalog.state().isVerified("orders", child, Level.L2)).isFalse();
        assertThat(reasons(last(2)).get(child)).doesNotContain("last verified");
    }

    @Test
    void verdicts_of_rules_are_no_damage() {
        SnapshotId dirty = take("20261121T020000Z");
        catalog.append(new Event.Verified(
                dirty,
                "orders",
                VerificationReport.of(Level.L4, 1, 0, 9, List.of(new Damage("total", Damage.Kind.RULE, "3 records")))));
        assertThat(catalog.state().damaged("orders", dirty)).isEmpty();
        assertThat(catalog.state()
                        .verification("orders", dirty, Level.L4)
                        .orElseThrow()
                        .report()
                        .verdict())
                .isEqualTo(Verdict.FAIL);
    }
}
