package dev.lastgood.source;

import dev.lastgood.spark.Together;
import dev.lastgood.workspace.Location;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.mapred.FsInput;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.avro.SchemaConverters;
import org.apache.spark.sql.execution.datasources.orc.OrcUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What the files of one folder say of their columns. Spark takes the columns of one file for those of all: what another
 * file has beside them it drops, and what that file lacks it reads as NULL.
 */
public final class Footers {
    private Footers() {}

    /** What a file says of itself. */
    public record Footer(StructType columns, long records) {}

    /** The columns of a file, each with its type in one spelling. */
    private record Columns(String file, Map<String, String> types) {
        static Columns of(String file, StructType schema) {
            Map<String, String> types = new TreeMap<>();
            for (StructField field : schema.fields()) {
                types.put(field.name(), field.dataType().catalogString());
            }
            return new Columns(file, types);
        }
    }

    /** Throws if two of the files differ in the name or type of a column. Their order, and what may be null, is free. */
    public static void requireAlike(String dataset, Location.FileFormat format, String[] files, Configuration hadoop) {
        if (files.length < 2) {
            return;
        }
        ParquetToSparkSchemaConverter parquet = new ParquetToSparkSchemaConverter(SQLConf.get());
        List<Columns> all = Together.each(Arrays.asList(files), file -> columns(format, file, hadoop, parquet)).stream()
                .flatMap(Optional::stream)
                .toList();
        for (Columns other : all) {
            Columns first = all.get(0);
            if (first.types().equals(other.types())) {
                continue;
            }
            TreeSet<String> names = new TreeSet<>(first.types().keySet());
            names.addAll(other.types().keySet());
            String differing = names.stream()
                    .filter(name -> !Objects.equals(
                            first.types().get(name), other.types().get(name)))
                    .findFirst()
                    .orElseThrow();
            throw different(dataset, differing, first, other);
        }
    }

    /** Empty if the file cannot be read, which is told with the reason when its records are read. */
    private static Optional<Columns> columns(
            Location.FileFormat format, String file, Configuration hadoop, ParquetToSparkSchemaConverter parquet) {
        Path path = new Path(URI.create(file));
        try {
            return Optional.of(Columns.of(
                    path.toUri().getPath(), read(format, path, hadoop, parquet).columns()));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * The footer of a file; of Avro, its header and the heads of its blocks, each of which is unpacked. To be asked for where
     * the session is the active one.
     *
     * @throws IOException if the file is none of that format, or torn
     */
    public static Footer read(Location.FileFormat format, String file, Configuration hadoop) throws IOException {
        return read(format, new Path(URI.create(file)), hadoop, new ParquetToSparkSchemaConverter(SQLConf.get()));
    }

    private static Footer read(
            Location.FileFormat format, Path path, Configuration hadoop, ParquetToSparkSchemaConverter parquet)
            throws IOException {
        return switch (format) {
            case PARQUET -> parquet(path, hadoop, parquet);
            case ORC -> orc(path, hadoop);
            case AVRO -> avro(path, hadoop);
            case CSV, JSON, DELTA, ICEBERG -> throw new IllegalArgumentException(format + " has no footer");
        };
    }

    private static Footer parquet(Path path, Configuration hadoop, ParquetToSparkSchemaConverter converter)
            throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop))) {
            return new Footer(converter.convert(reader.getFileMetaData().getSchema()), reader.getRecordCount());
        }
    }

    private static Footer orc(Path path, Configuration hadoop) throws IOException {
        try (Reader reader = OrcFile.createReader(path, OrcFile.readerOptions(hadoop))) {
            return new Footer(OrcUtils.toCatalystSchema(reader.getSchema()), reader.getNumberOfRows());
        }
    }

    private static Footer avro(Path path, Configuration hadoop) throws IOException {
        try (DataFileReader<Object> reader =
                new DataFileReader<>(new FsInput(path, hadoop), new GenericDatumReader<>())) {
            if (!(SchemaConverters.toSqlType(reader.getSchema()).dataType() instanceof StructType columns)) {
                throw new IOException("its values are no records");
            }
            long records = 0;
            while (reader.hasNext()) {
                records += reader.getBlockCount();
                reader.nextBlock();
            }
            return new Footer(columns, records);
        }
    }

    /** The message is the same whichever of the two files comes first in the folder. */
    private static SourceUnreadable different(String dataset, String column, Columns one, Columns other) {
        String found = Stream.of(one, other)
                .map(columns -> "%s in %s".formatted(columns.types().getOrDefault(column, "not there"), columns.file()))
                .sorted()
                .collect(Collectors.joining(" and "));
        return new SourceUnreadable(
                "dataset '%s': its files have different columns: '%s' is %s".formatted(dataset, column, found),
                "Have the older files written again with today's columns, or make them a dataset of their own:"
                        + " what a file does not have is not read as if it were null.",
                null);
    }
}
