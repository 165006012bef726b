package dev.lastgood.diff;

import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The thin records of one side in memory, found by key hash: one array of longs, three a record, in buckets by the highest
 * bits of the hash, and where each bucket begins. About 28 bytes a record. Never changed once it is loaded.
 */
final class ThinTable {
    /** Bytes of memory a record. */
    static final long BYTES_A_RECORD = 28;

    /** More do not fit into an array. */
    static final long MOST_RECORDS = (Integer.MAX_VALUE - 16) / 3;

    /** Those of this JVM that memory has room for. */
    private static final Map<String, SoftReference<ThinTable>> LOADED = new ConcurrentHashMap<>();

    private final long[] records;
    private final int[] starts;
    private final int shift;
    private final boolean ambiguous;
    private final long[] sums;

    private ThinTable(long[] records, int[] starts, int shift, boolean ambiguous, long[] sums) {
        this.records = records;
        this.starts = starts;
        this.shift = shift;
        this.ambiguous = ambiguous;
        this.sums = sums;
    }

    /** The table of this name in this JVM, loaded once for all its tasks. */
    static ThinTable of(String name, List<ThinFile> files, long[] removed, ThinFile.Lanes lanes, Configuration hadoop) {
        ThinTable found = loaded(name);
        if (found != null) {
            return found;
        }
        synchronized (LOADED) {
            found = loaded(name);
            if (found == null) {
                LOADED.values().removeIf(reference -> reference.get() == null);
                found = load(files, removed, lanes, hadoop);
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
            for (int at = 0; at < lines.length; at += 3) {
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

    private static ThinTable load(List<ThinFile> files, long[] removed, ThinFile.Lanes lanes, Configuration hadoop) {
        long size = files.stream().mapToLong(ThinFile::records).sum() - removed.length / 3;
        if (size < 0 || size > MOST_RECORDS) {
            throw new IllegalStateException(size + " records are too many for one table");
        }
        int bits = Math.max(1, 63 - Long.numberOfLeadingZeros(Math.max(1, size)));
        int shift = Long.SIZE - bits;
        int[] starts = new int[(1 << bits) + 1];
        long[] sums = new long[3];
        List<ThinFile> filled = new ArrayList<>(files);
        filled.removeIf(file -> file.records() == 0);
        Removed first = new Removed(removed);
        for (ThinFile file : filled) {
            file.read(hadoop, lanes, (keyHash, one, two) -> {
                if (first.holds(keyHash, one, two)) {
                    return;
                }
                starts[(int) (keyHash >>> shift) + 1]++;
                sums[0] += keyHash;
                sums[1] += one;
                sums[2] += two;
            });
        }
        first.requireNone();
        for (int i = 1; i < starts.length; i++) {
            starts[i] += starts[i - 1];
        }
        long[] records = new long[3 * (int) size];
        Removed second = new Removed(removed);
        int[] next = java.util.Arrays.copyOf(starts, starts.length - 1);
        for (ThinFile file : filled) {
            // What it holds was proven a moment ago; that it still does, the sums prove.
            new ThinFile(file.location(), file.records(), null).read(hadoop, lanes, (keyHash, one, two) -> {
                if (second.holds(keyHash, one, two)) {
                    return;
                }
                int bucket = (int) (keyHash >>> shift);
                if (next[bucket] == starts[bucket + 1]) {
                    throw new ThinDamaged(file.location() + " changed while it was read", null);
                }
                int at = 3 * next[bucket]++;
                records[at] = keyHash;
                records[at + 1] = one;
                records[at + 2] = two;
            });
        }
        return checked(records, starts, shift, sums);
    }

    private static ThinTable checked(long[] records, int[] starts, int shift, long[] sums) {
        long[] found = new long[3];
        boolean ambiguous = false;
        for (int bucket = 0; bucket < starts.length - 1; bucket++) {
            for (int i = starts[bucket]; i < starts[bucket + 1]; i++) {
                long keyHash = records[3 * i];
                found[0] += keyHash;
                found[1] += records[3 * i + 1];
                found[2] += records[3 * i + 2];
                for (int other = starts[bucket]; other < i && !ambiguous; other++) {
                    ambiguous = records[3 * other] == keyHash;
                }
            }
        }
        if (!java.util.Arrays.equals(found, sums)) {
            throw new ThinDamaged("hashes changed while they were read", null);
        }
        return new ThinTable(records, starts, shift, ambiguous, sums);
    }

    int size() {
        return records.length / 3;
    }

    /** The sum of key hashes, and of each lane, modulo 2⁶⁴. */
    long sum(int lane) {
        return sums[lane];
    }

    /** Whether two records have one key hash, so that it does not say which is meant. */
    boolean isAmbiguous() {
        return ambiguous;
    }

    /** The number of the record with that key hash; negative if there is none. */
    int find(long keyHash) {
        int bucket = (int) (keyHash >>> shift);
        for (int i = starts[bucket], end = starts[bucket + 1]; i < end; i++) {
            if (records[3 * i] == keyHash) {
                return i;
            }
        }
        return -1;
    }

    boolean isSame(int number, long one, long two) {
        return records[3 * number + 1] == one && records[3 * number + 2] == two;
    }
}
