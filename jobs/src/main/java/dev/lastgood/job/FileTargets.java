package dev.lastgood.job;

import dev.lastgood.path.FieldPath;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.target.FileTarget;
import dev.lastgood.target.Target;
import dev.lastgood.target.WholeFile;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.types.DataType;

/** Opens datasets of files on this machine as targets; files of other kinds, and elsewhere, are read only. */
final class FileTargets {
    private FileTargets() {}

    static Target open(Workplace workplace, DatasetSpec dataset, Source.Files source, WholeFile.Originals originals) {
        Location.Folder folder = (Location.Folder) dataset.location();
        String address = Sources.path(source, folder);
        if (folder.format() == Location.FileFormat.DELTA) {
            return new DeltaTarget(workplace.session(), workplace.sources(), dataset, address);
        }
        String why = whyNot(folder, address);
        if (!why.isEmpty()) {
            return new ScannedTarget(workplace.session(), workplace.sources(), dataset, address, why);
        }
        Path path = local(address);
        return switch (folder.format()) {
            case CSV ->
                folder.csv().header()
                        ? FileTarget.csv(
                                        path,
                                        dataset.key(),
                                        folder.csv().delimiter(),
                                        folder.csv().nullText(),
                                        originals)
                                .withKeysOf(keys(dataset))
                        : FileTarget.csvWithoutHeader(
                                        path,
                                        dataset.key(),
                                        folder.csv().delimiter(),
                                        folder.csv().nullText(),
                                        originals)
                                .withKeysOf(keys(dataset));
            case JSON -> FileTarget.jsonLines(path, dataset.key(), originals).withKeysOf(keys(dataset));
            case PARQUET, ORC -> new ColumnarTarget(workplace.session(), workplace.sources(), dataset, path, originals);
            case AVRO, DELTA, ICEBERG -> throw new IllegalStateException(folder.format() + " is no file to write");
        };
    }

    /** Why the files cannot be written, as a clause; empty if they can. */
    private static String whyNot(Location.Folder folder, String address) {
        if (!address.startsWith("file:") && address.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            return "lies at %s, where nothing replaces a file in one act".formatted(address);
        }
        return switch (folder.format()) {
            case AVRO, DELTA, ICEBERG ->
                "is of %s files, which cannot be written by this version"
                        .formatted(folder.format().name().toLowerCase(Locale.ROOT));
            case PARQUET, ORC -> "";
            // The values of partitions stand in no line of a text file, so its records are not what a capture of them
            // is.
            case CSV, JSON ->
                hasFolders(local(address))
                        ? "has partitions of %s files, which cannot be written by this version"
                                .formatted(folder.format().name().toLowerCase(Locale.ROOT))
                        : "";
        };
    }

    private static boolean hasFolders(Path path) {
        return WholeFile.in(path).stream().anyMatch(file -> !path.equals(file) && !path.equals(file.getParent()));
    }

    /** Keys are of the types that the workspace declares, as an audit sees them. */
    private static FileTarget.KeyTypes keys(DatasetSpec dataset) {
        Map<FieldPath, DataType> types = new HashMap<>();
        for (FieldPath field : dataset.key()) {
            DatasetSpec.TypeText declared =
                    dataset.schema().getOrDefault(field, dataset.view().get(field));
            if (declared != null) {
                types.put(field, DataType.fromDDL(declared.text()));
            }
        }
        return (field, written) -> {
            DataType type = types.get(field);
            return type == null ? written : Keys.value(written, type).orElse(written);
        };
    }

    private static Path local(String address) {
        return Path.of(address.replaceFirst("^file:(//)?", ""));
    }

    /** Files as they were before a run, kept in its folder in the store. */
    record StoredOriginals(Store store, String folder) implements WholeFile.Originals {
        @Override
        public void keep(String file, byte[] bytes) {
            String name = folder(file) + "/" + Sha256.of(bytes).hex();
            if (store.publish(name, bytes) instanceof Published.Lost lost
                    && !Sha256.of(lost.existing()).equals(Sha256.of(bytes))) {
                throw new IllegalStateException("other bytes under the digest " + name);
            }
        }

        @Override
        public List<byte[]> of(String file) {
            List<byte[]> originals = new ArrayList<>();
            for (String name : store.list(folder(file))) {
                store.read(folder(file) + "/" + name).ifPresent(originals::add);
            }
            return originals;
        }

        private String folder(String file) {
            return folder + "/" + StoreName.segment(file);
        }
    }
}
