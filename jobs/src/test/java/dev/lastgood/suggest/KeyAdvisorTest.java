package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkForTests.class)
class KeyAdvisorTest {
    private static final StructType TYPE =
            StructType.fromDDL("id int, code string, `the day` int, shop int, amount double");

    private static List<Row> rows(int records) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            rows.add(RowFactory.create(i, i == 0 ? null : "c" + i, i / 10, i % 10, 1.0 * i));
        }
        return rows;
    }

    private static KeyAdvisor.Advice advice(SparkSession spark, List<Row> rows) {
        return KeyAdvisor.of(new Frame(spark.createDataFrame(rows, TYPE), Shape.of(TYPE)), kept -> kept);
    }

    private static List<String> keys(KeyAdvisor.Advice advice) {
        return advice.keys().stream()
                .map(key -> key.fields() + " " + key.nulls())
                .toList();
    }

    @Test
    void the_fewest_fields_that_tell_all_records_apart(SparkSession spark) {
        List<Row> rows = rows(100);
        assertThat(keys(advice(spark, rows))).containsExactly("[id] 0", "[code] 1");

        // One record in a hundred is enough to say no.
        rows.add(RowFactory.create(99, "c99", 3, 50, 0.5));
        assertThat(keys(advice(spark, rows)))
                .containsExactly(
                        "[id, `the day`] 0",
                        "[id, shop] 0",
                        "[`the day`, shop] 0",
                        "[code, `the day`] 1",
                        "[code, shop] 1");

        rows.add(RowFactory.create(99, "c99", 3, 50, 0.7));
        assertThat(keys(advice(spark, rows)))
                .as("no number with a fraction is a key")
                .isEmpty();
        assertThat(advice(spark, List.of()).keys()).as("nothing proves nothing").isEmpty();
    }
}
