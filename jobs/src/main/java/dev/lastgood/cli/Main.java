package dev.lastgood.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code lastgood}. Says nothing of its own: without a subcommand it shows what there is. */
@Command(
        name = "lastgood",
        description = "Audits live data against its backups, finds what a bug broke, and puts back exactly that.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Main implements Runnable {

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command line and gives back its exit code. Never ends the JVM. */
    public static int run(String... args) {
        return new CommandLine(new Main()).execute(args);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
