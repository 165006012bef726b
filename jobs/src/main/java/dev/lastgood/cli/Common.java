package dev.lastgood.cli;

import dev.lastgood.job.Workplace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options every command has. */
final class Common {
    @Option(
            names = {"-w", "--workspace"},
            paramLabel = "PATH",
            description = "the workspace: lastgood.yaml, or the folder it lies in (default: this folder)")
    Path workspace = Path.of("");

    @Option(
            names = "--json",
            description = "print one JSON document on standard output, everything else on standard error")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "print only results and errors")
    boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            description = "print the stack trace of an error as well")
    boolean verbose;

    @Option(names = "--no-color", description = "print without colours")
    boolean noColor;

    @Option(names = "--no-progress", description = "show no progress")
    boolean noProgress;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "where Spark runs (default: ${DEFAULT-VALUE})",
            defaultValue = "local[*]")
    String master = "local[*]";

    @Option(
            names = "--conf",
            paramLabel = "NAME=VALUE",
            description = "configuration of Spark; may be given several times")
    Map<String, String> conf = new LinkedHashMap<>();

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec spec;

    private @Nullable Workplace read;

    /** The workspace the options name. Throws InvalidInput with every problem of its files. */
    Workplace workplace() {
        Path named = workspace.toAbsolutePath().normalize();
        Path file = Files.isDirectory(named) ? named.resolve("lastgood.yaml") : named;
        Main main = (Main) Objects.requireNonNull(spec).root().userObject();
        read = new Workplace(Workplace.read(file, main.env()), main.clock(), user(), master, conf);
        return read;
    }

    /** What {@link #workplace} gave last, if it gave any. */
    Optional<Workplace> read() {
        return Optional.ofNullable(read);
    }

    Clock clock() {
        return ((Main) Objects.requireNonNull(spec).root().userObject()).clock();
    }

    /** The environment of this process. */
    Map<String, String> environment() {
        return ((Main) Objects.requireNonNull(spec).root().userObject()).env();
    }

    /** Whether a line that moves can be shown: standard error is a terminal, as the launcher says, and nobody wants quiet. */
    boolean showsProgress() {
        return Boolean.getBoolean("lastgood.terminal") && !quiet && !noProgress;
    }

    /** Whether lines are to say how far it is: standard error is no terminal, as the launcher says, and nobody wants quiet. */
    boolean tellsProgress() {
        return "false".equals(System.getProperty("lastgood.terminal")) && !quiet && !noProgress;
    }

    private static String user() {
        @Nullable String user = System.getProperty("user.name");
        return user == null || user.isEmpty() ? "unknown" : user;
    }
}
