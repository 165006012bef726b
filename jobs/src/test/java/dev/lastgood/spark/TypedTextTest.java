package dev.lastgood.spark;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkForTests.class)
class TypedTextTest {
    private static final List<String> TYPES =
            List.of("int", "decimal(5,2)", "double", "float", "boolean", "date", "timestamp", "timestamp_ntz");

    /** Each text in quotes, and what it means as which type; as any other type it is NULL. */
    private static final String MEANT = """
        '7' int 7; decimal(5,2) 7; double 7.0; float 7.0
        ' -7 ' int -7; decimal(5,2) -7; double -7.0; float -7.0
        '1.50' decimal(5,2) 1.5; double 1.5; float 1.5
        '1.500000000' decimal(5,2) 1.5; double 1.5; float 1.5
        '15e-1' decimal(5,2) 1.5; double 1.5; float 1.5
        '.5' decimal(5,2) 0.5; double 0.5; float 0.5
        '1.555' double 1.555; float 1.5549999475479126
        '0e9' decimal(5,2) 0; double 0.0; float 0.0
        '1000' int 1000; double 1000.0; float 1000.0
        '12345678901' double 1.2345678901E10; float 1.2345678848E10
        '1e40' double 1.0E40
        '1e400'
        '1e999999999'
        '.'
        '-'
        '1.0d'
        '0x1p3'
        '1,5'
        'NaN' double NaN; float NaN
        '-Infinity' double -Infinity; float -Infinity
        ''
        ' '
        'true' boolean true
        'f' boolean false
        'maybe'
        '2020' int 2020; double 2020.0; float 2020.0
        '2020-02'
        '2020-02-29' date 2020-02-29; timestamp 2020-02-29T00:00:00Z; timestamp_ntz 2020-02-29T00:00
        '2020-2-9' date 2020-02-09; timestamp 2020-02-09T00:00:00Z; timestamp_ntz 2020-02-09T00:00
        '1582-10-10' date 1582-10-10; timestamp 1582-10-10T00:00:00Z; timestamp_ntz 1582-10-10T00:00
        '2020-02-30'
        '2020-02-29 12:30' timestamp 2020-02-29T12:30:00Z; timestamp_ntz 2020-02-29T12:30
        '2020-02-29T12:30:00.5' timestamp 2020-02-29T12:30:00.500Z; timestamp_ntz 2020-02-29T12:30:00.500
        '2020-02-29T12:30:00Z' timestamp 2020-02-29T12:30:00Z
        '2020-02-29T12:30:00+02:00' timestamp 2020-02-29T10:30:00Z
        '2020-02-29T25:00:00'
        '12:30'
        """;

    @Test
    void text_is_read_as_a_type_where_it_means_one_value_of_it_and_else_not_at_all(SparkSession spark) {
        List<Row> texts = MEANT.lines()
                .map(line -> RowFactory.create(line.substring(1, line.indexOf('\'', 1))))
                .toList();
        List<Column> columns = new ArrayList<>(List.of(col("text")));
        TYPES.forEach(type -> columns.add(TypedText.typed(col("text"), DataType.fromDDL(type))));

        List<Row> typed = spark.createDataFrame(texts, StructType.fromDDL("text string"))
                .select(columns.toArray(Column[]::new))
                .collectAsList();

        StringBuilder read = new StringBuilder();
        for (Row row : typed) {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < TYPES.size(); i++) {
                if (!row.isNullAt(i + 1)) {
                    values.add(TYPES.get(i) + " " + Rows.value(row.get(i + 1)));
                }
            }
            read.append("'%s' %s"
                            .formatted(row.getString(0), String.join("; ", values))
                            .stripTrailing())
                    .append('\n');
        }
        assertThat(read.toString()).isEqualTo(MEANT);
    }

    @Test
    void no_text_is_no_value(SparkSession spark) {
        List<Column> columns = new ArrayList<>();
        TYPES.forEach(type ->
                columns.add(TypedText.typed(col("text"), DataType.fromDDL(type)).isNull()));

        Row row = spark.sql("select cast(null as string) text")
                .select(columns.toArray(Column[]::new))
                .head();

        for (int i = 0; i < TYPES.size(); i++) {
            assertThat(row.getBoolean(i)).as(TYPES.get(i)).isTrue();
        }
    }
}
