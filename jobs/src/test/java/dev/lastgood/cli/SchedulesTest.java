package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lastgood.rule.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The examples of schedules are of this program's commands and of the schedulers' own syntax, as far as that can be told here. */
final class SchedulesTest {
    private static final Path ROOT = Path.of("..", "schedules").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private static String text(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> yaml(String file) {
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(text(file));
    }

    /** What lies there: members by their names, elements by their numbers. */
    private static Object at(Object node, String path) {
        Object found = node;
        for (String step : path.split("/", -1)) {
            found = Objects.requireNonNull(
                    found instanceof List<?> list ? list.get(Integer.parseInt(step)) : ((Map<?, ?>) found).get(step),
                    () -> step + " of " + path);
        }
        return found;
    }

    private record Ran(int code, String output) {}

    private Ran ran(Map<String, String> environment, String... command) {
        try {
            Path output = Files.createTempFile(folder, "output", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(ROOT.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            int code = builder.start().waitFor();
            return new Ran(code, Files.readString(output));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isThere(String program) {
        return Stream.of(Objects.requireNonNull(System.getenv("PATH")).split(":", -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    // ---- commands

    /** Every command line of lastgood in them, without its first word. */
    private static List<List<String>> commands() throws IOException {
        List<List<String>> commands = new ArrayList<>();
        Pattern shell = Pattern.compile("(?:^|[ /])lastgood ((?:audit|snapshot|rules) [^|&;\"'#\\n]*)");
        for (String file : List.of("cron/lastgood", "github/lastgood.yml")) {
            Matcher found = shell.matcher(text(file));
            while (found.find()) {
                commands.add(words(found.group(1)));
            }
        }
        Matcher check = Pattern.compile("(?m)^(?:check|run) [a-z]+ (.*)$").matcher(text("nightly.sh"));
        while (check.find()) {
            commands.add(words(
                    check.group(1).replaceAll("\"\\$\\{LASTGOOD_BUDGET:-(.*?)}\"", "$1") + " -w x --no-progress"));
        }
        Matcher python = Pattern.compile("(?m)^ +lastgood\\((\".*\")\\)$").matcher(text("airflow/lastgood_nightly.py"));
        while (python.find()) {
            commands.add(words(python.group(1).replaceAll("[\",]+", " ")));
        }
        for (int task = 0; task < 3; task++) {
            commands.add(strings(at(
                    yaml("databricks/databricks.yml"),
                    "resources/jobs/lastgood_nightly/tasks/%d/spark_jar_task/parameters".formatted(task))));
        }
        commands.add(strings(at(yaml("kubernetes/spark-application.yaml"), "spec/template/arguments")));
        return commands;
    }

    private static List<String> words(String line) {
        return Stream.of(line.strip().split("\\s+", -1)).toList();
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(Object::toString).toList();
    }

    @Test
    void every_command_of_a_schedule_is_one_of_this_program() throws IOException {
        List<List<String>> commands = commands();

        assertThat(commands).hasSize(14);
        for (List<String> command : commands) {
            Main.commandLine(Clock.systemUTC(), Map.of()).parseArgs(command.toArray(String[]::new));
        }
    }

    @Test
    void every_file_is_told_of() throws IOException {
        String readme = text("README.md");
        try (Stream<Path> all = Files.walk(ROOT)) {
            assertThat(all.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString())
                            .filter(name -> !name.equals("README.md")))
                    .hasSizeGreaterThan(9)
                    .allMatch(readme::contains);
        }
    }

    // ---- the night

    @ParameterizedTest
    @CsvSource({
        "0 0 0 0, 0",
        "1 0 0 0, 1",
        "4 0 1 0, 1",
        "4 0 0 0, 4",
        "0 4 3 0, 3",
        "3 2 4 0, 2",
        "5 2 0 0, 5",
        "137 0 0 0, 4",
        "0 0 143 0, 4",
        "1 137 0 0, 1",
        "0 0 0 3, 3",
        "0 0 0 1, 1",
        "0 4 0 3, 4"
    })
    void the_night_ends_with_what_somebody_has_to_see_first(String codes, int expected) throws IOException {
        Files.createDirectory(folder.resolve("out"));
        Files.writeString(folder.resolve("out/audit.prom"), "of last night");
        List<String> called = night(codes, folder.resolve("out"), expected);

        assertThat(folder.resolve("out/audit.prom")).doesNotExist();
        assertThat(called.get(0))
                .startsWith("audit --junit ")
                .contains(" --webhook LASTGOOD_ALERTS --webhook-on trouble -w ");
        assertThat(called.get(1)).startsWith("snapshot take -w ").doesNotContain("--webhook");
        assertThat(called.get(2)).contains("--prometheus " + folder.resolve("out/verify.prom"));
        assertThat(called.get(3)).startsWith("status --junit ");
    }

    @Test
    void a_night_that_can_write_no_metrics_is_one_all_the_same() throws IOException {
        Files.writeString(folder.resolve("file"), "");

        List<String> called = night("0 0 0 0", folder.resolve("file/out"), 4);

        assertThat(called).noneMatch(call -> call.contains("--junit")).anyMatch(call -> call.contains("--webhook"));
        night("1 0 0 0", folder.resolve("file/out"), 1);
    }

    /** The commands of a night that ended as is expected, of which each ends with one of the codes. */
    private List<String> night(String codes, Path outputs, int expected) throws IOException {
        Path fake = folder.resolve("lastgood");
        Files.writeString(fake, """
                #!/bin/sh
                echo "$@" >> "$CALLS"
                set -- $CODES
                shift $(($(wc -l < "$CALLS") - 1))
                exit $1
                """);
        assertThat(fake.toFile().setExecutable(true)).isTrue();
        Path calls = folder.resolve("calls");
        Files.deleteIfExists(calls);
        Map<String, String> environment = Map.of(
                "LASTGOOD",
                fake.toString(),
                "CALLS",
                calls.toString(),
                "CODES",
                codes,
                "LASTGOOD_ALERTS",
                "http://127.0.0.1:1/secret");

        Ran ran = ran(environment, ROOT.resolve("nightly.sh").toString(), folder.toString(), outputs.toString());

        assertThat(ran.code()).as(ran.output()).isEqualTo(expected);
        List<String> called = Files.readAllLines(calls);
        assertThat(called).hasSize(4).noneMatch(call -> call.contains("secret"));
        for (String call : called) {
            Main.commandLine(Clock.systemUTC(), Map.of()).parseArgs(words(call).toArray(String[]::new));
        }
        return called;
    }

    @Test
    void a_command_in_another_process_throws_what_it_ends_with() {
        assertThatThrownBy(() -> InProcess.main(new String[] {"no-such-command"}))
                .isInstanceOf(InProcess.Ended.class)
                .hasMessage("lastgood ended with exit code 2: usage or configuration");
        InProcess.main(new String[] {"--version"});
    }

    // ---- each in its own syntax

    /** What must be tried again, and what must not. */
    private static final List<Integer> FINAL =
            List.of(ExitCode.FINDINGS, ExitCode.USAGE, ExitCode.INCONCLUSIVE, ExitCode.REFUSED);

    @Test
    void kubernetes_does_not_try_findings_again() {
        Map<String, Object> job = yaml("kubernetes/cronjob.yaml");

        assertThat(at(job, "apiVersion")).isEqualTo("batch/v1");
        assertThat(at(job, "kind")).isEqualTo("CronJob");
        assertThat(at(job, "spec/concurrencyPolicy")).isEqualTo("Forbid");
        String spec = "spec/jobTemplate/spec/";
        assertThat(at(job, spec + "podFailurePolicy/rules/0/action")).isEqualTo("FailJob");
        assertThat(at(job, spec + "podFailurePolicy/rules/0/onExitCodes/values"))
                .isEqualTo(FINAL);
        assertThat(at(job, spec + "podFailurePolicy/rules/0/onExitCodes/containerName"))
                .isEqualTo(at(job, spec + "template/spec/containers/0/name"));
        // A policy of pod failures asks for it.
        assertThat(at(job, spec + "template/spec/restartPolicy")).isEqualTo("Never");
        Map<String, Object> application = yaml("kubernetes/spark-application.yaml");
        assertThat(at(application, "kind")).isEqualTo("ScheduledSparkApplication");
        assertThat(at(application, "spec/template/restartPolicy/type")).isEqualTo("Never");
        assertThat(at(application, "spec/template/mainClass")).isEqualTo(Main.class.getName());
    }

    @Test
    void both_of_kubernetes_have_the_workspace_with_its_rules() {
        Map<String, Object> application = yaml("kubernetes/spark-application.yaml");
        String pod = "spec/jobTemplate/spec/template/spec/";

        assertThat(at(application, "spec/template/volumes/0"))
                .isEqualTo(at(yaml("kubernetes/cronjob.yaml"), pod + "volumes/0"));
        assertThat(at(application, "spec/template/volumes/0/projected/sources/1/configMap/items/0/path"))
                .isEqualTo("rules/shop.yaml");
        assertThat(at(application, "spec/template/driver/volumeMounts/0/mountPath"))
                .isEqualTo("/workspace");
    }

    @Test
    void databricks_starts_what_does_not_end_its_process() {
        Map<String, Object> bundle = yaml("databricks/databricks.yml");
        for (int task = 0; task < 3; task++) {
            String place = "resources/jobs/lastgood_nightly/tasks/%d/".formatted(task);
            assertThat(at(bundle, place + "spark_jar_task/main_class_name")).isEqualTo(InProcess.class.getName());
            assertThat(at(bundle, place + "max_retries")).isEqualTo(0);
            assertThat(at(bundle, place + "email_notifications/on_failure")).isNotNull();
        }
    }

    @Test
    void github_and_prometheus_are_yaml_of_theirs() {
        Map<String, Object> workflow = yaml("github/lastgood.yml");
        assertThat(workflow).containsKeys("name", "on", "permissions", "jobs");
        assertThat((List<?>) at(workflow, "jobs/rules/steps"))
                .allSatisfy(
                        step -> assertThat(((Map<?, ?>) step).keySet().stream().map(Object::toString))
                                .containsAnyOf("uses", "run"));
        List<?> rules = (List<?>) at(yaml("prometheus/alerts.yml"), "groups/0/rules");
        String metrics = rules.stream().map(rule -> at(rule, "expr").toString()).collect(Collectors.joining("\n"));
        assertThat(rules).hasSize(6);
        assertThat(Pattern.compile("lastgood_[a-z_]+")
                        .matcher(metrics)
                        .results()
                        .map(java.util.regex.MatchResult::group)
                        .distinct())
                .containsExactlyInAnyOrder(
                        "lastgood_verdict",
                        "lastgood_run_timestamp_seconds",
                        "lastgood_snapshot_timestamp_seconds",
                        "lastgood_dataset_records");
    }

    @Test
    void promtool_finds_nothing_wrong() {
        assumeTrue(isThere("promtool"), "promtool is not here");

        Ran ran = ran(Map.of(), "promtool", "check", "rules", "prometheus/alerts.yml");

        assertThat(ran.code()).as(ran.output()).isZero();
    }

    @Test
    void cron_has_five_times_a_user_and_a_command() {
        List<String> jobs = text("cron/lastgood")
                .lines()
                .filter(line -> !line.startsWith("#") && line.contains(" lastgood "))
                .toList();

        assertThat(jobs).hasSize(2).allMatch(line -> line.matches("([0-9*/,-]+ ){5}lastgood [^%]+"));
    }

    @Test
    void systemd_gives_up_after_three_starts_however_long_they_take() {
        String unit = text("systemd/lastgood.service");
        Matcher burst = Pattern.compile("(?m)^StartLimitBurst=(\\d+)$").matcher(unit);
        assertThat(burst.find()).isTrue();

        assertThat(minutes(unit, "StartLimitIntervalSec"))
                .isGreaterThan(Long.parseLong(burst.group(1))
                        * (minutes(unit, "TimeoutStartSec") + minutes(unit, "RestartSec")))
                .as("and the timer's own start of the next night is none of them")
                .isLessThan(24 * 60);
    }

    private static long minutes(String unit, String setting) {
        Matcher found =
                Pattern.compile("(?m)^%s=(\\d+)(h|min)$".formatted(setting)).matcher(unit);
        assertThat(found.find()).as(setting).isTrue();
        return Long.parseLong(found.group(1)) * (found.group(2).equals("h") ? 60 : 1);
    }

    @Test
    void systemd_finds_nothing_wrong() throws IOException {
        String unit = text("systemd/lastgood.service");
        assertThat(unit)
                .contains("RestartPreventExitStatus="
                        + FINAL.stream().map(Object::toString).collect(Collectors.joining(" ")));
        assumeTrue(isThere("systemd-analyze"), "systemd-analyze is not here");
        // It looks for the program, which is only where Lastgood has been installed.
        for (String name : List.of("lastgood.service", "lastgood.timer", "lastgood-failed.service")) {
            Files.writeString(
                    folder.resolve(name),
                    text("systemd/" + name).replaceAll("(?m)^ExecStart=/opt/\\S+", "ExecStart=/bin/true"),
                    StandardCharsets.UTF_8);
        }

        Ran ran = ran(
                Map.of(),
                "systemd-analyze",
                "verify",
                folder.resolve("lastgood.service").toString(),
                folder.resolve("lastgood.timer").toString(),
                folder.resolve("lastgood-failed.service").toString());

        // It also tells of other units of the machine.
        assertThat(ran.output().lines().filter(line -> line.contains("lastgood")))
                .isEmpty();
    }

    @Test
    void airflow_retries_what_is_worth_it() throws IOException {
        assumeTrue(isThere("python3"), "python3 is not here");
        // As much of Airflow as the file uses.
        Files.createDirectories(folder.resolve("airflow"));
        Files.writeString(folder.resolve("airflow/__init__.py"), "");
        Files.writeString(folder.resolve("airflow/exceptions.py"), """
                class AirflowException(Exception): pass
                class AirflowFailException(AirflowException): pass
                """);
        Files.writeString(folder.resolve("airflow/decorators.py"), """
                class Task:
                    def __rshift__(self, other): return other
                    def __rrshift__(self, other): return self
                def dag(**settings): return lambda function: function
                def task(*function, **settings):
                    return (lambda: Task()) if function else (lambda later: lambda: Task())
                """);
        Path check = folder.resolve("check.py");
        Files.writeString(check, """
                import importlib.util, sys
                spec = importlib.util.spec_from_file_location("nightly", sys.argv[1])
                nightly = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(nightly)
                for code in range(7):
                    nightly.LASTGOOD = sys.argv[2] + str(code)
                    try:
                        nightly.lastgood("audit")
                        print(code, "passed")
                    except Exception as e:
                        print(code, type(e).__name__)
                """);
        for (int code = 0; code < 7; code++) {
            Path fake = folder.resolve("fake" + code);
            Files.writeString(fake, "#!/bin/sh\nexit %d\n".formatted(code));
            assertThat(fake.toFile().setExecutable(true)).isTrue();
        }

        Ran ran = ran(
                Map.of("PYTHONPATH", folder.toString(), "PYTHONDONTWRITEBYTECODE", "1"),
                "python3",
                check.toString(),
                ROOT.resolve("airflow/lastgood_nightly.py").toString(),
                folder.resolve("fake").toString());

        assertThat(ran.output()).isEqualTo("""
                0 passed
                1 AirflowFailException
                2 AirflowFailException
                3 AirflowFailException
                4 AirflowException
                5 AirflowFailException
                6 AirflowException
                """);
    }
}
