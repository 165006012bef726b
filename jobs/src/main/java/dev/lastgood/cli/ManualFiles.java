package dev.lastgood.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Writes what the distribution has beside its programs: man pages, and completion for bash and zsh. Run by the build. */
public final class ManualFiles {
    private ManualFiles() {}

    /**
     * Writes all of them.
     *
     * @param arguments the folder to write to
     */
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]));
    }

    static void write(Path folder) throws IOException {
        CommandLine command = Main.commandLine(Clock.systemUTC(), Map.of());
        Path man = Files.createDirectories(folder.resolve("man/man1"));
        for (Map.Entry<String, String> page :
                new ManPages(ReportCommand.version()).of(command).entrySet()) {
            Files.writeString(man.resolve(page.getKey()), page.getValue());
        }
        Path completion = Files.createDirectories(folder.resolve("completion"));
        Files.writeString(completion.resolve("lastgood.bash"), AutoComplete.bash("lastgood", command));
    }
}
