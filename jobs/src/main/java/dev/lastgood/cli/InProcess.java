package dev.lastgood.cli;

import dev.lastgood.rule.ExitCode;
import java.time.Clock;
import java.util.Map;

/**
 * The command {@code lastgood} for whoever calls a main method in a process of theirs, as a job of Databricks does: it never
 * ends the JVM, and anything but a pass is thrown.
 */
public final class InProcess {
    private InProcess() {}

    /**
     * Runs one command line.
     *
     * @throws Ended unless it ended with 0
     */
    public static void main(String[] args) {
        int code = Main.run(args);
        if (code != ExitCode.PASS) {
            throw new Ended(code);
        }
    }

    /** A command that did not pass. What it found is on its output; this says only how it ended. */
    public static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int exitCode;

        Ended(int exitCode) {
            super("lastgood ended with exit code %d: %s".formatted(exitCode, meaning(exitCode)));
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }

        private static String meaning(int exitCode) {
            return Main.commandLine(Clock.systemUTC(), Map.of())
                    .getCommandSpec()
                    .usageMessage()
                    .exitCodeList()
                    .getOrDefault(Integer.toString(exitCode), "unknown");
        }
    }
}
