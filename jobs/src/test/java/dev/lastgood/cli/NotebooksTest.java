package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Notebooks rot unless they are run: all of them are, on the sample beside them. */
@ExtendWith(SparkForTests.class)
final class NotebooksTest {
    private static final Path ROOT = Path.of("..", "notebooks").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private static List<Path> notebooks() throws IOException {
        try (Stream<Path> all = Files.list(ROOT)) {
            List<Path> found = all.filter(path -> path.toString().endsWith(".ipynb"))
                    .sorted()
                    .toList();
            assertThat(found).hasSize(3);
            return found;
        }
    }

    @Test
    void each_runs_to_its_end_and_ends_with_a_command_that_can_be_typed() throws Exception {
        Path jupyter = Path.of("/usr/bin/jupyter-nbconvert");
        assumeTrue(Files.isExecutable(jupyter), "jupyter-nbconvert is not here");
        Process imports = new ProcessBuilder("/usr/bin/python3", "-c", "import ipykernel, matplotlib, pandas").start();
        assumeTrue(
                imports.waitFor(2, TimeUnit.MINUTES) && imports.exitValue() == 0,
                "ipykernel, matplotlib or pandas is not here");
        Map<Path, Process> running = new LinkedHashMap<>();
        for (Path notebook : notebooks()) {
            ProcessBuilder builder = new ProcessBuilder(
                            jupyter.toString(),
                            "--to",
                            "notebook",
                            "--execute",
                            "--ExecutePreprocessor.startup_timeout=120",
                            "--output-dir",
                            folder.toString(),
                            notebook.toString())
                    .directory(ROOT.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(
                            folder.resolve(notebook.getFileName() + ".txt").toFile());
            builder.environment().remove("LASTGOOD_WORKSPACE");
            builder.environment()
                    .putAll(Map.of(
                            "HOME", folder.toString(), "PYTHONDONTWRITEBYTECODE", "1", "PYTHONPATH", ROOT.toString()));
            running.put(notebook, builder.start());
        }
        for (Map.Entry<Path, Process> one : running.entrySet()) {
            Path name = one.getKey().getFileName();
            boolean ended = one.getValue().waitFor(10, TimeUnit.MINUTES);
            if (!ended) {
                running.values().forEach(Process::destroyForcibly);
            }
            assertThat(ended && one.getValue().exitValue() == 0)
                    .as("%s%n%s", name, Files.readString(folder.resolve(name + ".txt")))
                    .isTrue();
            ran(WorkspaceForTests.json(Files.readString(folder.resolve(name))));
        }
    }

    private static void ran(JsonNode notebook) {
        List<JsonNode> code = new ArrayList<>();
        notebook.get("cells").forEach(cell -> {
            if (cell.get("cell_type").asText().equals("code")) {
                code.add(cell);
            }
        });
        long pictures = code.stream()
                .flatMap(cell -> Stream.of(cell.get("outputs")))
                .filter(outputs -> outputs.toString().contains("\"image/png\""))
                .count();
        assertThat(pictures).isPositive();
        StringBuilder said = new StringBuilder();
        code.get(code.size() - 1)
                .get("outputs")
                .forEach(output -> output.path("text").forEach(line -> said.append(line.asText())));
        List<String> commands = said.toString()
                .lines()
                .map(line -> line.replaceFirst("^.*?(?=lastgood )", ""))
                .toList();
        assertThat(commands).isNotEmpty().allMatch(line -> line.startsWith("lastgood "));
        for (String command : commands) {
            List<String> words = ShopForTests.words(
                    command.replaceFirst("lastgood ", "").replace('\'', '"').replace("\"\"\"", ""));
            Main.commandLine(Clock.systemUTC(), Map.of()).parseArgs(words.toArray(String[]::new));
        }
    }

    @Test
    void no_command_for_another_plan_than_the_one_that_was_kept() throws Exception {
        Path python = Path.of("/usr/bin/python3");
        assumeTrue(Files.isExecutable(python), "python3 is not here");
        String script = """
                import pandas as pd
                import lastgood

                def said(number, kept):
                    steps = pd.DataFrame([{"dataset": "orders", "step": i, "key": {"id": i}} for i in range(number)])
                    return " | ".join(lastgood.trimmed({"plan": "0123"}, "i1", steps, steps[steps["step"] < kept]))

                print(said(3, 3))
                print(said(3, 2))
                print(said(500, 2))
                print(said(500, 250))
                print(said(3, 0))
                print(list(lastgood.exploded(pd.DataFrame([])).groupby(["dataset", "path", "kind"]).size()))
                """;
        Process process = new ProcessBuilder(
                        python.toString(),
                        "-B",
                        "-c",
                        "try:\n import pandas\nexcept ImportError:\n raise SystemExit(77)\n" + script)
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said.txt").toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assumeTrue(process.exitValue() != 77, "pandas is not here");
        assertThat(Files.readAllLines(folder.resolve("said.txt")))
                .containsExactly(
                        "lastgood restore show 0123 | and when it is the plan you want: lastgood restore approve 0123",
                        "lastgood restore show 0123 | lastgood restore plan --incident i1 --dataset orders --where"
                                + " 'not `id` in (2)' | and with the id that it prints in place of PLAN: lastgood restore"
                                + " approve PLAN",
                        "lastgood restore show 0123 | lastgood restore plan --incident i1 --dataset orders --where"
                                + " '`id` in (0, 1)' | and with the id that it prints in place of PLAN: lastgood restore"
                                + " approve PLAN",
                        "250 steps of orders are kept and 250 dropped: more than 200 records cannot be named one by one. Write"
                                + " a condition on their fields instead, and give it to 'restore plan --where'.",
                        "No step is kept: there is nothing to plan.",
                        "[]");
    }

    @Test
    void they_are_kept_without_outputs() throws IOException {
        for (Path notebook : notebooks()) {
            WorkspaceForTests.json(Files.readString(notebook))
                    .get("cells")
                    .forEach(cell -> assertThat(cell.path("outputs")).isEmpty());
        }
    }

    @Test
    void every_query_for_databricks_runs_and_finds_something(SparkSession session) throws IOException {
        SparkSession own = session.newSession();
        List<String> cells = List.of(
                Files.readString(ROOT.resolve("databricks/what_broke.sql")).split("(?m)^-- COMMAND -+$", -1));
        int queries = 0;
        for (String cell : cells) {
            String sql = cell.replaceAll("(?m)^--.*$", "")
                    .replace("${folder}", ROOT.resolve("sample").toString())
                    .strip();
            // Widgets are of Databricks alone.
            if (!sql.isEmpty() && !sql.startsWith("CREATE WIDGET")) {
                List<Row> rows = own.sql(sql).collectAsList();
                if (sql.startsWith("SELECT")) {
                    assertThat(rows).as(sql).isNotEmpty();
                    queries++;
                }
            }
        }
        assertThat(queries).isEqualTo(5);
    }
}
