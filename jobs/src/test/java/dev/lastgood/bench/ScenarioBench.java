package dev.lastgood.bench;

import dev.lastgood.incident.scenario.Scenarios;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much of what each kind of bug did is found, by rules alone and with what incidents say beyond them. */
@Command(name = "scenario-bench", description = "Measures incidents.", mixinStandardHelpOptions = true)
public final class ScenarioBench implements Callable<Integer> {
    @Option(names = "--records", paramLabel = "N", description = "of a dataset (default: ${DEFAULT-VALUE})")
    int records = 2_000;

    @Option(names = "--nights", paramLabel = "N", description = "snapshots, from 4 (default: ${DEFAULT-VALUE})")
    int nights = 4;

    @Option(names = "--seed", paramLabel = "N", description = "of all that is made up (default: ${DEFAULT-VALUE})")
    long seed = 1;

    @Option(names = "--kind", paramLabel = "NAME", description = "only that; may be given again (default: all)")
    List<String> kinds = Scenarios.names();

    @Spec
    CommandSpec spec = CommandSpec.create();

    private final PrintWriter out;

    ScenarioBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new ScenarioBench(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        List<String> unknown = new ArrayList<>(kinds);
        unknown.removeAll(Scenarios.names());
        if (!unknown.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "no kind is named %s; there are %s".formatted(unknown, Scenarios.names()));
        }
        Path folder = Files.createDirectories(Path.of("target", "scenario-bench"));
        Scenarios.print(kinds, records, nights, seed, Files.createTempDirectory(folder, "run"), out);
        return 0;
    }
}
