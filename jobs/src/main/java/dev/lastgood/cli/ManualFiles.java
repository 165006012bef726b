package dev.lastgood.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Writes what the distribution has beside its programs: man pages, help as text, with and without colours, which the
 * launcher shows without starting Java, and completion for bash and zsh. Run by the build. */
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
        help(command, Files.createDirectories(folder.resolve("help")));
        Path completion = Files.createDirectories(folder.resolve("completion"));
        Files.writeString(completion.resolve("lastgood.bash"), AutoComplete.bash("lastgood", command));
    }

    private static void help(CommandLine command, Path folder) throws IOException {
        String name = command.getCommandSpec().qualifiedName("-");
        Files.writeString(folder.resolve(name + ".txt"), command.getUsageMessage(Ansi.OFF));
        Files.writeString(folder.resolve(name + ".colours.txt"), command.getUsageMessage(Ansi.ON));
        for (CommandLine below : command.getSubcommands().values()) {
            help(below, folder);
        }
    }
}
