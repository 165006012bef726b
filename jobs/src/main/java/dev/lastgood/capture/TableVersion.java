package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.source.TableFormat;
import dev.lastgood.store.BackupFolder;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A version of a Delta table, or a snapshot of an Iceberg table: the files it is made of, and beside them the records as the
 * table's own reader gives them. Files say nothing of rows that were deleted in place, nor of renamed fields; so whoever
 * reads the files has to arrive at the same records, or must not read them.
 */
public final class TableVersion {
    private static final Pattern ADDRESS =
            Pattern.compile("(?<kind>delta|iceberg):(?<uri>.+?)(?:@(?<version>v?[0-9]+|[0-9]{4}-[^@/]*Z))?");

    private TableVersion() {}

    /** A table's address, taken apart. */
    private record Address(
            TableFormat kind, String uri, @Nullable String version) {}

    /** Whether an address is one of a table. */
    public static boolean isOne(String address) {
        return ADDRESS.matcher(address).matches();
    }

    /**
     * The version at an address: {@code delta:URI}, {@code delta:URI@v12}, {@code delta:URI@2026-11-20T02:00:00Z}, {@code
     * iceberg:URI}, {@code iceberg:URI@8012345678901234567}; the current one if none is named.
     *
     * @param loader of the classes that read such tables
     * @throws InvalidInput if these are not there, or there is no such version
     * @throws SourceUnreadable if the version has more to it than files with records
     */
    public static Backup at(String address, SparkSession session, @Nullable ClassLoader loader) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no address of a table: " + address);
        }
        TableFormat kind = TableFormat.valueOf(matcher.group("kind").toUpperCase(Locale.ROOT));
        kind.requireReader(loader);
        Configuration hadoop = session.sparkContext().hadoopConfiguration();
        String uri = BackupFolder.at(
                        matcher.group("uri"), java.nio.file.Path.of("").toAbsolutePath(), hadoop)
                .uri();
        Address table = new Address(kind, uri, matcher.group("version"));
        try {
            Supplier<DataFrameReader> reader = () -> kind.reader(session, uri, loader);
            return kind == TableFormat.DELTA ? delta(table, reader.get(), hadoop) : iceberg(table, reader, hadoop);
        } catch (InvalidInput | SourceUnreadable e) {
            throw e;
        } catch (Exception e) {
            throw new SourceUnreadable(
                    "the %s table at %s cannot be read: %s".formatted(kind.title(), uri, first(e)),
                    "Check the address, and that there is such a version.",
                    e);
        }
    }

    private static String first(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse(e.getClass().getSimpleName());
    }

    // ---- Delta

    private static Backup delta(Address table, DataFrameReader reader, Configuration hadoop) {
        String version = table.version();
        Optional<Instant> at = time(version);
        if (at.isPresent()) {
            reader.option("timestampAsOf", at.get().toString());
        } else if (version != null) {
            reader.option("versionAsOf", version.replace("v", ""));
        }
        Dataset<Row> records = reader.load(TableFormat.path(table.uri()));
        List<BackupFolder.Found> files = new ArrayList<>();
        for (String file : records.inputFiles()) {
            files.add(found(table, file, hadoop));
        }
        List<String> inFolders = PartitionFolders.names(
                table.uri(), files.stream().map(BackupFolder.Found::uri).toList());
        Map<String, String> types = new LinkedHashMap<>();
        Arrays.stream(records.schema().fields())
                .filter(field -> inFolders.contains(field.name()))
                .forEach(field -> types.put(field.name(), field.dataType().sql()));
        Instant committed = at.or(() -> committed(table, version, hadoop)).orElse(null);
        return new Backup(
                new Manifest.Source(TableFormat.DELTA.format(), table.uri(), version == null ? "current" : version),
                Reading.Format.PARQUET,
                table.uri(),
                sorted(table, files),
                null,
                inFolders,
                types,
                committed,
                List.of(),
                records);
    }

    private static Optional<Instant> time(@Nullable String version) {
        try {
            return version == null || !version.endsWith("Z") ? Optional.empty() : Optional.of(Instant.parse(version));
        } catch (DateTimeException e) {
            throw InvalidInput.of("'%s' is no time".formatted(version), "Write it in UTC: 2026-11-20T02:00:00Z.");
        }
    }

    /** When the entry of its log was written; nothing of a version that is not named, or whose entry was removed. */
    private static Optional<Instant> committed(Address table, @Nullable String version, Configuration hadoop) {
        if (version == null) {
            return Optional.empty();
        }
        String entry = "%s/_delta_log/%020d.json".formatted(table.uri(), Long.parseLong(version.replace("v", "")));
        return BackupFolder.status(entry, hadoop).map(BackupFolder.Found::modified);
    }

    // ---- Iceberg

    private static Backup iceberg(Address table, Supplier<DataFrameReader> tables, Configuration hadoop) {
        String path = TableFormat.path(table.uri());
        Row snapshot = snapshot(table, tables, path);
        String id = Long.toString(snapshot.getLong(0));
        DataFrameReader reader = tables.get().option("versionAsOf", id);
        TreeSet<String> formats = new TreeSet<>();
        List<String> named = new ArrayList<>();
        for (Row file : reader.load(path + "#files")
                .select(col("content"), col("file_path"), col("file_format"))
                .collectAsList()) {
            if (file.getInt(0) != 0) {
                throw new SourceUnreadable(
                        "snapshot %s of the Iceberg table at %s has rows that are deleted by files of their own: %s"
                                .formatted(id, table.uri(), file.getString(1)),
                        "Have its data files rewritten (rewrite_data_files with delete-file-threshold 1), and adopt the"
                                + " snapshot that results.",
                        null);
            }
            formats.add(file.getString(2).toUpperCase(Locale.ROOT));
            named.add(file.getString(1));
        }
        List<BackupFolder.Found> files =
                named.stream().map(file -> found(table, file, hadoop)).toList();
        if (formats.size() > 1) {
            throw new SourceUnreadable(
                    "snapshot %s of the Iceberg table at %s has files of several formats: %s"
                            .formatted(id, table.uri(), formats),
                    "Have its data files rewritten in one format, and adopt the snapshot that results.",
                    null);
        }
        return new Backup(
                new Manifest.Source(TableFormat.ICEBERG.format(), table.uri(), id),
                formats.isEmpty() ? Reading.Format.PARQUET : Reading.Format.valueOf(formats.first()),
                table.uri(),
                sorted(table, files),
                null,
                List.of(),
                Map.of(),
                snapshot.getInstant(1),
                List.of(),
                tables.get().option("versionAsOf", id).load(path));
    }

    /** Its id, and when it was committed. */
    private static Row snapshot(Address table, Supplier<DataFrameReader> tables, String path) {
        Dataset<Row> snapshots = tables.get().load(path + "#snapshots");
        String version = table.version();
        List<Row> found = version == null
                ? tables.get()
                        .load(path + "#refs")
                        .where(col("name").equalTo("main"))
                        .join(snapshots, "snapshot_id")
                        .select("snapshot_id", "committed_at")
                        .collectAsList()
                : snapshots
                        .where(col("snapshot_id").cast("string").equalTo(version))
                        .select("snapshot_id", "committed_at")
                        .collectAsList();
        if (found.isEmpty()) {
            throw InvalidInput.of(
                    "the Iceberg table at %s has no snapshot %s"
                            .formatted(table.uri(), version == null ? "yet" : version),
                    "Iceberg's metadata table 'snapshots' lists those that it has.");
        }
        return found.get(0);
    }

    // ---- files

    private static List<BackupFolder.Found> sorted(Address table, List<BackupFolder.Found> files) {
        if (files.isEmpty()) {
            throw InvalidInput.of(
                    "there is no file in that version of the %s table at %s"
                            .formatted(table.kind().title(), table.uri()),
                    "A backup of nothing proves nothing; name a version that has records.");
        }
        return files.stream()
                .sorted(Comparator.comparing(BackupFolder.Found::uri))
                .toList();
    }

    /** A file by what a table calls it: some encode what others do not, and some leave out where the table is. */
    private static BackupFolder.Found found(Address table, String named, Configuration hadoop) {
        return spellings(URI.create(table.uri()), named).stream()
                .flatMap(uri -> BackupFolder.status(uri, hadoop).stream())
                .findFirst()
                .orElseThrow(() -> new SourceUnreadable(
                        "a file of that version is not there any more: %s".formatted(named),
                        "It was cleaned up; adopt a later version.",
                        null));
    }

    private static List<String> spellings(URI table, String named) {
        List<String> spellings = new ArrayList<>();
        try {
            if (new URI(named).isAbsolute()) {
                spellings.add(BackupFolder.plain(named));
            }
        } catch (URISyntaxException e) {
            spellings.clear(); // not encoded, then
        }
        URI plain = new Path(named).toUri();
        URI whole =
                plain.isAbsolute() ? plain : new Path(table.getScheme(), table.getAuthority(), plain.getPath()).toUri();
        spellings.add(BackupFolder.plain(whole.toString()));
        return spellings;
    }
}
