package dev.lastgood.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("full")
@ExtendWith(SparkForTests.class)
class IncidentBenchTest {
    @TempDir
    Path folder;

    @Test
    void it_measures_a_diagnosis_that_is_right() throws IOException {
        StringWriter printed = new StringWriter();
        IncidentBench bench = new IncidentBench(new PrintWriter(printed));
        bench.changes = 20_000;
        bench.findings = 800;
        bench.runs = 1;
        bench.folder = folder;
        bench.master = "local[2]";

        assertThat(bench.call()).as(printed.toString()).isEqualTo(0);
        assertThat(printed.toString()).contains("diagnosis", "have d0 v1 and d1 v2", "have d2 v3 and d3 v0");
    }
}
