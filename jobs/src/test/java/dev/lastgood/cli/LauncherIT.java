package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Starts the distribution as a user does, from another folder and through a link. */
@DisabledOnOs(OS.WINDOWS)
class LauncherIT {

    private static final Path DISTRIBUTION = Path.of(System.getProperty("lastgood.distribution"));
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private static final Map<String, String> NO_JAVA = Map.of("JAVA_HOME", "/no/such/jdk");

    @TempDir
    Path folder;

    @Test
    void says_its_version_and_nothing_else() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("lg"), DISTRIBUTION.resolve("bin/lastgood"));

        Ended ended = run(Map.of("JAVA_HOME", JAVA_HOME.toString()), link.toString(), "--version");
        Files.delete(link);

        assertThat(ended.output().lines().findFirst()).contains("lastgood " + System.getProperty("lastgood.version"));
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.code()).isZero();
    }

    @Test
    void has_its_pages_completion_and_schedules_with_it() {
        assertThat(DISTRIBUTION.resolve("man/man1/lastgood-snapshot-verify.1")).isNotEmptyFile();
        assertThat(DISTRIBUTION.resolve("completion/lastgood.bash")).isNotEmptyFile();
        assertThat(DISTRIBUTION.resolve("schedules/nightly.sh")).isExecutable();
        assertThat(DISTRIBUTION.resolve("schedules/kubernetes/cronjob.yaml")).isNotEmptyFile();
    }

    /** A JDK whose java says what it was started with. */
    private Map<String, String> telling() throws IOException {
        Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        return Map.of("JAVA_HOME", folder.resolve("jdk").toString());
    }

    @Test
    void code_that_is_compiled_quickly_has_room_for_all_of_it() throws Exception {
        Map<String, String> environment = telling();
        String lastgood = DISTRIBUTION.resolve("bin/lastgood").toString();

        for (String command : List.of("demo", "--version", "rules check", "snapshot list", "help audt")) {
            List<String> words = new ArrayList<>(List.of(lastgood));
            words.addAll(List.of(command.split(" ", -1)));
            assertThat(run(environment, words.toArray(String[]::new)).output())
                    .as(command)
                    .contains("-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m");
        }
        for (String command : List.of("audit", "snapshot take", "rules suggest", "diff latest")) {
            List<String> words = new ArrayList<>(List.of(lastgood));
            words.addAll(List.of(command.split(" ", -1)));
            assertThat(run(environment, words.toArray(String[]::new)).output())
                    .as(command)
                    .doesNotContain("TieredStopAtLevel");
        }
    }

    @Test
    void options_for_java_have_the_last_word() throws Exception {
        Map<String, String> environment = telling();
        String lastgood = DISTRIBUTION.resolve("bin/lastgood").toString();
        Map<String, String> chosen = new HashMap<>(environment);
        chosen.put("LASTGOOD_JAVA_OPTS", "-Da=b -XX:+UseG1GC -Dc=d");

        assertThat(run(environment, lastgood, "restore", "resolve", "--note", "see -h and --help for more")
                        .output())
                .contains("-XX:+UseParallelGC");
        for (String command : List.of("audit", "--version")) {
            assertThat(run(chosen, lastgood, command).output())
                    .contains("-XX:+UseG1GC")
                    .doesNotContain("SerialGC", "ParallelGC");
        }
    }

    @Test
    void help_is_what_the_program_shows_and_takes_no_java() throws Exception {
        shown(Main.commandLine(Clock.systemUTC(), Map.of()), List.of());
        assertThat(run(NO_JAVA, DISTRIBUTION.resolve("bin/lastgood").toString()))
                .isEqualTo(run(NO_JAVA, DISTRIBUTION.resolve("bin/lastgood").toString(), "help"));
    }

    private void shown(CommandLine command, List<String> words) throws Exception {
        var expected = new Ended(0, command.getUsageMessage(CommandLine.Help.Ansi.OFF), "");
        List<String> line =
                new ArrayList<>(List.of(DISTRIBUTION.resolve("bin/lastgood").toString()));
        line.addAll(words);
        for (String option : List.of("--help", "-h")) {
            line.add(option);
            assertThat(run(NO_JAVA, line.toArray(String[]::new))).isEqualTo(expected);
            line.remove(line.size() - 1);
        }
        line.add(1, "help");
        assertThat(run(NO_JAVA, line.toArray(String[]::new))).isEqualTo(expected);
        for (Map.Entry<String, CommandLine> below : command.getSubcommands().entrySet()) {
            List<String> deeper = new ArrayList<>(words);
            deeper.add(below.getKey());
            shown(below.getValue(), deeper);
        }
    }

    @Test
    void help_that_is_asked_for_otherwise_is_the_programs() throws Exception {
        Map<String, String> environment = telling();
        String lastgood = DISTRIBUTION.resolve("bin/lastgood").toString();
        for (List<String> words : List.of(
                List.of("audit", "--help", "--json"),
                List.of("--help", "audit"),
                List.of("audit", "--json", "--help"),
                List.of("snapshot", "help", "take"),
                List.of("help", "help"),
                List.of("help", "audt"),
                List.of("help", "../conf/log4j2"),
                List.of("snapshot-take", "--help"),
                List.of("audit", "", "--help"),
                List.of("audit"))) {
            List<String> line = new ArrayList<>(List.of(lastgood));
            line.addAll(words);
            assertThat(run(environment, line.toArray(String[]::new)).output())
                    .as("%s", words)
                    .startsWith("@")
                    .endsWith(("dev.lastgood.cli.Main " + String.join(" ", words)).stripTrailing() + "\n");
        }
        Map<String, String> forced = new HashMap<>(environment);
        forced.put("CLICOLOR_FORCE", "1");
        assertThat(run(forced, lastgood, "help").output()).endsWith("dev.lastgood.cli.Main help\n");
    }

    @Test
    void help_has_colours_on_a_terminal_where_they_are_wanted() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script is not here");
        String plain = run(NO_JAVA, DISTRIBUTION.resolve("bin/lastgood").toString(), "help")
                .output();
        String colours = Main.commandLine(Clock.systemUTC(), Map.of()).getUsageMessage(CommandLine.Help.Ansi.ON);

        assertThat(onTerminal(Map.of())).isEqualTo(colours).isNotEqualTo(plain);
        assertThat(onTerminal(Map.of("NO_COLOR", ""))).isEqualTo(plain);
        assertThat(onTerminal(Map.of("CLICOLOR", "0"))).isEqualTo(plain);
    }

    private String onTerminal(Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(NO_JAVA);
        environment.putAll(more);
        return run(environment, "/usr/bin/script", "-qec", DISTRIBUTION.resolve("bin/lastgood") + " help", "/dev/null")
                .output()
                .replace("\r", "");
    }

    @Test
    void a_wrong_option_is_a_wrong_command_line() throws Exception {
        Ended ended = run(
                Map.of("JAVA_HOME", JAVA_HOME.toString()),
                DISTRIBUTION.resolve("bin/lastgood").toString(),
                "--wat");

        assertThat(ended.errors()).contains("--wat");
        assertThat(ended.output()).isEmpty();
        assertThat(ended.code()).isEqualTo(2);
    }

    @Test
    void classes_left_by_an_earlier_run_are_used_and_those_of_another_are_ignored_without_a_word() throws Exception {
        Map<String, String> java = Map.of("JAVA_HOME", JAVA_HOME.toString());
        Path classes = DISTRIBUTION.resolve("classes.jsa");
        String lastgood = DISTRIBUTION.resolve("bin/lastgood").toString();
        try {
            Ended prepared = run(java, DISTRIBUTION.resolve("bin/prepare").toString());
            assertThat(prepared).isEqualTo(new Ended(0, "", ""));
            assertThat(DISTRIBUTION)
                    .isDirectoryContaining(path -> path.endsWith("classes.jsa"))
                    .isDirectoryNotContaining(
                            path -> path.getFileName().toString().startsWith("prepare."));

            Map<String, String> must = new HashMap<>(java);
            must.put("LASTGOOD_JAVA_OPTS", "-Xshare:on");
            assertThat(run(must, lastgood, "--version").code()).as("mapped").isZero();
            // There is no workspace here: what says so is Lastgood, and not a JVM that does not start.
            Ended said = run(must, lastgood, "status");
            assertThat(said.code()).as("mapped").isEqualTo(2);

            Path jar;
            try (Stream<Path> jars = Files.list(DISTRIBUTION.resolve("jars"))) {
                jar = jars.filter(one -> one.getFileName().toString().startsWith("picocli"))
                        .findFirst()
                        .orElseThrow();
            }
            FileTime was = Files.getLastModifiedTime(jar);
            try {
                Files.setLastModifiedTime(jar, FileTime.from(was.toInstant().plusSeconds(60)));
                assertThat(run(must, lastgood, "--version").code())
                        .as("not mapped")
                        .isNotZero();
                assertThat(run(must, lastgood, "status").errors())
                        .as("not mapped")
                        .isNotEqualTo(said.errors());
                started(run(java, lastgood, "--version"));
                assertThat(run(java, lastgood, "status")).isEqualTo(said);
            } finally {
                Files.setLastModifiedTime(jar, was);
            }
            // Jars of the same name, time and size, and not the same: the JVM would take the classes for theirs.
            Path sums = DISTRIBUTION.resolve("classes.sum");
            String sum = Files.readString(sums);
            assertThat(sum).contains("jars/lastgood-rules-", "jars/lastgood-snapshots-", "jars/lastgood-jobs-");
            assertThat(run(telling(), lastgood, "audit").output()).contains("-XX:SharedArchiveFile=" + classes);
            Files.writeString(sums, "1" + sum);
            assertThat(run(telling(), lastgood, "audit").output()).doesNotContain("SharedArchiveFile");
            Files.writeString(sums, sum);
            Files.delete(classes);
            Files.writeString(classes, "no classes");
            started(run(java, lastgood, "--version"));
            assertThat(run(java, lastgood, "status")).isEqualTo(said);
        } finally {
            Files.deleteIfExists(classes);
            Files.deleteIfExists(DISTRIBUTION.resolve("classes.sum"));
        }
    }

    private static void started(Ended ended) {
        assertThat(ended.code()).as(ended.errors()).isZero();
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.output()).startsWith("lastgood ");
    }

    @Test
    void an_old_java_is_named() throws Exception {
        Path old = folder.resolve("jdk-11");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        Files.createFile(
                old.resolve("bin/java"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

        Ended ended = run(
                Map.of("JAVA_HOME", old.toString()),
                DISTRIBUTION.resolve("bin/lastgood").toString(),
                "status");

        assertThat(ended).isEqualTo(new Ended(4, "", """
                        error: Lastgood needs Java 17 or later, and this is Java 11 (JAVA_HOME is %s)
                        hint: Install a JDK 17 or later, or set JAVA_HOME to where one is.
                        """.formatted(old)));
    }

    @Test
    void a_missing_java_is_named() throws Exception {
        Ended ended = run(NO_JAVA, DISTRIBUTION.resolve("bin/lastgood").toString(), "status");

        assertThat(ended).isEqualTo(new Ended(4, "", """
                        error: no Java found (JAVA_HOME is /no/such/jdk)
                        hint: Install a JDK 17 or later, or set JAVA_HOME to where one is.
                        """));
    }

    private record Ended(int code, String output, String errors) {}

    private Ended run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        // The JVM says on standard error that it has seen one of these.
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "LASTGOOD_JAVA_OPTS"));
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        return new Ended(
                code,
                Files.readString(output, StandardCharsets.UTF_8),
                Files.readString(errors, StandardCharsets.UTF_8));
    }
}
