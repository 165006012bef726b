package dev.lastgood.cli;

import dev.lastgood.rule.ExitCode;
import dev.lastgood.yaml.Durations;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code lastgood}. Says nothing of its own: without a subcommand it shows what there is. */
@Command(
        name = "lastgood",
        description = "Audits live data against its backups, finds what a bug broke, and puts back exactly that.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "'lastgood demo' shows the whole of it. 'lastgood help COMMAND' shows the options of a command. What works "
                    + "in a workspace takes -w PATH, the folder of it, where it is not this one."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:pass",
            "1:findings, damage or conflicts",
            "2:usage or configuration",
            "3:inconclusive, or partly applied",
            "4:environment: source, store, network",
            "5:refused for safety",
            "130:interrupted"
        },
        subcommands = {
            DemoCommand.class,
            InitCommand.class,
            StatusCommand.class,
            SnapshotCommand.class,
            RulesCommand.class,
            DiffCommand.class,
            AuditCommand.class,
            IncidentCommand.class,
            HistoryCommand.class,
            RestoreCommand.class,
            ReportCommand.class,
            DoctorCommand.class
        })
public final class Main implements Runnable {

    public static void main(String[] args) {
        System.exit(run(args));
    }

    private final Clock clock;
    private final Map<String, String> env;

    private Main(Clock clock, Map<String, String> env) {
        this.clock = clock;
        this.env = env;
    }

    /** Runs one command line and gives back its exit code. Never ends the JVM. */
    public static int run(String... args) {
        return run(Clock.systemUTC(), System.getenv(), args);
    }

    /** Runs one command line at another time and in another environment. */
    static int run(Clock clock, Map<String, String> env, String... args) {
        return run(commandLine(clock, env), args);
    }

    static int run(CommandLine commandLine, String... args) {
        try {
            return commandLine.execute(args.length > 0 && args[0].equals("help") ? asked(commandLine, args) : args);
        } catch (Error e) {
            // Out of memory, or a class that is not there: the JVM would end with 1, which says that something was
            // found.
            return Failures.tell(e, List.of(args).contains("--json"), false);
        }
    }

    /** {@code help snapshot take} is {@code snapshot take --help}. Whatever stands there, nothing but help comes of it. */
    private static String[] asked(CommandLine commandLine, String... args) {
        List<String> asked = new ArrayList<>();
        CommandLine command = commandLine;
        for (String word : List.of(args).subList(1, args.length)) {
            if (command.getSubcommands().isEmpty()) {
                break;
            }
            asked.add(word);
            command = command.getSubcommands().get(word);
            if (command == null) {
                return asked.toArray(String[]::new); // a group that does not know it says so
            }
        }
        asked.add("--help");
        return asked.toArray(String[]::new);
    }

    /** All commands with their options, ready to run. */
    static CommandLine commandLine(Clock clock, Map<String, String> env) {
        return Examples.addedTo(new CommandLine(new Main(clock, env)))
                .setExecutionExceptionHandler(new Failures())
                .setParameterExceptionHandler(new WrongUsage())
                .setExitCodeExceptionMapper(e -> ExitCode.ENVIRONMENT)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, Main::duration);
    }

    private static Duration duration(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new CommandLine.TypeConversionException(
                        "'%s' is no duration; write it as in 30m, 12h or 7d".formatted(text)));
    }

    Clock clock() {
        return clock;
    }

    Map<String, String> env() {
        return env;
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
