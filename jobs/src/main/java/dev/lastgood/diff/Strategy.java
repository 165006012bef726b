package dev.lastgood.diff;

import dev.lastgood.workspace.DatasetSpec;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * How two sides of a dataset are compared, and why so. All ways find the same.
 *
 * @param why a sentence without a full stop
 * @param records of the side before
 * @param memory bytes that a JVM has for their hashes
 */
public record Strategy(Way way, String why, long records, long memory, Kept kept) {

    /** A table of hashes may take so large a part of the memory of a JVM. */
    private static final int PART_OF_MEMORY = 4;

    /** What is held, and what is read how often. */
    public enum Way {
        /** The hashes the snapshot has kept are held in memory, and live is read once. */
        KEPT,
        /** The hashes of the side before are made in a scan of it and held in memory, and the side after is read once. */
        MADE,
        /** The hashes of both sides are made and joined, and what differs is read in full. */
        JOIN;

        /** As it stands in results. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a snapshot has kept of its records.
     *
     * @param whyNot why nothing of it is of use; empty if it is
     * @param name equal only for equal hashes
     * @param removed those of the lines in the files that are no more: key hash and both lanes of what is compared, one
     *     line after the other
     * @param lines how many of them
     * @param sums of key hashes, and of both lanes of what is compared
     * @param fetching run before records of the side before are read
     */
    public record Kept(
            String whyNot,
            String name,
            List<ThinFile> files,
            Supplier<long[]> removed,
            long lines,
            List<Long> sums,
            Runnable fetching) {
        public Kept {
            files = List.copyOf(files);
            sums = List.copyOf(sums);
        }

        /** Nothing that is of use. */
        public static Kept nothing(String whyNot, Runnable fetching) {
            return new Kept(whyNot, "", List.of(), () -> new long[0], 0, List.of(), fetching);
        }

        boolean isUseful() {
            return whyNot.isEmpty();
        }
    }

    /** The bytes of memory that hashes may take in each JVM that runs tasks. */
    public static long memory(SparkSession session) {
        long heap = session.sparkContext().isLocal()
                ? Runtime.getRuntime().maxMemory()
                : session.sparkContext().getConf().getSizeAsMb("spark.executor.memory", "1g") << 20;
        return heap / PART_OF_MEMORY;
    }

    /**
     * The cheapest way there is.
     *
     * @param records of the side before
     * @param shared whether it is known that records of the side before share keys
     * @param memory as {@link #memory} has it
     */
    public static Strategy of(DatasetSpec dataset, long records, boolean shared, Kept kept, long memory) {
        if (!dataset.hasKey()) {
            return new Strategy(Way.JOIN, "records without a key are counted", records, memory, kept);
        }
        if (shared) {
            return new Strategy(Way.JOIN, "records share keys, and are compared as groups", records, memory, kept);
        }
        if (records > most(memory)) {
            String why = "hashes of %d records do not fit into %d MB".formatted(records, memory >> 20);
            return new Strategy(Way.JOIN, why, records, memory, kept);
        }
        if (kept.isUseful() && records * ThinTable.BYTES_A_RECORD + kept.lines() * ThinTable.BYTES_A_REMOVED > memory) {
            String why = "hashes of %d records and of %d that were removed do not fit into %d MB, so they are made"
                    .formatted(records, kept.lines(), memory >> 20);
            return new Strategy(Way.MADE, why, records, memory, kept);
        }
        return kept.isUseful()
                ? new Strategy(
                        Way.KEPT, "the snapshot keeps its hashes, and they fit into memory", records, memory, kept)
                : new Strategy(Way.MADE, kept.whyNot() + ", so they are made", records, memory, kept);
    }

    /** So many records of the side before may be held. */
    long most() {
        return most(memory);
    }

    private static long most(long memory) {
        return Math.min(memory / ThinTable.BYTES_A_RECORD, ThinTable.MOST_RECORDS);
    }

    /** Bytes that a table of the side before takes. */
    public long bytes() {
        return records * ThinTable.BYTES_A_RECORD;
    }

    /** The next best way, if this one turns out not to do. */
    public Strategy instead(Way other, String because) {
        return new Strategy(other, because, records, memory, kept);
    }
}
