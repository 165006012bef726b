package dev.lastgood.job;

import dev.lastgood.capture.Adopter;
import dev.lastgood.capture.Backup;
import dev.lastgood.capture.TableVersion;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.source.Sources;
import dev.lastgood.store.BackupFolder;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Location.FileFormat;
import dev.lastgood.workspace.Source;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adopts backups that others made as snapshots of a dataset. */
public final class AdoptJob {
    private final Workplace workplace;

    public AdoptJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * What is said of a backup; what is not is taken from the dataset, if its own files are of that format.
     *
     * @param address of a folder or a file, or of a version of a table as {@link TableVersion} reads it
     * @param format null: as the dataset's own files are
     * @param header null: as the dataset's own files have it, else true
     * @param partitions types of fields that stand in the names of folders
     * @param captured null: as the files say
     */
    public record Said(
            String address,
            @Nullable FileFormat format,
            @Nullable Boolean header,
            @Nullable String delimiter,
            @Nullable String nullText,
            Map<String, String> partitions,
            @Nullable Instant captured) {
        public Said {
            partitions = Map.copyOf(partitions);
        }
    }

    /**
     * Adopts one backup.
     *
     * @throws InvalidInput if there is none, it is not of this dataset, or lies in the store or where the dataset is
     * @throws dev.lastgood.source.SourceUnreadable if files are damaged, with all of them named
     */
    public Adopter.Adopted adopt(DatasetSpec dataset, Said said) {
        if (TableVersion.isOne(said.address())) {
            return adoptTable(dataset, said);
        }
        Location.FileFormat format = format(dataset, said);
        BackupFolder folder = BackupFolder.at(said.address(), Path.of("").toAbsolutePath(), workplace.hadoop());
        requireApart(dataset, folder);
        Backup backup =
                Backup.of(folder, reading(format), csv(dataset, said, format), partitions(dataset, said, format));
        return workplace.adopter().adopt(dataset, backup, said.captured());
    }

    /** The files of a version are never changed, so it may be one of the very table that is live. */
    private Adopter.Adopted adoptTable(DatasetSpec dataset, Said said) {
        if (said.header() != null
                || said.delimiter() != null
                || said.nullText() != null
                || said.format() != null
                || !said.partitions().isEmpty()) {
            throw InvalidInput.of(
                    "a table says itself how its files are written",
                    "Leave --format, --partition and the options of CSV out.");
        }
        Backup backup = TableVersion.at(
                said.address(), workplace.session(), Thread.currentThread().getContextClassLoader());
        return workplace.adopter().adopt(dataset, backup, said.captured());
    }

    private static Location.FileFormat format(DatasetSpec dataset, Said said) {
        if (said.format() != null) {
            return said.format();
        }
        if (dataset.location() instanceof Location.Folder own) {
            return own.format();
        }
        throw InvalidInput.of(
                "dataset '%s' is no folder of files, so nothing tells how the backup is written"
                        .formatted(dataset.name()),
                "Say it: --format parquet, orc, avro, json or csv.");
    }

    private static Reading.Format reading(Location.FileFormat format) {
        return switch (format) {
            case PARQUET -> Reading.Format.PARQUET;
            case ORC -> Reading.Format.ORC;
            case AVRO -> Reading.Format.AVRO;
            case JSON -> Reading.Format.JSON;
            case CSV -> Reading.Format.CSV;
            case DELTA, ICEBERG ->
                throw InvalidInput.of(
                        "a folder of files is not of format %s"
                                .formatted(format.name().toLowerCase(Locale.ROOT)),
                        "Name the version of the table: delta:URI@v12, iceberg:URI@ID.");
        };
    }

    private static Location.@Nullable Folder like(DatasetSpec dataset, Location.FileFormat format) {
        return dataset.location() instanceof Location.Folder own && own.format() == format ? own : null;
    }

    private static Reading.@Nullable Csv csv(DatasetSpec dataset, Said said, Location.FileFormat format) {
        if (format != Location.FileFormat.CSV) {
            if (said.header() != null || said.delimiter() != null || said.nullText() != null) {
                throw InvalidInput.of(
                        "--header, --delimiter and --null are about CSV, and the backup is %s".formatted(format),
                        "Leave them out, or say --format csv.");
            }
            return null;
        }
        Location.Folder own = like(dataset, format);
        Location.Csv usual = own == null ? Location.Csv.DEFAULT : own.csv();
        try {
            return new Reading.Csv(
                    said.header() == null ? usual.header() : said.header(),
                    said.delimiter() == null ? usual.delimiter() : said.delimiter(),
                    Reading.Csv.QUOTE,
                    said.nullText() == null ? usual.nullText() : said.nullText());
        } catch (IllegalArgumentException e) {
            throw InvalidInput.of(String.valueOf(e.getMessage()), "A delimiter is one character, and not a quote.");
        }
    }

    private static Map<String, String> partitions(DatasetSpec dataset, Said said, Location.FileFormat format) {
        Map<String, String> types = new LinkedHashMap<>();
        Location.Folder own = like(dataset, format);
        if (own != null && said.partitions().isEmpty()) {
            own.partitions().forEach((name, type) -> types.put(name, type.text()));
        }
        types.putAll(said.partitions());
        return types;
    }

    // ---- what is no backup

    /** What this program writes is no backup that others made, and what is live is none at all. */
    private void requireApart(DatasetSpec dataset, BackupFolder folder) {
        String store = settled(workplace.store().root());
        String backup = settled(folder.uri());
        if (isWithin(backup, store)) {
            throw InvalidInput.of(
                    "%s lies in the store of this workspace".formatted(folder.uri()),
                    "What is in the store are snapshots already; adopt a folder that others wrote.");
        }
        if (isWithin(store, backup)) {
            throw InvalidInput.of(
                    "the store of this workspace lies in %s".formatted(folder.uri()),
                    "Name the folder that holds the files of the backup and nothing else.");
        }
        if (workplace.workspace().source(dataset) instanceof Source.Files files
                && dataset.location() instanceof Location.Folder own) {
            String live = settled(Sources.path(files, own));
            if (isWithin(backup, live) || isWithin(live, backup)) {
                throw InvalidInput.of(
                        "%s is where dataset '%s' itself lies".formatted(folder.uri(), dataset.name()),
                        "A backup is a copy of it, in another place.");
            }
        }
    }

    private static boolean isWithin(String inner, String outer) {
        return (inner + "/").startsWith(outer.endsWith("/") ? outer : outer + "/");
    }

    /** An address in one form, of a local folder the one that links lead to. */
    private static String settled(String address) {
        boolean isUri = address.matches("[A-Za-z][A-Za-z0-9+.-]+:.*");
        if (isUri && !address.startsWith("file:")) {
            return address.replaceFirst("^abfss:", "abfs:").replaceAll("/+$", "");
        }
        Path path = Path.of(isUri ? local(address) : address).toAbsolutePath().normalize();
        Path there = path;
        // What is not there yet lies below what is.
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return there.toRealPath()
                    .resolve(there.relativize(path))
                    .normalize()
                    .toString();
        } catch (IOException e) {
            return path.toString();
        }
    }

    private static String local(String uri) {
        try {
            String path = URI.create(uri).getPath();
            return path == null ? uri.substring("file:".length()) : path;
        } catch (IllegalArgumentException e) {
            return uri.substring("file:".length()).replaceFirst("^//(?=/)", "");
        }
    }
}
