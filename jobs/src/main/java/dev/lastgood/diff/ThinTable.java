package dev.lastgood.diff;

import dev.lastgood.spark.Together;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The thin records of one side in memory, found by key hash: one array of longs, three a record, in buckets by the highest
 * bits of the hash, and where each bucket begins. About 28 bytes a record. Never changed once it is loaded.
 */
final class ThinTable {
    /** Bytes of memory a record. */
    static final long BYTES_A_RECORD = 28;

    /** Bytes of memory a line that was removed, while a table is loaded: collected, and counted down twice. */
    static final long BYTES_A_REMOVED = 400;

    /** More do not fit into an array. */
    static final long MOST_RECORDS = (Integer.MAX_VALUE - 16) / 3;

    /** Those of this JVM that memory has room for. */
    private static final Map<String, SoftReference<ThinTable>> LOADED = new ConcurrentHashMap<>();

    private static final int LONGS = 3;

    private final long[] records;
    private final int[] starts;
    private final int shift;
    private final long[] sums = new long[LONGS];
    private boolean ambiguous;

    private ThinTable(long[] records, int[] starts, int shift) {
        this.records = records;
        this.starts = starts;
        this.shift = shift;
    }

    /** The table of this name in this JVM, loaded once for all its tasks. */
    static ThinTable of(String name, List<ThinFile> files, long[] removed, Configuration hadoop) {
        ThinTable found = loaded(name);
        if (found != null) {
            return found;
        }
        synchronized (LOADED) {
            found = loaded(name);
            if (found == null) {
                LOADED.values().removeIf(reference -> reference.get() == null);
                found = load(files, removed, hadoop);
                LOADED.put(name, new SoftReference<>(found));
            }
            return found;
        }
    }

    private static @Nullable ThinTable loaded(String name) {
        SoftReference<ThinTable> reference = LOADED.get(name);
        return reference == null ? null : reference.get();
    }

    static void forget(String name) {
        LOADED.remove(name);
    }

    /** A line of a file, as far as it is wanted. */
    private record Line(long keyHash, long one, long two) {}

    /** Lines that are no more, each as often as it was removed. */
    private static final class Removed {
        private final Map<Line, Integer> left = new HashMap<>();

        Removed(long[] lines) {
            for (int at = 0; at < lines.length; at += LONGS) {
                left.merge(new Line(lines[at], lines[at + 1], lines[at + 2]), 1, Integer::sum);
            }
        }

        /** Called once for each line there was. */
        boolean holds(long keyHash, long one, long two) {
            if (left.isEmpty()) {
                return false;
            }
            Line line = new Line(keyHash, one, two);
            Integer times = left.get(line);
            if (times != null) {
                left.computeIfPresent(line, (same, count) -> count == 1 ? null : count - 1);
            }
            return times != null;
        }

        void requireNone() {
            if (!left.isEmpty()) {
                throw new ThinDamaged("hashes were removed that were not there", null);
            }
        }
    }

    private static ThinTable load(List<ThinFile> files, long[] removed, Configuration hadoop) {
        List<ThinFile> filled = new ArrayList<>(files);
        filled.removeIf(file -> file.records() == 0);
        long size = filled.stream().mapToLong(ThinFile::records).sum() - removed.length / LONGS;
        if (size < 0 || size > MOST_RECORDS) {
            throw new IllegalStateException(size + " records are too many for one table");
        }
        int bits = Math.max(1, 63 - Long.numberOfLeadingZeros(Math.max(1, size)));
        ThinTable empty = new ThinTable(new long[LONGS * (int) size], new int[(1 << bits) + 1], Long.SIZE - bits);
        boolean inOrder = removed.length == 0 && filled.stream().allMatch(file -> file.first() != null);
        if (!inOrder || !empty.isLoadedInOrder(filled, hadoop)) {
            empty.load(filled, new Removed(removed), new Removed(removed), hadoop);
        }
        return empty;
    }

    /** Sorted files that do not overlap are a table as they are, one behind the other. False if they are no such files. */
    private boolean isLoadedInOrder(List<ThinFile> files, Configuration hadoop) {
        List<ThinFile> ordered = new ArrayList<>(files);
        ordered.sort(Comparator.comparing(file -> Objects.requireNonNull(file.first())));
        int[] begins = new int[ordered.size()];
        for (int i = 1; i < begins.length; i++) {
            begins[i] = begins[i - 1] + LONGS * (int) ordered.get(i - 1).records();
        }
        // By threads of this task's own, which act for the same user as it does.
        Together.each(IntStream.range(0, begins.length).boxed().toList(), i -> {
            ThinFile file = ordered.get(i);
            int end = begins[i] + LONGS * (int) file.records();
            file.read(hadoop, new ThinFile.Sink() {
                private int at = begins[i];

                @Override
                public void record(long keyHash, long one, long two) {
                    if (at == end) {
                        throw new ThinDamaged(file.location() + " has more records than it should", null);
                    }
                    records[at] = keyHash;
                    records[at + 1] = one;
                    records[at + 2] = two;
                    at += LONGS;
                }
            });
            return i;
        });
        for (int at = LONGS; at < records.length; at += LONGS) {
            if (records[at] < records[at - LONGS]) {
                return false;
            }
        }
        for (int at = 0; at < records.length; at += LONGS) {
            starts[bucket(records[at]) + 1]++;
            sums[0] += records[at];
            sums[1] += records[at + 1];
            sums[2] += records[at + 2];
            ambiguous |= at > 0 && records[at] == records[at - LONGS];
        }
        for (int i = 1; i < starts.length; i++) {
            starts[i] += starts[i - 1];
        }
        return true;
    }

    /** Files in any order are read twice: to see how much goes into each bucket, and to put it there. */
    private void load(List<ThinFile> files, Removed first, Removed second, Configuration hadoop) {
        for (ThinFile file : files) {
            file.read(hadoop, (keyHash, one, two) -> {
                if (!first.holds(keyHash, one, two)) {
                    starts[bucket(keyHash) + 1]++;
                    sums[0] += keyHash;
                    sums[1] += one;
                    sums[2] += two;
                }
            });
        }
        first.requireNone();
        for (int i = 1; i < starts.length; i++) {
            starts[i] += starts[i - 1];
        }
        int[] next = Arrays.copyOf(starts, starts.length - 1);
        for (ThinFile file : files) {
            // What it holds was proven a moment ago; that it still does, the sums prove.
            file.unproven().read(hadoop, (keyHash, one, two) -> {
                if (second.holds(keyHash, one, two)) {
                    return;
                }
                int bucket = bucket(keyHash);
                if (next[bucket] == starts[bucket + 1]) {
                    throw new ThinDamaged(file.location() + " changed while it was read", null);
                }
                int at = LONGS * next[bucket]++;
                records[at] = keyHash;
                records[at + 1] = one;
                records[at + 2] = two;
            });
        }
        requireSums();
    }

    private void requireSums() {
        long[] found = new long[LONGS];
        for (int bucket = 0; bucket < starts.length - 1; bucket++) {
            for (int i = starts[bucket]; i < starts[bucket + 1]; i++) {
                for (int lane = 0; lane < LONGS; lane++) {
                    found[lane] += records[LONGS * i + lane];
                }
                for (int other = starts[bucket]; other < i && !ambiguous; other++) {
                    ambiguous = records[LONGS * other] == records[LONGS * i];
                }
            }
        }
        if (!Arrays.equals(found, sums)) {
            throw new ThinDamaged("hashes changed while they were read", null);
        }
    }

    /** Buckets are in the order of key hashes as Spark has it. */
    private int bucket(long keyHash) {
        return (int) ((keyHash ^ Long.MIN_VALUE) >>> shift);
    }

    int size() {
        return records.length / LONGS;
    }

    /** The sum of key hashes, and of each lane, modulo 2⁶⁴. */
    long sum(int lane) {
        return sums[lane];
    }

    /** Whether two records have one key hash, so that it does not say which is meant. */
    boolean isAmbiguous() {
        return ambiguous;
    }

    /**
     * Brings the records of these key hashes, and where they are, into the processor's caches: one after the other would
     * wait for memory each time, and here no one waits for another.
     *
     * @return nothing of use, but it depends on all that was read
     */
    long touch(long[] keyHashes, int count) {
        long read = 0;
        for (int i = 0; i < count; i++) {
            read += starts[bucket(keyHashes[i])];
        }
        int last = records.length - LONGS;
        for (int i = 0; i < count && last >= 0; i++) {
            read ^= records[Math.min(last, LONGS * starts[bucket(keyHashes[i])])];
        }
        return read;
    }

    /** The number of the record with that key hash; negative if there is none. */
    int find(long keyHash) {
        int bucket = bucket(keyHash);
        for (int i = starts[bucket], end = starts[bucket + 1]; i < end; i++) {
            if (records[LONGS * i] == keyHash) {
                return i;
            }
        }
        return -1;
    }

    long keyHash(int number) {
        return records[LONGS * number];
    }

    boolean isSame(int number, long one, long two) {
        return records[LONGS * number + 1] == one && records[LONGS * number + 2] == two;
    }
}
