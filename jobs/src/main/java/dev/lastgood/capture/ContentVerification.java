package dev.lastgood.capture;

import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** The levels of verification that need the engine: L1 reads what the files say of themselves, L3 every record. */
public final class ContentVerification {
    private final SparkSession session;
    private final Store store;
    private final Sources sources;

    public ContentVerification(SparkSession session, Store store, Sources sources) {
        this.session = session;
        this.store = store;
        this.sources = sources;
    }

    /** L1: each file can be opened as Parquet, has the fields of the manifest and as many records as it says. */
    public VerificationReport footers(Manifest manifest) {
        List<Damage> damages = new ArrayList<>();
        long examined = 0;
        long records = 0;
        for (FileEntry file : manifest.files(FileEntry.Side.DATA)) {
            String path = ReadPaths.literal(store.location(manifest.folder() + "/" + file.path()));
            examined++;
            try {
                StructType schema = session.read().parquet(path).schema();
                String expected = manifest.schema().fields().stream()
                        .map(field -> field.name() + " " + field.type())
                        .toList()
                        .toString();
                String found = List.of(schema.fields()).stream()
                        .map(field -> field.name() + " " + field.dataType().sql())
                        .toList()
                        .toString();
                if (!expected.equals(found)) {
                    damages.add(Damage.of(file.path(), Damage.Kind.SCHEMA, expected, found));
                }
                long counted = session.read()
                        .schema(schema)
                        .parquet(path)
                        .agg(functions.count(functions.lit(1)))
                        .head()
                        .getLong(0);
                records += counted;
                if (file.records() != null && counted != file.records()) {
                    damages.add(Damage.of(
                            file.path(), Damage.Kind.COUNT, file.records() + " records", counted + " records"));
                }
            } catch (Exception e) {
                damages.add(
                        new Damage(file.path(), Damage.Kind.CORRUPT, "it cannot be opened as Parquet: " + first(e)));
            }
        }
        return VerificationReport.of(Level.L1, examined, 0, records, damages);
    }

    private static String first(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse(e.getClass().getSimpleName());
    }

    /** L3: the records, read again through the engine, have the counts and bucket digests of the manifest. */
    public VerificationReport content(DatasetSpec dataset, Manifest manifest) {
        List<Damage> damages = new ArrayList<>();
        Content content;
        try {
            Frame frame = new Frame(
                    new SnapshotReader(session, store).records(manifest),
                    sources.frame(
                                    dataset,
                                    new SnapshotReader(session, store).records(manifest),
                                    SnapshotReader.views(manifest))
                            .shape());
            content = Content.of(dataset, frame);
        } catch (Exception e) {
            damages.add(new Damage(Manifest.NAME, Damage.Kind.CORRUPT, "the records cannot be read: " + first(e)));
            return VerificationReport.of(Level.L3, manifest.files().size(), 0, 0, damages);
        }
        Map<String, long[]> counts = new LinkedHashMap<>();
        counts.put("records", new long[] {manifest.counts().records(), content.records()});
        counts.put("distinct keys", new long[] {manifest.counts().distinctKeys(), content.distinctKeys()});
        counts.put("duplicate keys", new long[] {manifest.counts().duplicateKeys(), content.duplicateKeys()});
        counts.forEach((what, pair) -> {
            if (pair[0] != pair[1]) {
                damages.add(Damage.of(Manifest.NAME, Damage.Kind.COUNT, pair[0] + " " + what, pair[1] + " " + what));
            }
        });
        Manifest.BucketFile sidecar = manifest.buckets();
        if (sidecar == null) {
            damages.add(new Damage(Manifest.NAME, Damage.Kind.NOT_EXAMINED, "the manifest has no bucket digests"));
        } else if (!content.buckets().totals().equals(sidecar.totals())) {
            damages.add(new Damage(
                    sidecar.path(),
                    Damage.Kind.CONTENT,
                    "the records are not those that were captured: " + dirty(manifest, content)));
        }
        return VerificationReport.of(Level.L3, manifest.files().size(), 0, content.records(), damages);
    }

    /** How many buckets differ, if the sidecar can be read. */
    private String dirty(Manifest manifest, Content content) {
        Manifest.BucketFile sidecar = manifest.buckets();
        if (sidecar == null) {
            return "";
        }
        return store.read(manifest.folder() + "/" + sidecar.path())
                .map(bytes -> {
                    Buckets then = Buckets.decode(sidecar.path(), bytes);
                    int differ = 0;
                    for (int i = 0; i < then.count(); i++) {
                        differ += then.get(i).equals(content.buckets().get(i)) ? 0 : 1;
                    }
                    return "%d of %d buckets differ".formatted(differ, then.count());
                })
                .orElse("the bucket digests are missing");
    }
}
