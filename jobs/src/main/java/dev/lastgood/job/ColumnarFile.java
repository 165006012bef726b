package dev.lastgood.job;

import dev.lastgood.workspace.Location;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * What the footer of a Parquet or ORC file says.
 *
 * @param fields names of its top-level columns, in order
 * @param schema its columns in the types of the format; whether they may be null is left out, which Spark does not keep
 * @param compression as Spark names it
 */
record ColumnarFile(List<String> fields, String schema, long records, String compression) {
    ColumnarFile {
        fields = List.copyOf(fields);
    }

    static ColumnarFile of(Location.FileFormat format, Path file) throws IOException {
        return switch (format) {
            case PARQUET -> parquet(file);
            case ORC -> orc(file);
            case CSV, JSON, AVRO, DELTA, ICEBERG -> throw new IllegalArgumentException(format + " has no footer");
        };
    }

    private static ColumnarFile parquet(Path file) throws IOException {
        var path = new org.apache.hadoop.fs.Path(file.toUri());
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, new Configuration()))) {
            MessageType schema = reader.getFileMetaData().getSchema();
            List<BlockMetaData> blocks = reader.getFooter().getBlocks();
            String compression = blocks.isEmpty()
                    ? "zstd"
                    : blocks.get(0).getColumns().get(0).getCodec().name().toLowerCase(Locale.ROOT);
            StringBuilder columns = new StringBuilder();
            for (Type column : schema.getFields()) {
                column.writeToStringBuilder(columns, "");
                columns.append('\n');
            }
            return new ColumnarFile(
                    schema.getFields().stream().map(Type::getName).toList(),
                    columns.toString().replaceAll("\\b(optional|required) ", ""),
                    reader.getRecordCount(),
                    compression);
        }
    }

    private static ColumnarFile orc(Path file) throws IOException {
        var path = new org.apache.hadoop.fs.Path(file.toUri());
        try (Reader reader = OrcFile.createReader(path, OrcFile.readerOptions(new Configuration()))) {
            return new ColumnarFile(
                    reader.getSchema().getFieldNames(),
                    reader.getSchema().toString(),
                    reader.getNumberOfRows(),
                    reader.getCompressionKind().name().toLowerCase(Locale.ROOT));
        }
    }
}
