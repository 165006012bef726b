package dev.lastgood.job;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.source.Sources;
import dev.lastgood.target.FileTarget;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataType;

/** Opens datasets of text files on this machine as targets; files of other kinds, and elsewhere, are export only. */
final class FileTargets {
    private FileTargets() {}

    static Target open(DatasetSpec dataset, Source.Files source, FileTarget.Originals originals) {
        Location.Folder folder = (Location.Folder) dataset.location();
        Path path = local(dataset, Sources.path(source, folder));
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
            case PARQUET, ORC, AVRO, DELTA, ICEBERG ->
                throw new Refusal(
                        "dataset '%s': %s files cannot be written by this version"
                                .formatted(
                                        dataset.name(), folder.format().name().toLowerCase(java.util.Locale.ROOT)),
                        "Write the plan's steps with 'lastgood restore show PLAN --out FILE' and apply them yourself.");
        };
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

    private static Path local(DatasetSpec dataset, String address) {
        if (address.startsWith("file:")) {
            return Path.of(address.replaceFirst("^file:(//)?", ""));
        }
        if (address.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            throw new Refusal(
                    "dataset '%s' lies at %s, where nothing replaces a file in one act; it is export only"
                            .formatted(dataset.name(), address),
                    null);
        }
        return Path.of(address);
    }

    /** Files as they were before a run, kept in its folder in the store. */
    record StoredOriginals(Store store, String folder) implements FileTarget.Originals {
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
