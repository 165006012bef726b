package dev.lastgood.diff;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.source.Frame;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;
import org.roaringbitmap.BitSetUtil;
import org.roaringbitmap.RoaringBitmap;

/**
 * Finds the records that differ by holding the thin records of one side in memory and looking up those of the other during
 * its only scan. What is kept in full of that scan, and what is read in full of the first side then, is told apart by keys
 * and fields like everything else: a hash only ever says that two records are the same, and that with all its bits.
 *
 * <p>Each task marks which records of the first side it has found to be the same, and hands that on as a row of what it
 * writes. So a task that is tried again, or twice at once, counts once, and a cluster says what one JVM says.
 */
public final class Probe {
    /** Bytes of what tasks say that are held at once. */
    private static final long AT_ONCE = 64L << 20;

    private final SparkSession session;
    private final String folder;
    private final Configuration hadoop;

    /** @param folder a fresh folder for what is kept of both sides, as a URI */
    public Probe(SparkSession session, String folder) {
        this.session = session;
        this.folder = folder;
        this.hadoop = session.sparkContext().hadoopConfiguration();
    }

    /**
     * The records that may differ, in full: every one that does is among them.
     *
     * @param records how many there are of the side after
     * @param none whether there is none, so that both sides are the same
     */
    public record Candidates(Frame before, Frame after, long records, boolean none) {}

    /** Why hashes in memory cannot tell: the sides are to be joined. */
    public static final class Undecided extends Exception {
        private static final long serialVersionUID = 1;

        Undecided(String why) {
            super(why);
        }
    }

    /** Whether the records of a frame are hashed column by column; if not, row by row in generated code. */
    public static boolean readsColumns(DatasetSpec dataset, Frame frame) {
        return HashedPass.way(dataset, frame) == HashedPass.Way.COLUMNS;
    }

    /**
     * The candidates by a strategy that holds hashes in memory.
     *
     * @throws Undecided if the sides are to be joined
     * @throws ThinDamaged if the hashes that were kept are not what they were; nothing but them is wrong
     */
    public Candidates candidates(DatasetSpec dataset, Strategy strategy, Frame before, Frame after) throws Undecided {
        Strategy.Kept kept = strategy.kept();
        if (strategy.way() == Strategy.Way.KEPT) {
            return probed(dataset, thin(kept), before, after, kept.fetching());
        }
        kept.fetching().run();
        List<ThinFile> files = made(dataset, before);
        if (files.stream().mapToLong(ThinFile::records).sum() > strategy.most()) {
            throw new Undecided("there are more records than were expected");
        }
        String name = UUID.randomUUID().toString();
        ThinSide thin = new ThinSide(name, files, new long[0], null, ThinSide.Hadoop.of(hadoop));
        return probed(dataset, thin, before, after, () -> {});
    }

    private ThinSide thin(Strategy.Kept kept) {
        return new ThinSide(kept.name(), kept.files(), kept.removed().get(), kept.sums(), ThinSide.Hadoop.of(hadoop));
    }

    /**
     * The key hashes of records that differ from those of the side before, of which a snapshot has kept the hashes: of those
     * that changed, that are new, and that are gone.
     *
     * @param hashes of the side after: a key hash and two lanes of what is compared, a row a record
     * @return one column, {@link Fingerprint#KEY_HASH}
     * @throws Undecided if the hashes of both sides are to be joined
     * @throws ThinDamaged if the hashes that were kept are not what they were; nothing but them is wrong
     */
    public Dataset<Row> differing(Strategy.Kept kept, Dataset<Row> hashes) throws Undecided {
        ThinSide thin = thin(kept);
        return held(thin, () -> {
            Dataset<Row> found = written(HashedPass.overHashes(hashes, new Probing(thin)), "differing");
            Seen seen = seen(found, HashedPass.HASHES, thin);
            Dataset<Row> differing = records(found, HashedPass.HASHES);
            RoaringBitmap there = RoaringBitmap.or(seen.same, seen.different);
            if (there.getLongCardinality() == thin.records()) {
                return differing;
            }
            // One task says them, one after the other: they are as many as are gone.
            Dataset<Row> gone = session.range(0, 1, 1, 1)
                    .mapPartitions(new Missing(thin, bytes(there)), Encoders.LONG())
                    .toDF(Fingerprint.KEY_HASH);
            gone.write().parquet(folder + "/gone");
            return differing.unionAll(
                    session.read().schema(gone.schema()).parquet(ReadPaths.literal(folder + "/gone")));
        });
    }

    /** What is done while a table is held. */
    private interface Work<T> {
        T run() throws Undecided;
    }

    private <T> T held(ThinSide thin, Work<T> work) throws Undecided {
        try {
            if (session.sparkContext().isLocal()) {
                // Damage is better seen here than in a task.
                if (thin.table().isAmbiguous()) {
                    throw Seen.ambiguousBefore();
                }
            }
            return work.run();
        } catch (Exception e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof ThinDamaged damaged) {
                    throw damaged;
                }
            }
            throw e;
        } finally {
            ThinTable.forget(thin.name());
        }
    }

    /** What all tasks said, if that decides. */
    private static Seen seen(Dataset<Row> kept, StructType stored, ThinSide thin) throws Undecided {
        Seen seen = new Seen();
        Dataset<Row> said = summariesOf(kept, stored);
        // One a task. Where that is much, one job after the other brings them.
        long most = thin.records() / Byte.SIZE * kept.inputFiles().length;
        Iterator<Row> rows = most < AT_ONCE ? said.collectAsList().iterator() : said.toLocalIterator();
        while (rows.hasNext()) {
            seen.add(rows.next().getAs(0));
        }
        seen.requireDecided();
        return seen;
    }

    /** The hashes of a side, made in a scan of it. */
    private List<ThinFile> made(DatasetSpec dataset, Frame before) {
        Dataset<Row> written =
                HashedPass.over(dataset, before, new Making(folder + "/thin", ThinSide.Hadoop.of(hadoop)));
        List<ThinFile> files = new ArrayList<>();
        for (byte[] said : summaries(written, before.shape().stored())) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(said))) {
                files.add(new ThinFile(in.readUTF(), in.readLong(), null, null));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    private Candidates probed(DatasetSpec dataset, ThinSide thin, Frame before, Frame after, Runnable fetching)
            throws Undecided {
        return held(thin, () -> {
            StructType ofBefore = before.shape().stored();
            StructType ofAfter = after.shape().stored();
            Dataset<Row> kept = written(HashedPass.over(dataset, after, new Probing(thin)), "after");
            Seen seen = seen(kept, ofAfter, thin);
            long missing = thin.records() - seen.same.getLongCardinality();
            if (missing > 0 || seen.kept > 0) {
                fetching.run();
            }
            Dataset<Row> fetched = none(before);
            if (missing > 0) {
                byte[] same = bytes(seen.same);
                fetched = written(HashedPass.over(dataset, before, new Fetching(thin, same)), "before");
                requireAll(fetched, ofBefore, thin, missing);
            }
            return new Candidates(
                    new Frame(records(fetched, ofBefore), before.shape()),
                    new Frame(records(kept, ofAfter), after.shape()),
                    seen.records,
                    missing == 0 && seen.kept == 0);
        });
    }

    private Dataset<Row> none(Frame before) {
        return session.createDataFrame(
                List.of(),
                before.shape()
                        .stored()
                        .add(
                                HashedPass.summary(before.shape().stored()),
                                org.apache.spark.sql.types.DataTypes.BinaryType));
    }

    private static void requireAll(Dataset<Row> fetched, StructType stored, ThinSide thin, long missing)
            throws Undecided {
        long seen = 0;
        long found = 0;
        boolean strange = false;
        for (byte[] said : summaries(fetched, stored)) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(said))) {
                seen += in.readLong();
                found += in.readLong();
                strange |= in.readBoolean();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (strange || seen != thin.records() || found != missing) {
            throw new Undecided(
                    thin.isKept()
                            ? "the hashes the snapshot has kept are not those of its records"
                            : "records before changed while they were compared");
        }
    }

    private Dataset<Row> written(Dataset<Row> rows, String part) {
        String at = folder + "/" + part;
        // Read once or twice, soon.
        rows.write()
                .option("compression", "lz4_raw")
                .option("parquet.enable.dictionary", "false")
                .parquet(at);
        return session.read().schema(rows.schema()).parquet(ReadPaths.literal(at));
    }

    private static Dataset<Row> records(Dataset<Row> rows, StructType stored) {
        Column[] columns = Arrays.stream(stored.fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        return rows.where(col(HashedPass.summary(stored)).isNull()).select(columns);
    }

    private static Dataset<Row> summariesOf(Dataset<Row> rows, StructType stored) {
        Column summary = col(HashedPass.summary(stored));
        return rows.where(summary.isNotNull()).select(summary);
    }

    private static List<byte[]> summaries(Dataset<Row> rows, StructType stored) {
        return summariesOf(rows, stored).collectAsList().stream()
                .map(row -> row.<byte[]>getAs(0))
                .toList();
    }

    private static byte[] bytes(RoaringBitmap bitmap) {
        bitmap.runOptimize();
        return said(bitmap::serialize);
    }

    private static RoaringBitmap bitmap(DataInputStream in) throws IOException {
        RoaringBitmap bitmap = new RoaringBitmap();
        bitmap.deserialize(in);
        return bitmap;
    }

    /** What all tasks have found of the side before. */
    private static final class Seen {
        private final RoaringBitmap same = new RoaringBitmap();
        private final RoaringBitmap different = new RoaringBitmap();
        private long records;
        private long kept;
        private boolean isTwice;
        private boolean isAmbiguous;

        void add(byte[] said) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(said))) {
                records += in.readLong();
                kept += in.readLong();
                isTwice |= in.readBoolean();
                isAmbiguous |= in.readBoolean();
                RoaringBitmap alike = bitmap(in);
                isTwice |= RoaringBitmap.intersects(same, alike);
                same.or(alike);
                different.or(bitmap(in));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static Undecided ambiguousBefore() {
            return new Undecided("several records before share a key, or the hash of one");
        }

        /** A record that is the same leaves no other with its key hash to be looked at: there must not be one. */
        void requireDecided() throws Undecided {
            if (isAmbiguous) {
                throw ambiguousBefore();
            } else if (isTwice || RoaringBitmap.intersects(same, different)) {
                throw new Undecided("several records after share a key, or the hash of one");
            }
        }
    }

    // ---- what tasks do

    /** Keeps what is not the same as a record of the table. */
    private record Probing(ThinSide thin) implements HashedPass.Act {
        @Override
        public boolean asksForLanes() {
            return true;
        }

        @Override
        public HashedPass.Visit begin() {
            ThinTable table = thin.table();
            long[] same = new long[(table.size() + Long.SIZE - 1) / Long.SIZE];
            RoaringBitmap different = new RoaringBitmap();
            return new HashedPass.Visit() {
                private long records;
                private long kept;
                private boolean isTwice;
                private long touched;

                @Override
                public void expect(long[] keyHashes, int count) {
                    touched += table.touch(keyHashes, count);
                }

                @Override
                public boolean keeps(long keyHash, long one, long two) {
                    records++;
                    int number = table.find(keyHash);
                    if (number >= 0 && table.isSame(number, one, two)) {
                        long bit = 1L << number;
                        isTwice |= (same[number >> 6] & bit) != 0;
                        same[number >> 6] |= bit;
                        return false;
                    }
                    if (number >= 0) {
                        different.add(number);
                    }
                    kept++;
                    return true;
                }

                @Override
                public byte[] end() {
                    return said(out -> {
                        out.writeLong(records);
                        out.writeLong(kept);
                        out.writeBoolean(isTwice);
                        out.writeBoolean(table.isAmbiguous());
                        BitSetUtil.bitmapOf(same).serialize(out);
                        different.runOptimize();
                        different.serialize(out);
                    });
                }
            };
        }
    }

    /** Says the key hashes of records that are not among those. */
    private static final class Missing implements MapPartitionsFunction<Long, Long> {
        private static final long serialVersionUID = 1;

        private final ThinSide thin;
        private final byte[] there;

        Missing(ThinSide thin, byte[] there) {
            this.thin = thin;
            this.there = there;
        }

        @Override
        public Iterator<Long> call(Iterator<Long> nothing) {
            ThinTable table = thin.table();
            RoaringBitmap missing;
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(there))) {
                missing = RoaringBitmap.flip(bitmap(in), 0L, table.size());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return missing.stream().mapToObj(table::keyHash).iterator();
        }
    }

    /** Keeps the records of the table's own side that were not found to be the same. */
    private static final class Fetching implements HashedPass.Act {
        private static final long serialVersionUID = 1;

        private final ThinSide thin;
        private final byte[] same;

        Fetching(ThinSide thin, byte[] same) {
            this.thin = thin;
            this.same = same;
        }

        @Override
        public boolean asksForLanes() {
            return false;
        }

        @Override
        public HashedPass.Visit begin() {
            ThinTable table = thin.table();
            RoaringBitmap alike;
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(same))) {
                alike = bitmap(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new HashedPass.Visit() {
                private long records;
                private long kept;
                private boolean isStrange;
                private long touched;

                @Override
                public void expect(long[] keyHashes, int count) {
                    touched += table.touch(keyHashes, count);
                }

                @Override
                public boolean keeps(long keyHash, long one, long two) {
                    records++;
                    int number = table.find(keyHash);
                    isStrange |= number < 0;
                    boolean keeps = number < 0 || !alike.contains(number);
                    kept += keeps ? 1 : 0;
                    return keeps;
                }

                @Override
                public byte[] end() {
                    return said(out -> {
                        out.writeLong(records);
                        out.writeLong(kept);
                        out.writeBoolean(isStrange);
                    });
                }
            };
        }
    }

    /** Keeps nothing, and writes the hashes to a file of the task's own. */
    private record Making(String folder, ThinSide.Hadoop hadoop) implements HashedPass.Act {
        @Override
        public boolean asksForLanes() {
            return true;
        }

        @Override
        public HashedPass.Visit begin() {
            String location = folder + "/" + UUID.randomUUID();
            ThinFile.Writer writer = writer(location);
            Optional.ofNullable(TaskContext.get())
                    .ifPresent(task -> task.addTaskCompletionListener((TaskCompletionListener) done -> close(writer)));
            return new HashedPass.Visit() {
                private long records;

                @Override
                public boolean keeps(long keyHash, long one, long two) {
                    records++;
                    writer.record(keyHash, one, two);
                    return false;
                }

                @Override
                public byte[] end() {
                    close(writer);
                    return said(out -> {
                        out.writeUTF(location);
                        out.writeLong(records);
                    });
                }
            };
        }

        private ThinFile.Writer writer(String location) {
            Path path = new Path(location);
            try {
                return new ThinFile.Writer(
                        path.getFileSystem(hadoop.configuration()).create(path, false));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void close(ThinFile.Writer writer) {
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What a task says, written down. */
    private interface Words {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] said(Words words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            words.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
