package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads one entry of {@code datasets}, and checks that its parts go together and with its source. */
final class DatasetReader {

    private static final Map<String, String> LOCATION_OF_KIND =
            Map.of("jdbc", "table", "cosmos", "container", "files", "path");
    private static final List<String> LOCATIONS = List.of("table", "container", "path");
    private static final int MOST_KEY_FIELDS = 32;
    private static final List<String> OF_FILES = List.of("format", "options", "partitions");

    private final String name;
    private final Place place;
    private final Fields fields;
    private final Map<String, SourceKind> sources;
    private final Problems problems;
    private final PathChecks checks;

    /** What is known of a source whether or not the rest of it could be read. Kind is empty if that is wrong too. */
    record SourceKind(String kind, boolean writable) {}

    DatasetReader(String name, Place place, Fields fields, Map<String, SourceKind> sources, Problems problems) {
        this.name = name;
        this.place = place;
        this.fields = fields;
        this.sources = sources;
        this.problems = problems;
        this.checks = new PathChecks(problems);
    }

    Optional<DatasetSpec> dataset() {
        fields.require("source");
        Optional<String> source = source();
        SourceKind kind = source.map(sources::get).orElse(new SourceKind("", true));
        Optional<Location> location = location(kind.kind());
        List<FieldPath> key = key();
        Map<FieldPath, DatasetSpec.TypeText> schema = types("schema");
        Map<FieldPath, DatasetSpec.TypeText> view = types("view");
        Optional<DatasetSpec.Split> split = split();
        Optional<FieldPath> version = plainPath(fields, "version");
        Optional<FieldPath> changedAt = plainPath(fields, "changed_at");
        Optional<FieldPath> token = plainPath(fields, "token");
        List<FieldPath> json = everyElement("json");
        List<FieldPath> ignore = everyElement("ignore");
        var fieldReader = new FieldReader(fields, checks, problems);
        Map<FieldPath, Sameness> compare = fieldReader.compare();
        Map<FieldPath, Mask> mask = fieldReader.mask();
        List<FieldPath> explain = everyElement("explain");
        Map<String, FieldPath> group = group();
        Optional<Deletes> deletes = deletes(kind.kind(), key);
        Optional<Deletes.Table> erasures = fields.mapping("erasures", "Write {table: NAME, key: {FIELD: COLUMN}}.")
                .flatMap(inner -> table(inner, key));
        checkErasures(kind.kind());
        Incremental incremental = incremental(kind.kind(), changedAt);
        List<Upgrade> upgrades = new UpgradeReader(fields, checks, problems).upgrades();
        RestorePolicy restore = new RestoreReader(fields, problems).policy();
        if (fields.done() && !fields.has("key")) {
            warnOfNoKey();
        }
        checkKey(key, ignore, compare, restore);
        checkWrite(kind, restore);
        if (kind.kind().equals("cosmos")) {
            refuseSystemFields(version, token, restore);
            ignore = joined(ignore, Location.Container.SYSTEM);
            restore = restore.neverWriting(Location.Container.SYSTEM);
            changedAt = Optional.of(changedAt.orElse(Location.Container.WRITTEN));
            view.putIfAbsent(Location.Container.WRITTEN, new DatasetSpec.TypeText("timestamp", place));
        }
        if (source.isEmpty() || location.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new DatasetSpec(
                name,
                source.get(),
                location.get(),
                schema,
                view,
                split.orElse(null),
                key,
                version.orElse(null),
                changedAt.orElse(null),
                token.orElse(null),
                json,
                ignore,
                compare,
                mask,
                explain,
                group,
                deletes.orElse(null),
                erasures.orElse(null),
                incremental,
                upgrades,
                restore,
                fields.places(place)));
    }

    /** The service's own clock counts seconds, and its entity tag is the token whatever is said here. */
    private void refuseSystemFields(Optional<FieldPath> version, Optional<FieldPath> token, RestorePolicy restore) {
        version.filter(Location.Container.SYSTEM::contains)
                .ifPresent(path -> problems.error(
                        where("version", path),
                        "'%s' is no version: it does not grow with every write".formatted(path),
                        "Leave it out, or name a counter of your own."));
        token.ifPresent(path -> problems.error(
                where("token", path), "a document of Cosmos DB has its entity tag as its token", "Leave 'token' out."));
        Stream.concat(restore.bump().stream(), Stream.ofNullable(restore.stamp()))
                .filter(Location.Container.SYSTEM::contains)
                .forEach(path -> problems.error(
                        fields.places(place).of(path), "'%s' is written by Cosmos DB alone".formatted(path)));
    }

    private static List<FieldPath> joined(List<FieldPath> some, List<FieldPath> more) {
        return Stream.concat(some.stream(), more.stream()).distinct().toList();
    }

    private Optional<String> source() {
        Optional<YamlNode.Scalar> source = fields.scalar("source");
        if (source.isPresent() && sources.isEmpty()) {
            return Optional.empty(); // that there is none has been reported
        }
        if (source.isPresent() && !sources.containsKey(source.get().text())) {
            String names = "The sources are " + String.join(", ", sources.keySet()) + ".";
            String hint = Suggestions.nearest(source.get().text(), sources.keySet())
                    .map(nearest -> "Did you mean '%s'? %s".formatted(nearest, names))
                    .orElse(names);
            problems.error(
                    source.get().place(),
                    "there is no source '%s'".formatted(source.get().shown()),
                    hint);
            return Optional.empty();
        }
        return source.map(YamlNode.Scalar::text);
    }

    private Optional<Location> location(String kind) {
        List<String> written = LOCATIONS.stream().filter(fields::has).toList();
        LOCATIONS.forEach(fields::ignore);
        String wanted = LOCATION_OF_KIND.get(kind);
        for (String key : written) {
            if (wanted != null && !key.equals(wanted)) {
                problems.error(
                        fields.keyPlace(key),
                        "'%s' does not go with a %s source".formatted(key, kind),
                        "Write '%s'.".formatted(wanted));
                return Optional.empty();
            }
        }
        if (written.isEmpty() && wanted != null) {
            fields.require(wanted);
            return Optional.empty();
        }
        if (written.isEmpty()) {
            problems.error(place, "dataset '%s' has none of 'table', 'container' and 'path'".formatted(name));
            return Optional.empty();
        }
        Optional<YamlNode.Scalar> value = fields.scalar(written.get(0));
        value.ifPresent(text -> fields.place(written.get(0), text.place()));
        return switch (written.get(0)) {
            case "table" -> ofFilesOnly(value.map(text -> new Location.Table(text.text())));
            case "container" -> ofFilesOnly(value.map(text -> new Location.Container(text.text())));
            default -> folder(value);
        };
    }

    private Optional<Location> ofFilesOnly(Optional<Location> location) {
        for (String key : OF_FILES) {
            if (fields.node(key).isPresent()) {
                problems.error(fields.keyPlace(key), "'%s' goes with a files source only".formatted(key));
            }
        }
        return location;
    }

    private Optional<Location> folder(Optional<YamlNode.Scalar> path) {
        Optional<Location.FileFormat> format = fields.choice("format", Location.FileFormat.class);
        Location.FileFormat known =
                format.orElse(path.map(text -> byName(text.text())).orElse(Location.FileFormat.PARQUET));
        Optional<Fields> options = fields.mapping("options", "Write {header: true, delimiter: ';'}.");
        if (options.isPresent() && known != Location.FileFormat.CSV) {
            problems.error(
                    fields.keyPlace("options"),
                    "'options' goes with 'format: csv', not with '%s'"
                            .formatted(known.name().toLowerCase(Locale.ROOT)));
        }
        Location.Csv csv = options.map(this::csv).orElse(Location.Csv.DEFAULT);
        Map<String, DatasetSpec.TypeText> partitions = new LinkedHashMap<>();
        types("partitions").forEach((field, type) -> partitions.put(field.root(), type));
        return path.map(text -> new Location.Folder(text.text(), known, csv, partitions));
    }

    /** A file's ending says its format, if nothing else does. */
    private static Location.FileFormat byName(String path) {
        String lower = path.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst|bz2|snappy|lz4)$", "");
        String ending = lower.substring(lower.lastIndexOf('.') + 1);
        return switch (ending) {
            case "csv", "tsv" -> Location.FileFormat.CSV;
            case "json", "jsonl", "ndjson" -> Location.FileFormat.JSON;
            case "orc" -> Location.FileFormat.ORC;
            case "avro" -> Location.FileFormat.AVRO;
            default -> Location.FileFormat.PARQUET;
        };
    }

    private Location.Csv csv(Fields options) {
        Optional<Boolean> header = options.truth("header");
        Optional<YamlNode.Scalar> delimiter = options.node("delimiter")
                .filter(node -> node instanceof YamlNode.Scalar)
                .map(node -> (YamlNode.Scalar) node);
        if (delimiter.isPresent() && delimiter.get().text().length() != 1) {
            problems.error(
                    delimiter.get().place(),
                    "'delimiter' must be one character, not '%s'"
                            .formatted(delimiter.get().shown()),
                    "A tab is written \"\\t\", in double quotes.");
        }
        Optional<String> nullText = options.node("null")
                .filter(node -> node instanceof YamlNode.Scalar)
                .map(node -> ((YamlNode.Scalar) node).text());
        options.done();
        return new Location.Csv(
                header.orElse(true),
                delimiter
                        .map(YamlNode.Scalar::text)
                        .filter(text -> text.length() == 1)
                        .orElse(","),
                nullText.orElse(null));
    }

    private boolean isKeyless() {
        return fields.node("key")
                .map(node ->
                        node instanceof YamlNode.Sequence list && list.items().isEmpty())
                .orElse(true);
    }

    private void warnOfNoKey() {
        problems.warning(
                place,
                "dataset '%s' has no 'key'".formatted(name),
                "It is compared as a multiset, and nothing of it can be put back. Write 'key: []' if that is meant.");
    }

    private List<FieldPath> key() {
        List<FieldPath> key = fields.paths("key");
        if (key.size() > MOST_KEY_FIELDS) {
            problems.error(fields.keyPlace("key"), "'key' names more than %d fields".formatted(MOST_KEY_FIELDS));
            return List.of();
        }
        return key.stream().filter(path -> checks.isPlain(fields, "key", path)).toList();
    }

    private Map<FieldPath, DatasetSpec.TypeText> types(String key) {
        Map<FieldPath, DatasetSpec.TypeText> types = new LinkedHashMap<>();
        fields.mapping(key, "Write {total: 'decimal(12,2)', paid_at: timestamp}.")
                .ifPresent(inner -> {
                    for (YamlNode.Entry entry : inner.entries()) {
                        Optional<FieldPath> path =
                                inner.path(entry.key(), "").filter(known -> checks.namesEveryElement(inner, known));
                        Optional<YamlNode.Scalar> type =
                                inner.scalar(entry.key().text());
                        if (path.isPresent() && type.isPresent()) {
                            types.put(
                                    path.get(),
                                    new DatasetSpec.TypeText(
                                            type.get().text(), type.get().place()));
                        }
                    }
                    fields.addPlaces(inner);
                });
        return types;
    }

    private Optional<DatasetSpec.Split> split() {
        Optional<Fields> split = fields.mapping("split", "Write {by: id, into: 8}.");
        if (split.isEmpty()) {
            return Optional.empty();
        }
        boolean complete = split.get().require("by", "into");
        Optional<FieldPath> by = plainPath(split.get(), "by");
        Optional<Long> into = split.get().integer("into", 2, 10_000);
        fields.addPlaces(split.get());
        return split.get().done() && complete && by.isPresent() && into.isPresent()
                ? Optional.of(new DatasetSpec.Split(by.get(), into.get().intValue()))
                : Optional.empty();
    }

    private Incremental incremental(String kind, Optional<FieldPath> changedAt) {
        Optional<Fields> incremental = fields.mapping("incremental", "Write {overlap: 1h, full_every: 7d}.");
        if (incremental.isEmpty()) {
            return Incremental.DEFAULT;
        }
        Fields inner = incremental.get();
        Incremental read = new Incremental(
                inner.choice("by", Incremental.By.class).orElse(Incremental.DEFAULT.by()),
                inner.duration("overlap").orElse(Incremental.DEFAULT.overlap()),
                inner.duration("full_every").orElse(Incremental.DEFAULT.fullEvery()));
        if (read.by() == Incremental.By.CHANGE_FEED && !kind.isEmpty()) {
            checkChangeFeed(kind, inner.keyPlace("by"), changedAt);
        }
        inner.done();
        return read;
    }

    private void checkChangeFeed(String kind, Place at, Optional<FieldPath> changedAt) {
        if (!kind.equals("cosmos")) {
            problems.error(at, "a %s source has no change feed".formatted(kind), "Leave 'by' out.");
        } else if (changedAt
                .filter(path -> !path.equals(Location.Container.WRITTEN))
                .isPresent()) {
            problems.error(
                    at,
                    "the change feed goes by '_ts', and not by the time in '%s'".formatted(changedAt.get()),
                    "Leave 'by' out, or 'changed_at'.");
        }
    }

    private Optional<FieldPath> plainPath(Fields from, String key) {
        return from.path(key).filter(path -> checks.isPlain(from, key, path));
    }

    private List<FieldPath> everyElement(String key) {
        return fields.paths(key).stream()
                .filter(path -> checks.namesEveryElement(fields, path))
                .toList();
    }

    private Map<String, FieldPath> group() {
        Map<String, FieldPath> group = new LinkedHashMap<>();
        fields.mapping("group", "Write {order: order_id}: the group's name, and the field that says which.")
                .ifPresent(inner -> {
                    for (YamlNode.Entry entry : inner.entries()) {
                        plainPath(inner, entry.key().text())
                                .ifPresent(path -> group.put(entry.key().text(), path));
                    }
                    fields.addPlaces(inner);
                });
        return group;
    }

    /** A list that nobody asks would be no protection. */
    private void checkErasures(String kind) {
        fields.node("erasures")
                .filter(node -> !kind.isEmpty() && !kind.equals("jdbc"))
                .ifPresent(node -> problems.error(
                        node.place(),
                        "a %s source has no table of erasures".formatted(kind),
                        "Leave it out; of such a dataset no record is known to be erased."));
    }

    private Optional<Deletes> deletes(String kind, List<FieldPath> key) {
        Optional<YamlNode> node = fields.node("deletes");
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (node.get() instanceof YamlNode.Mapping) {
            return fields.mapping("deletes").flatMap(inner -> table(inner, key)).map(table -> table);
        }
        Optional<String> feed = fields.choice("deletes", List.of("change_feed"), word -> word);
        if (feed.isPresent() && !kind.isEmpty() && !kind.equals("cosmos")) {
            problems.error(
                    node.get().place(),
                    "a %s source has no change feed".formatted(kind),
                    "Name the table that lists deletes: {table: NAME, key: {FIELD: COLUMN}, at: COLUMN}.");
        }
        return feed.map(word -> new Deletes.ChangeFeed());
    }

    private Optional<Deletes.Table> table(Fields evidence, List<FieldPath> key) {
        boolean complete = evidence.require("table", "key");
        Optional<String> table = evidence.text("table");
        Optional<String> at = evidence.text("at");
        Optional<Fields> columns = evidence.mapping("key", "Write {id: order_id}: a key field, and its column there.");
        evidence.done();
        if (!complete || table.isEmpty() || columns.isEmpty()) {
            return Optional.empty();
        }
        Map<FieldPath, String> byField = new LinkedHashMap<>();
        for (YamlNode.Entry entry : columns.get().entries()) {
            Optional<FieldPath> field = columns.get().path(entry.key(), "");
            Optional<String> column = columns.get().text(entry.key().text());
            if (field.isPresent() && !key.contains(field.get())) {
                problems.error(
                        entry.key().place(),
                        "'%s' is no key field of dataset '%s'".formatted(field.get(), name),
                        keyHint(key));
            } else if (field.isPresent() && column.isPresent()) {
                byField.put(field.get(), column.get());
            }
        }
        return inKeyOrder(byField, key, columns.get())
                .map(ordered -> new Deletes.Table(table.get(), ordered, at.orElse(null)));
    }

    private String keyHint(List<FieldPath> key) {
        if (key.isEmpty()) {
            return "The dataset has no key.";
        }
        return "The key is %s."
                .formatted(
                        String.join(", ", key.stream().map(FieldPath::toString).toList()));
    }

    private Optional<Map<FieldPath, String>> inKeyOrder(
            Map<FieldPath, String> byField, List<FieldPath> key, Fields columns) {
        Map<FieldPath, String> ordered = new LinkedHashMap<>();
        for (FieldPath field : key) {
            String column = byField.get(field);
            if (column != null) {
                ordered.put(field, column);
            } else if (columns.entries().size() == byField.size()) {
                // else an entry has been reported that may have been meant for this field
                problems.error(
                        columns.place(), "%s leaves out key field '%s'".formatted(columns.what(), field), keyHint(key));
            }
        }
        return ordered.isEmpty() || ordered.size() < key.size() ? Optional.empty() : Optional.of(ordered);
    }

    private void checkKey(
            List<FieldPath> key, List<FieldPath> ignore, Map<FieldPath, Sameness> compare, RestorePolicy restore) {
        for (FieldPath field : key) {
            String reason = "a key names its record, so it is compared exactly and never written";
            if (ignore.contains(field)) {
                problems.error(
                        where("ignore", field), "key field '%s' cannot be ignored".formatted(field), sentence(reason));
            }
            if (compare.containsKey(field)) {
                problems.error(
                        where("compare", field),
                        "key field '%s' cannot have a tolerance".formatted(field),
                        sentence(reason));
            }
            if (restore.bump().contains(field) || field.equals(restore.stamp())) {
                problems.error(
                        where(restore.bump().contains(field) ? "bump" : "stamp", field),
                        "key field '%s' cannot be written by a restore".formatted(field),
                        sentence(reason));
            }
        }
        for (FieldPath field : ignore) {
            if (compare.containsKey(field)) {
                problems.warning(
                        where("compare", field),
                        "'%s' is ignored, so how it is compared does not matter".formatted(field));
            }
        }
    }

    private static String sentence(String reason) {
        return Character.toUpperCase(reason.charAt(0)) + reason.substring(1) + ".";
    }

    /** The place of a field under that key; a field is written under several. */
    private Place where(String key, FieldPath field) {
        var places = fields.places(place);
        Place under = places.parts().get(key + " " + field);
        return under != null ? under : places.of(field);
    }

    private void checkWrite(SourceKind kind, RestorePolicy restore) {
        if (restore.write() == RestorePolicy.Write.EXPORT_ONLY) {
            return;
        }
        Place write = fields.places(place).of("restore.write");
        if (isKeyless()) {
            problems.error(
                    write,
                    "dataset '%s' has no key, so nothing can be restored in place".formatted(name),
                    "Name its 'key', or write 'export_only'.");
        }
        boolean gap = restore.write() == RestorePolicy.Write.IN_PLACE_WITH_GAP;
        if (gap && !kind.kind().isEmpty() && !kind.kind().equals("files")) {
            problems.error(write, "'in_place_with_gap' goes with a files source only", "Write 'in_place'.");
        }
        if (!kind.writable()) {
            problems.warning(
                    write,
                    "dataset '%s' may be written, but its source has no 'write'".formatted(name),
                    "Nothing is applied without the second identity.");
        }
    }
}
