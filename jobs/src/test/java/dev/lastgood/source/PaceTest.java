package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import java.time.Duration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkForTests.class)
class PaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void a_record_waits_for_its_time() {
        assertThat(Pace.early(100, 0, 100)).isEqualTo(SECOND);
        assertThat(Pace.early(150, SECOND, 100)).isEqualTo(SECOND / 2);
        assertThat(Pace.early(100, SECOND, 100)).isZero();
        assertThat(Pace.early(100, 2 * SECOND, 100)).isNegative();
    }

    @Test
    void every_record_comes_through(SparkSession spark) {
        var paced = Pace.of(spark.range(0, 500, 1, 2).toDF(), 1_000_000, 2);
        assertThat(paced.collectAsList()).hasSize(500);
        assertThat(paced.where("id < 10").queryExecution().optimizedPlan().toString())
                .as("what lets them through is not left out")
                .contains("UDF");
    }
}
