package dev.lastgood.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.bench.Orders.Outcome;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("full")
@ExtendWith(SparkForTests.class)
class BenchTest {
    @TempDir
    Path folder;

    @Test
    void everything_measured_finds_exactly_what_was_planted(SparkSession spark) {
        StringWriter printed = new StringWriter();
        Bench bench = new Bench(new PrintWriter(printed), new PrintWriter(Writer.nullWriter()));
        bench.records = 4_000;
        bench.runs = 1;
        bench.warmUps = 0;
        bench.rules = List.of(1, 10, 100);
        bench.folder = folder.resolve("bench");
        bench.master = "local[2]";
        bench.conf = Map.of("spark.sql.shuffle.partitions", "2", "spark.default.parallelism", "2");

        List<Bench.Measured> measured = bench.measure();

        Map<String, Long> three = Map.of("total", 10L, "discount", 10L, "country", 10L);
        assertThat(measured)
                .extracting(Bench.Measured::outcome)
                .containsExactly(
                        new Outcome(0, 0, 0, Map.of()),
                        new Outcome(20, 20, 40, Map.of()),
                        new Outcome(20, 20, 40, Map.of()),
                        new Outcome(20, 20, 40, Map.of("total", 10L)),
                        new Outcome(20, 20, 40, three),
                        new Outcome(20, 20, 40, three));
        assertThat(printed.toString().lines().toList())
                .anyMatch(line -> line.startsWith("2 cores, heap "))
                .anyMatch(line -> line.startsWith("diff "))
                .anyMatch(line -> line.startsWith("audit, 100 rules cost "));
    }
}
