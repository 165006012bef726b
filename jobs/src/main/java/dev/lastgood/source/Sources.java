package dev.lastgood.source;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Opens the datasets of a workspace. Opening connects and learns the schema; records are read when the frame is used. */
public final class Sources {
    private final SparkSession session;
    private final Workspace workspace;

    public Sources(SparkSession session, Workspace workspace) {
        this.session = session;
        this.workspace = workspace;
        workspace
                .hadoop()
                .forEach((name, value) ->
                        session.sparkContext().hadoopConfiguration().set(name, value.reveal()));
    }

    /**
     * The dataset as it is now.
     *
     * @throws SourceUnreadable if the source cannot be reached, or has a type that cannot be read exactly
     */
    public Frame live(DatasetSpec dataset) {
        Source source = workspace.source(dataset);
        Dataset<Row> records = source.accept(new Source.Visitor<>() {
            @Override
            public Dataset<Row> jdbc(Source.Jdbc jdbc) {
                return new JdbcReader(session, jdbc).read(dataset);
            }

            @Override
            public Dataset<Row> cosmos(Source.Cosmos cosmos) {
                throw new SourceUnreadable(
                        "dataset '%s' is in Cosmos DB, which this version does not read".formatted(dataset.name()));
            }

            @Override
            public Dataset<Row> files(Source.Files files) {
                Location.Folder folder = (Location.Folder) dataset.location();
                return new FileReader(session, dataset.name()).read(path(files, folder), folder);
            }
        });
        return frame(dataset, records, Map.of());
    }

    /** The files of a folder, read as the dataset's own files are, wherever they lie. */
    public Frame folder(DatasetSpec dataset, String uri, Location.Folder like) {
        return frame(dataset, new FileReader(session, dataset.name()).read(uri, like), Map.of());
    }

    /** Where the files of a dataset lie. */
    public static String path(Source.Files source, Location.Folder folder) {
        String path = folder.path();
        boolean absolute = path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:.*");
        return absolute ? path : source.root().replaceAll("/+$", "") + "/" + path;
    }

    /**
     * Records with the shape the workspace gives them.
     *
     * @param learned view types already known of JSON columns and documents; what is missing is learned from all records
     */
    public Frame frame(DatasetSpec dataset, Dataset<Row> records, Map<String, DataType> learned) {
        StructType stored = records.schema();
        for (StructField field : stored.fields()) {
            if (!Rows.supports(field.dataType())) {
                throw new SourceUnreadable("dataset '%s': field '%s' is of type %s, which cannot be compared exactly"
                        .formatted(
                                dataset.name(), field.name(), field.dataType().simpleString()));
            }
        }
        boolean documents = stored.size() == 1 && stored.fields()[0].name().equals(Shape.DOCUMENT);
        Shape shape = documents ? documentShape(dataset, records, learned) : columnShape(dataset, records, learned);
        checkNames(dataset, shape);
        return new Frame(records, shape);
    }

    private Shape columnShape(DatasetSpec dataset, Dataset<Row> records, Map<String, DataType> learned) {
        StructType stored = records.schema();
        Set<String> json =
                dataset.json().stream().map(FieldPath::root).collect(Collectors.toCollection(LinkedHashSet::new));
        Map<String, DatasetSpec.TypeText> declared = declared(dataset);
        StructType view = new StructType();
        for (StructField field : stored.fields()) {
            view = view.add(field.name(), viewType(field, json, declared, learned, records), true);
        }
        json.retainAll(Arrays.asList(stored.fieldNames()));
        return new Shape(stored, view, json);
    }

    private DataType viewType(
            StructField field,
            Set<String> json,
            Map<String, DatasetSpec.TypeText> declared,
            Map<String, DataType> learned,
            Dataset<Row> records) {
        DatasetSpec.TypeText type = declared.get(field.name());
        if (type != null) {
            return DataType.fromDDL(type.text());
        }
        if (!json.contains(field.name())) {
            return field.dataType();
        }
        DataType known = learned.get(field.name());
        return known != null ? known : learn(records.select(functions.col(Shape.quoted(field.name()))));
    }

    private Shape documentShape(DatasetSpec dataset, Dataset<Row> records, Map<String, DataType> learned) {
        DataType known = learned.get(Shape.DOCUMENT);
        StructType view = known instanceof StructType struct
                ? struct
                : learn(records) instanceof StructType struct ? struct : new StructType();
        Map<String, DatasetSpec.TypeText> declared = declared(dataset);
        for (Map.Entry<String, DatasetSpec.TypeText> entry : declared.entrySet()) {
            DataType type = DataType.fromDDL(entry.getValue().text());
            StructType others = new StructType(Arrays.stream(view.fields())
                    .filter(field -> !field.name().equals(entry.getKey()))
                    .toArray(StructField[]::new));
            view = others.add(entry.getKey(), type, true);
        }
        return new Shape(Shape.document(), view, Set.of());
    }

    private static Map<String, DatasetSpec.TypeText> declared(DatasetSpec dataset) {
        Map<String, DatasetSpec.TypeText> declared = new java.util.LinkedHashMap<>();
        dataset.schema().forEach((path, type) -> declared.put(path.root(), type));
        dataset.view().forEach((path, type) -> declared.put(path.root(), type));
        return declared;
    }

    /** The type that holds every JSON value of the column; from all of them, for a sample drops what it has not seen. */
    private DataType learn(Dataset<Row> texts) {
        Dataset<String> wrapped = texts.na()
                .drop()
                .map(
                        (org.apache.spark.api.java.function.MapFunction<Row, String>)
                                row -> "{\"v\":" + row.getString(0) + "}",
                        Encoders.STRING());
        StructType schema = session.read()
                .option("prefersDecimal", "true")
                .option("inferTimestamp", "false")
                .option("columnNameOfCorruptRecord", "_corrupt")
                .json(wrapped)
                .schema();
        return Arrays.asList(schema.fieldNames()).contains("v")
                ? schema.apply("v").dataType()
                : DataTypes.StringType;
    }

    /** The names the workspace uses exist: found out here, when the fields are first known. */
    private static void checkNames(DatasetSpec dataset, Shape shape) {
        Problems problems = new Problems();
        List<String> known = shape.fieldNames();
        Set<FieldPath> used = new LinkedHashSet<>(dataset.key());
        used.addAll(dataset.json());
        used.addAll(dataset.ignore());
        used.addAll(dataset.compare().keySet());
        used.addAll(dataset.mask().keySet());
        used.addAll(dataset.explain());
        used.addAll(dataset.group().values());
        used.addAll(dataset.restore().bump());
        Optional.ofNullable(dataset.version()).ifPresent(used::add);
        Optional.ofNullable(dataset.changedAt()).ifPresent(used::add);
        Optional.ofNullable(dataset.restore().stamp()).ifPresent(used::add);
        for (FieldPath path : used) {
            if (!known.contains(path.root())) {
                String guess = Suggestions.nearest(path.root(), known)
                        .map(near -> "Did you mean '" + near + "'? ")
                        .orElse("");
                problems.error(
                        dataset.places().of(path),
                        "dataset '%s' has no field '%s'".formatted(dataset.name(), path.root()),
                        guess + "The fields are " + String.join(", ", known) + ".");
            }
        }
        problems.throwIfErrors();
    }

    /** The columns of the key in the order declared, as one struct. */
    public static Column key(DatasetSpec dataset, Shape shape, String prefix) {
        return functions.struct(dataset.key().stream()
                .map(path -> field(shape, prefix, path).alias(path.toString()))
                .toArray(Column[]::new));
    }

    /** The value at a plain path of names. */
    public static Column field(Shape shape, String prefix, FieldPath path) {
        Column column = shape.field(prefix, path.root());
        for (var step : path.steps().subList(1, path.steps().size())) {
            column = column.getField(((dev.lastgood.path.Step.Name) step).name());
        }
        return column;
    }
}
