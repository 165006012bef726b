package dev.lastgood.diff;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Where the thin records of a side lie, for whoever loads them, on whichever machine. */
final class ThinSide implements Serializable {
    private static final long serialVersionUID = 1;
    private static final int LANES = 3;

    private final String name;
    private final List<ThinFile> files;
    private final long[] removed;
    private final @Nullable List<Long> sums;
    private final Hadoop hadoop;

    /**
     * @param name equal only for equal records
     * @param removed those of the lines that are no more, three longs each
     * @param sums of key hashes and of both lanes, modulo 2⁶⁴; null where nobody has told them before
     */
    ThinSide(String name, List<ThinFile> files, long[] removed, @Nullable List<Long> sums, Hadoop hadoop) {
        this.name = name;
        this.files = new ArrayList<>(files);
        this.removed = removed.clone();
        this.sums = sums == null ? null : new ArrayList<>(sums);
        this.hadoop = hadoop;
    }

    String name() {
        return name;
    }

    /** Whether these are hashes that somebody vouches for. */
    boolean isKept() {
        return sums != null;
    }

    /** The configuration of Hadoop, which is no value by itself. */
    record Hadoop(SerializableConfiguration held) implements Serializable {
        static Hadoop of(Configuration configuration) {
            return new Hadoop(new SerializableConfiguration(configuration));
        }

        Configuration configuration() {
            return held.value();
        }
    }

    long records() {
        return files.stream().mapToLong(ThinFile::records).sum() - removed.length / LANES;
    }

    /**
     * Its records in memory, loaded once a JVM.
     *
     * @throws ThinDamaged if they are not those that were kept
     */
    ThinTable table() {
        ThinTable table = ThinTable.of(name, files, removed, hadoop.configuration());
        for (int lane = 0; sums != null && lane < LANES; lane++) {
            if (!Objects.equals(sums.get(lane), table.sum(lane))) {
                ThinTable.forget(name);
                throw new ThinDamaged("the hashes do not add up to those of the records", null);
            }
        }
        return table;
    }
}
