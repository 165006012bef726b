package dev.lastgood;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkForTests.class)
class SparkForTestsTest {

    // Parsing a time of day fails in a JVM without the --add-opens of spark.jvm.args; most other queries do not.
    @Test
    void the_jvm_is_open_enough_for_spark(SparkSession spark) {
        var rows = spark.sql("select make_date(1400, 1, 1), to_timestamp('2020-01-01', 'yyyy-MM-dd')")
                .collectAsList();

        assertThat(rows)
                .containsExactly(RowFactory.create(LocalDate.of(1400, 1, 1), Instant.parse("2020-01-01T00:00:00Z")));
    }
}
