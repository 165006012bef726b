package dev.lastgood.capture;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.store.AdoptedFiles;
import dev.lastgood.store.BackupFolder;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A backup that others made, as it is found: which files belong to it, and how they are to be read.
 *
 * @param root absolute URI of the folder, file or table
 * @param csv null for other formats
 * @param inFolders the fields that stand in the names of folders and not in the files
 * @param types of such fields, as they were declared; those left out are text
 * @param version when the table's version was written; null of plain files
 * @param remarks what is to be told to whoever adopts it
 * @param witness the records as somebody else reads them, who knows more than the files say; null of plain files
 */
public record Backup(
        Manifest.Source source,
        Reading.Format format,
        String root,
        List<BackupFolder.Found> files,
        Reading.@Nullable Csv csv,
        List<String> inFolders,
        Map<String, String> types,
        @Nullable Instant version,
        List<String> remarks,
        @Nullable Dataset<Row> witness) {

    public Backup {
        files = List.copyOf(files);
        inFolders = List.copyOf(inFolders);
        types = Map.copyOf(types);
        remarks = List.copyOf(remarks);
    }

    /**
     * All that lies in a folder.
     *
     * @throws InvalidInput if there is nothing, or what there is is not a backup's whole content
     */
    public static Backup of(
            BackupFolder folder, Reading.Format format, Reading.@Nullable Csv csv, Map<String, String> types) {
        BackupFolder.Listing listing = folder.listing();
        refuseTables(folder, listing);
        if (listing.files().isEmpty()) {
            throw InvalidInput.of(
                    "there is no file at %s".formatted(folder.uri())
                            + (listing.leftOut().isEmpty() ? "" : "; left out is " + listing.leftOut()),
                    "A backup of nothing proves nothing; name the folder that holds its files.");
        }
        List<String> copying = listing.files().stream()
                .map(BackupFolder.Found::uri)
                .filter(uri -> uri.endsWith("._COPYING_"))
                .toList();
        if (!copying.isEmpty()) {
            throw InvalidInput.of(
                    "a copy into %s has not ended: %s".formatted(folder.uri(), copying), "Adopt it when it has.");
        }
        return new Backup(
                new Manifest.Source(AdoptedFiles.SOURCE_FILES, folder.uri(), ""),
                format,
                folder.uri(),
                listing.files(),
                csv,
                PartitionFolders.names(
                        folder.uri(),
                        listing.files().stream().map(BackupFolder.Found::uri).toList()),
                types,
                null,
                listing.leftOut().isEmpty()
                        ? List.of()
                        : List.of("left out, for names like these are no records: " + listing.leftOut()),
                null);
    }

    /** In the folder of a table lie the files of all its versions, and some of none. */
    private static void refuseTables(BackupFolder folder, BackupFolder.Listing listing) {
        boolean delta = listing.leftOut().stream().anyMatch(name -> name.matches("(.*/)?_delta_log/"));
        boolean hudi = listing.leftOut().stream().anyMatch(name -> name.matches("(.*/)?\\.hoodie/"));
        boolean iceberg =
                listing.files().stream().anyMatch(file -> file.uri().matches(".*/metadata/[^/]*\\.metadata\\.json"));
        Optional<Map.Entry<String, String>> around = folder.tableAround();
        if (around.isPresent()) {
            throw InvalidInput.of(
                    "%s is a part of the table at %s, where files of many versions lie"
                            .formatted(folder.uri(), around.get().getValue()),
                    around.get().getKey().equals("hudi")
                            ? "Export the table to files, and adopt these."
                            : "Name the table and its version: 'lastgood snapshot adopt %s:%s@…'."
                                    .formatted(
                                            around.get().getKey(), around.get().getValue()));
        }
        if (delta || hudi || iceberg) {
            String table = delta ? "Delta" : hudi ? "Hudi" : "Iceberg";
            throw InvalidInput.of(
                    "%s is the folder of a table of %s, where files of many versions lie"
                            .formatted(folder.uri(), table),
                    hudi
                            ? "Export the table to files, and adopt these."
                            : "Name the version: 'lastgood snapshot adopt %s:%s@…'."
                                    .formatted(table.toLowerCase(Locale.ROOT), folder.uri()));
        }
    }

    /** When it was captured, as far as it says so itself: the version's time, or that of its newest file. */
    Instant captured() {
        return version != null
                ? version
                : files.stream()
                        .map(BackupFolder.Found::modified)
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
    }

    List<String> uris() {
        return files.stream().map(BackupFolder.Found::uri).toList();
    }
}
