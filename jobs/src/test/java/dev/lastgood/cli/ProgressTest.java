package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.spark.TaskCounts;
import dev.lastgood.spark.TaskCounts.Counts;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkForTests.class)
final class ProgressTest {

    @Test
    void a_line_says_how_far_it_is_and_how_long_it_will_take() {
        Counts last = new Counts(40, 7, 800_000);
        assertThat(Progress.line("auditing", last, new Counts(40, 10, 1_234_560), Duration.ofSeconds(30)))
                .isEqualTo(
                        "auditing: 30 s, 10 of 40 tasks, 1,234,560 records read, 41,152 a second, at least 90 s left");
        assertThat(Progress.line("auditing", last, new Counts(44, 40, 0), Duration.ofSeconds(30)))
                .as("more has come")
                .isEqualTo("auditing: 30 s, 40 of 44 tasks");
        assertThat(Progress.line("auditing", last, new Counts(0, 0, 0), Duration.ofSeconds(10)))
                .isEqualTo("auditing: 10 s");
        assertThat(Progress.line("auditing", new Counts(4, 1, 0), new Counts(4, 4, 0), Duration.ofSeconds(10)))
                .isEqualTo("auditing: 10 s, 4 of 4 tasks");
    }

    @Test
    void spark_tells_what_it_has_done(SparkSession session) throws Exception {
        Counts before = TaskCounts.now();

        session.range(0, 100, 1, 3).toDF().selectExpr("sum(id)").collectAsList();
        session.sparkContext().listenerBus().waitUntilEmpty();

        Counts done = TaskCounts.now().since(before);
        assertThat(done.ended()).isGreaterThanOrEqualTo(3);
        assertThat(done.tasks()).isGreaterThanOrEqualTo(done.ended());
    }

    @Test
    void short_work_says_nothing() {
        var bytes = new ByteArrayOutputStream();
        Progress.of("auditing", new PrintStream(bytes, true, StandardCharsets.UTF_8), false)
                .close();

        assertThat(bytes.size()).isZero();
    }
}
