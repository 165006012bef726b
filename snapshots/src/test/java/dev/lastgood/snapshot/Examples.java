package dev.lastgood.snapshot;

import dev.lastgood.record.Digest128;
import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Snapshots, manifests and events for tests. */
final class Examples {
    private Examples() {}

    static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    static final SnapshotId FIRST = new SnapshotId("20261120T020000Z-aaaa");
    static final SnapshotId SECOND = new SnapshotId("20261121T020000Z-bbbb");
    static final SnapshotId THIRD = new SnapshotId("20261122T020000Z-bbcc");

    static Event.Captured captured(SnapshotId id, @Nullable SnapshotId parent) {
        return new Event.Captured(
                Sha256.of(id.text().getBytes(StandardCharsets.UTF_8)),
                id.at(),
                id.at().plusSeconds(60),
                10,
                1000,
                parent);
    }

    /** A whole snapshot of orders with nothing behind it. */
    static Event.Taken taken(SnapshotId id) {
        return new Event.Taken(id, new TreeMap<>(Map.of("orders", captured(id, null))));
    }

    static Event.Taking taking(SnapshotId id) {
        return new Event.Taking(id, List.of("orders"));
    }

    static Event.Held held(SnapshotId... ids) {
        return new Event.Held(List.of(ids), Event.Reason.MANUAL, null, "ticket 7");
    }

    /** A snapshot of orders that lies in a store: its manifest names what is there. */
    static Manifest write(Store store, SnapshotId id, Random random, int files) throws IOException {
        String folder = Manifest.folder("orders", id) + "/";
        List<FileEntry> entries = new ArrayList<>();
        Buckets.Builder buckets = Buckets.builder(64);
        long records = 0;
        for (int i = 0; i < files; i++) {
            for (FileEntry.Side side : List.of(FileEntry.Side.DATA, FileEntry.Side.THIN)) {
                String path = "%s/b%04d.parquet".formatted(side == FileEntry.Side.DATA ? "data" : "thin", i);
                byte[] content = new byte[200 + random.nextInt(3) * 100];
                random.nextBytes(content);
                try (OutputStream out = store.create(folder + path)) {
                    out.write(content);
                }
                entries.add(new FileEntry(path, side, content.length, Sha256.of(content), 10L, null));
            }
            buckets.add(random.nextInt(64), new Buckets.Sums(10, lanes(random), lanes(random), lanes(random)));
            records += 10;
        }
        Buckets sums = buckets.build();
        try (OutputStream out = store.create(folder + Manifest.BucketFile.NAME)) {
            out.write(sums.encode());
        }
        store.settle(Manifest.folder("orders", id));
        Manifest manifest = new Manifest(
                id,
                "orders",
                Manifest.Origin.TAKEN,
                new Manifest.Source("jdbc", "jdbc:h2:mem:shop", "public.orders"),
                new Manifest.Capture(
                        Manifest.Mode.FUZZY,
                        id.at(),
                        id.at().plusSeconds(60),
                        "read committed",
                        "backup1",
                        Duration.ofMillis(1500)),
                Manifest.Chain.FULL,
                new Manifest.Schema(
                        List.of("id"),
                        List.of(
                                new Manifest.Field("id", "bigint", null, null, false, 0, 0),
                                new Manifest.Field("total", "decimal(12,2)", "numeric(12,2)", null, true, 3, 0))),
                new Manifest.Hashing("lastgood-1", "xxhash64-2x64", Sha256.of(new byte[] {1})),
                new Manifest.Counts(
                        records,
                        records,
                        0,
                        0,
                        entries.size(),
                        entries.stream().mapToLong(FileEntry::bytes).sum()),
                Manifest.BucketFile.of(sums),
                List.of(),
                entries,
                null,
                null,
                UnknownMembers.NONE);
        if (!store.publish(folder + Manifest.NAME, manifest.bytes()).won()) {
            throw new AssertionError("there is a manifest already");
        }
        return manifest;
    }

    /** The snapshot as the catalog tells it once it is taken. */
    static Snapshot snapshot(Manifest manifest) {
        return Snapshot.of(manifest.snapshot(), manifest.dataset(), manifest.origin(), Event.Captured.of(manifest));
    }

    static Digest128 lanes(Random random) {
        return new Digest128(random.nextLong(), random.nextLong());
    }

    static Sha256 digest(Random random) {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return Sha256.of(bytes);
    }

    static SnapshotId id(Random random) {
        return SnapshotId.next(Clock.fixed(instant(random), ZoneOffset.UTC), random);
    }

    static Instant instant(Random random) {
        return NOON.plusMillis(random.nextInt(1_000_000_000)).plusNanos(random.nextInt(3) * 1_000L);
    }

    static long count(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(100);
            case 2 -> random.nextInt(Integer.MAX_VALUE);
            default -> CanonicalJson.LARGEST_INTEGER - random.nextInt(100);
        };
    }

    private static final int[] LETTERS =
            "aZ09_.-%/\\\"' \n\t\u0000ä€漢😀\u2028{}[]:,".codePoints().toArray();

    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return text.toString();
    }

    private static <T> T any(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    static String name(Random random) {
        return "x" + text(random);
    }

    static Manifest manifest(Random random) {
        Manifest.Origin origin = any(Manifest.Origin.values(), random);
        List<FileEntry> files = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            String path = origin == Manifest.Origin.TAKEN
                    ? "data/b%04d".formatted(i)
                    : "abfss://c@a/%%C3%%BC/k=%d/%%20".formatted(i);
            long key = random.nextLong() >> 1;
            files.add(new FileEntry(
                    path,
                    any(FileEntry.Side.values(), random),
                    count(random),
                    digest(random),
                    random.nextBoolean() ? count(random) : null,
                    random.nextBoolean() ? new FileEntry.KeyRange(key, key + random.nextInt(100)) : null));
        }
        List<Manifest.Field> fields = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            fields.add(new Manifest.Field(
                    i + name(random),
                    text(random),
                    random.nextBoolean() ? text(random) : null,
                    random.nextBoolean() ? text(random) : null,
                    random.nextBoolean(),
                    count(random),
                    count(random)));
        }
        Instant from = instant(random);
        Manifest.Chain chain = random.nextBoolean()
                ? Manifest.Chain.FULL
                : new Manifest.Chain(
                        1 + count(random) / 2,
                        new Manifest.Parent(id(random), digest(random)),
                        new Manifest.Delta(sidecar("inserted.bin", random), sidecar("removed.bin", random)));
        Buckets.Sums totals = new Buckets.Sums(count(random), lanes(random), lanes(random), lanes(random));
        return new Manifest(
                id(random),
                name(random),
                origin,
                new Manifest.Source(text(random), text(random), text(random)),
                new Manifest.Capture(
                        any(Manifest.Mode.values(), random),
                        from,
                        from.plusMillis(random.nextInt(1_000_000)),
                        text(random),
                        text(random),
                        Duration.ofMillis(random.nextInt(10_000))),
                chain,
                new Manifest.Schema(List.of(text(random)), fields),
                new Manifest.Hashing(
                        "lastgood-1",
                        random.nextBoolean() ? "xxhash64-2x64" : "sha256-128",
                        digest(random),
                        random.nextBoolean() ? digest(random) : null),
                new Manifest.Counts(
                        count(random), count(random), count(random), count(random), count(random), count(random)),
                random.nextBoolean()
                        ? new Manifest.BucketFile(
                                1 + random.nextInt(4096), "buckets.bin", count(random), digest(random), totals)
                        : null,
                random.nextBoolean()
                        ? List.of(new Manifest.Partition(text(random), count(random), count(random)))
                        : List.of(),
                files,
                origin == Manifest.Origin.TAKEN ? null : reading(random),
                random.nextBoolean() ? new Manifest.RuleVerdict(digest(random), any(Verdict.values(), random)) : null,
                random.nextBoolean() ? new Manifest.Signature("Ed25519", text(random), text(random)) : null,
                UnknownMembers.NONE);
    }

    private static Manifest.BucketFile sidecar(String path, Random random) {
        return new Manifest.BucketFile(
                1 + random.nextInt(4096),
                path,
                count(random),
                digest(random),
                new Buckets.Sums(count(random), lanes(random), lanes(random), lanes(random)));
    }

    private static Reading reading(Random random) {
        Reading.Format format = any(Reading.Format.values(), random);
        boolean isText = format == Reading.Format.CSV || format == Reading.Format.JSON;
        return new Reading(
                format,
                isText ? any(Reading.Compression.values(), random) : Reading.Compression.NONE,
                "abfss://c@a/%C3%BC",
                format == Reading.Format.CSV
                        ? new Reading.Csv(
                                random.nextBoolean(),
                                any(new String[] {",", ";", "\t", "|"}, random),
                                "\"",
                                random.nextBoolean() ? text(random) : null)
                        : null,
                random.nextBoolean() ? List.of("k") : List.of());
    }

    private static List<SnapshotId> ids(Random random) {
        return List.of(id(random), id(random));
    }

    private static SortedMap<String, Event.Captured> datasets(Random random) {
        Instant from = instant(random);
        return new TreeMap<>(Map.of(
                text(random),
                new Event.Captured(
                        digest(random),
                        from,
                        from.plusSeconds(1),
                        count(random),
                        count(random),
                        random.nextBoolean() ? id(random) : null)));
    }

    static VerificationReport report(Random random) {
        List<Damage> damages = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            damages.add(new Damage(text(random), any(Damage.Kind.values(), random), text(random)));
        }
        return VerificationReport.of(any(Level.values(), random), count(random), count(random), count(random), damages);
    }

    /** One event of each kind. */
    static List<Event> events(Random random) {
        return List.of(
                new Event.Taking(id(random), List.of(text(random), text(random))),
                new Event.Taken(id(random), datasets(random)),
                new Event.Adopted(id(random), datasets(random)),
                new Event.Verified(id(random), text(random), report(random)),
                new Event.Held(
                        ids(random),
                        any(Event.Reason.values(), random),
                        random.nextBoolean() ? instant(random) : null,
                        text(random)),
                new Event.Released(text(random)),
                new Event.Pruning(ids(random)),
                new Event.Pruned(ids(random)),
                new Event.Audited(
                        text(random),
                        any(Verdict.values(), random),
                        new TreeMap<>(Map.of(text(random), id(random))),
                        digest(random)),
                new Event.Planned(
                        text(random),
                        digest(random),
                        random.nextBoolean() ? text(random) : null,
                        count(random),
                        count(random),
                        instant(random)),
                new Event.Approved(
                        text(random),
                        digest(random),
                        instant(random),
                        random.nextBoolean() ? new Manifest.Signature("Ed25519", text(random), text(random)) : null),
                new Event.Started(text(random), text(random), random.nextBoolean() ? text(random) : null),
                new Event.Paused(text(random), text(random)),
                new Event.Ended(
                        text(random),
                        any(Event.End.values(), random),
                        new TreeMap<>(Map.of("done", count(random), "conflict", count(random))),
                        digest(random)),
                new Event.Resolved(text(random), List.of(count(random), count(random)), text(random), text(random)),
                new Event.Rebuilt(
                        "lost/x" + random.nextInt(100),
                        List.of(
                                new Event.Kept(text(random), instant(random), text(random), taking(id(random))),
                                new Event.Kept(
                                        text(random),
                                        instant(random),
                                        text(random),
                                        new Event.Taken(id(random), datasets(random))))));
    }

    static Entry entry(Random random, long number, Sha256 previous, Event event) {
        return new Entry(
                number,
                new UUID(random.nextLong(), random.nextLong()).toString(),
                instant(random),
                text(random),
                previous,
                event);
    }
}
