package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void files_are_read_live_no_faster_than_their_source_says(SparkSession spark, @TempDir Path folder)
            throws IOException {
        Files.writeString(folder.resolve("things.csv"), "id\n1\n2\n");
        var workspace = Workspaces.in(folder, """
            format: 1
            workspace: w
            store: store
            sources: {here: {files: ., limit: {records_per_second: 1000000}}, there: {files: .}}
            datasets:
              slow: {source: here, path: things.csv, format: csv, key: [id]}
              fast: {source: there, path: things.csv, format: csv, key: [id]}
            """);
        Sources sources = new Sources(spark, workspace);
        Dataset<Row> slow =
                sources.live(workspace.dataset("slow").orElseThrow()).records();

        assertThat(slow.collectAsList()).hasSize(2);
        assertThat(slow.queryExecution().optimizedPlan().toString()).contains("UDF");
        assertThat(sources.live(workspace.dataset("fast").orElseThrow())
                        .records()
                        .queryExecution()
                        .optimizedPlan()
                        .toString())
                .doesNotContain("UDF");
    }
}
