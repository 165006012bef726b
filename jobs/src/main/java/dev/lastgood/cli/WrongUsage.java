package dev.lastgood.cli;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.rule.ExitCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** A command line that cannot be understood, told as every other problem is: one line, and what to do. */
final class WrongUsage implements IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        InvalidInput invalid = InvalidInput.of(
                message(e),
                guess(e)
                        + "'%s --help' shows %s."
                                .formatted(name, command.getSubcommands().isEmpty() ? "its options" : "its commands"));
        Failures.tell(invalid, Arrays.asList(args).contains("--json"), false);
        return ExitCode.USAGE;
    }

    private static final Pattern PAIR =
            Pattern.compile("option '([^']*)' \\(([^)]*)\\) should be in KEY=VALUE format but was (\\S*)");

    private static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            boolean group = !unmatched.getCommandLine().getSubcommands().isEmpty();
            return unmatched.isUnknownOption()
                    ? "there is no option '%s'".formatted(first)
                    : group
                            ? "there is no command '%s'".formatted(first)
                            : "'%s' is one argument too many".formatted(first);
        }
        if (e instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()
                && missing.getMissing().get(0) instanceof OptionSpec option) {
            return "option '%s' needs a value, %s".formatted(option.longestName(), option.paramLabel());
        }
        if (e instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            return "missing: "
                    + missing.getMissing().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(", "));
        }
        Matcher pair = PAIR.matcher(String.valueOf(e.getMessage()));
        if (pair.find()) {
            return "option '%s' needs a name and a value as in %s, not '%s'"
                    .formatted(pair.group(1), pair.group(2), pair.group(3));
        }
        String text = String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("(?i)option option", "option");
        return text.isEmpty()
                ? "the command line cannot be read"
                : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    private static String guess(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            CommandLine command = unmatched.getCommandLine();
            String word = unmatched.getUnmatched().get(0).replaceFirst("=.*", "");
            List<String> elsewhere = elsewhere(word, command);
            if (!elsewhere.isEmpty()) {
                return "It is '%s'. ".formatted(String.join("' or '", elsewhere));
            }
            return Suggestions.nearest(word, unmatched.isUnknownOption() ? options(command) : commands(command))
                    .map("Did you mean '%s'? "::formatted)
                    .orElse("");
        }
        return "";
    }

    private static List<String> commands(CommandLine command) {
        return List.copyOf(command.getSubcommands().keySet());
    }

    private static List<String> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .toList();
    }

    /** The whole names of commands of that name which belong to another one. */
    private static List<String> elsewhere(String word, CommandLine command) {
        List<String> found = new ArrayList<>();
        CommandLine root = command.getParent() == null ? command : command.getParent();
        for (CommandLine group : root.getSubcommands().values()) {
            CommandLine one = group.getSubcommands().get(word);
            if (one != null && !command.getSubcommands().isEmpty()) {
                found.add(one.getCommandSpec().qualifiedName());
            }
        }
        return found;
    }
}
