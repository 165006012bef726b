package dev.lastgood.capture;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.diff.Strategy;
import dev.lastgood.diff.ThinFile;
import dev.lastgood.record.Digest128;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Lineage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The hashes that a snapshot has kept beside its records, as far as they are of use today. */
public final class KeptThin {
    private KeptThin() {}

    static Sha256 settings(DatasetSpec dataset, Shape shape) {
        String text = Fingerprint.settings(dataset, shape) + "\ncanonical " + SnapshotTaker.CANONICAL;
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** So many lines of hashes that are no more are held beside those that are. */
    private static final long MOST_REMOVED = 1_000_000;

    /**
     * What a diff of other records with those of a snapshot can make use of.
     *
     * @param before the records of the snapshot, seen as the others are
     * @param altered whether its records are seen otherwise than they were kept: fields were renamed, retyped or left out
     * @param fetching run before records of the snapshot are read
     */
    public static Strategy.Kept of(
            SparkSession session,
            DatasetSpec dataset,
            Manifest manifest,
            Store store,
            Frame before,
            boolean altered,
            Runnable fetching) {
        Manifest.BucketFile buckets = manifest.buckets();
        List<Manifest> chain = Lineage.of(manifest, store);
        if (buckets == null || chain.stream().anyMatch(one -> one.hashing().thin() == null)) {
            return Strategy.Kept.nothing("the snapshot keeps no hashes", fetching);
        }
        boolean upgraded = dataset.upgrades().stream()
                .anyMatch(upgrade ->
                        chain.stream().anyMatch(one -> one.capture().from().isBefore(upgrade.until())));
        if (altered || upgraded) {
            return Strategy.Kept.nothing("fields are not what they were when the snapshot was taken", fetching);
        }
        Sha256 settings = settings(dataset, before.shape());
        if (chain.stream().anyMatch(one -> !settings.equals(one.hashing().thin()))) {
            return Strategy.Kept.nothing(
                    "key, ignored fields or types are not what they were when the snapshot was taken", fetching);
        }
        long lines = chain.stream().mapToLong(KeptThin::removed).sum();
        if (lines > MOST_REMOVED) {
            return Strategy.Kept.nothing("too much was removed since the last full snapshot", fetching);
        }
        List<ThinFile> files = chain.stream()
                .flatMap(one -> one.files(FileEntry.Side.THIN).stream()
                        .map(file -> new ThinFile(
                                store.location(one.folder() + "/" + file.path()),
                                file.records() == null ? 0 : file.records(),
                                file.sha256().hex(),
                                file.keys() == null ? null : file.keys().from())))
                .toList();
        Digest128 compared = buckets.totals().compare();
        return new Strategy.Kept(
                "",
                manifest.digest().hex(),
                files,
                () -> removed(new ChainReader(session, store), chain, fetching),
                lines,
                List.of(buckets.totals().keys().high(), compared.high(), compared.low()),
                fetching);
    }

    private static long removed(Manifest one) {
        Manifest.Delta delta = one.chain().delta();
        return delta == null ? 0 : delta.removed().totals().records();
    }

    /** Key hash and what is compared of all lines that were removed along a chain. */
    private static long[] removed(ChainReader reader, List<Manifest> chain, Runnable intact) {
        List<Row> rows = new ArrayList<>();
        if (chain.size() > 1) {
            intact.run();
        }
        for (Manifest one : chain) {
            if (removed(one) > 0) {
                rows.addAll(reader.removed(one)
                        .select(Fingerprint.KEY_HASH, Fingerprint.COMPARE_1, Fingerprint.COMPARE_2)
                        .collectAsList());
            }
        }
        return rows.stream()
                .flatMapToLong(row -> LongStream.of(row.getLong(0), row.getLong(1), row.getLong(2)))
                .toArray();
    }
}
