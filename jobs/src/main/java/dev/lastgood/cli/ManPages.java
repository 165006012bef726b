package dev.lastgood.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Pages for man, section 1: one for each command, from the same words that its help shows. */
final class ManPages {
    private final String version;

    ManPages(String version) {
        this.version = version;
    }

    /** The pages of a command and of all below it, by the names of their files. */
    Map<String, String> of(CommandLine command) {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put(name(command.getCommandSpec()) + ".1", page(command));
        below(command).forEach(one -> pages.putAll(of(one)));
        return pages;
    }

    private static List<CommandLine> below(CommandLine command) {
        return command.getSubcommands().values().stream()
                .filter(one -> !one.getCommandSpec().usageMessage().hidden())
                .distinct()
                .toList();
    }

    private static String name(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    private String page(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        String[] says = spec.usageMessage().description();
        StringBuilder page = new StringBuilder(".\\\" Made from the command line's own help.\n");
        page.append(".TH \"%s\" 1 \"\" \"lastgood %s\" \"Lastgood\"\n"
                .formatted(name(spec).toUpperCase(java.util.Locale.ROOT), version));
        section(page, "NAME");
        page.append(name(spec).replace("-", "\\-"))
                .append(" \\- ")
                .append(text(String.join(" ", says).replaceAll("\\.$", "")))
                .append('\n');
        section(page, "SYNOPSIS");
        page.append(".B ").append(text(spec.qualifiedName())).append('\n');
        String synopsis = new CommandLine.Help(spec, CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .synopsis(0)
                .replaceAll("\\s+", " ")
                .strip();
        page.append(line(
                synopsis.startsWith(spec.qualifiedName())
                        ? synopsis.substring(spec.qualifiedName().length()).strip()
                        : synopsis));
        section(page, "DESCRIPTION");
        for (String line : says) {
            page.append(line(line));
        }
        for (String line : spec.usageMessage().footer()) {
            page.append(line.isBlank() ? ".PP\n" : (line.startsWith(" ") ? ".br\n" : "") + line(line.strip()));
        }
        parameters(page, spec);
        commands(page, command);
        section(page, "EXIT STATUS");
        spec.root().usageMessage().exitCodeList().forEach((code, meaning) -> item(page, code, List.of(meaning)));
        section(page, "SEE ALSO");
        List<String> others = new ArrayList<>();
        CommandSpec parent = spec.parent();
        if (parent != null) {
            others.add(name(parent));
        }
        below(command).forEach(one -> others.add(name(one.getCommandSpec())));
        page.append(
                line(String.join(", ", others.stream().map(one -> one + "(1)").toList())));
        return page.toString();
    }

    private static void parameters(StringBuilder page, CommandSpec spec) {
        if (!spec.positionalParameters().isEmpty()) {
            section(page, "PARAMETERS");
            for (PositionalParamSpec one : spec.positionalParameters()) {
                item(page, one.paramLabel(), List.of(one.description()));
            }
        }
        List<OptionSpec> options =
                spec.options().stream().filter(option -> !option.hidden()).toList();
        if (!options.isEmpty()) {
            section(page, "OPTIONS");
            for (OptionSpec option : options) {
                String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
                item(page, String.join(", ", option.names()) + value, List.of(option.description()));
            }
        }
    }

    private static void commands(StringBuilder page, CommandLine command) {
        List<CommandLine> below = below(command);
        if (!below.isEmpty()) {
            section(page, "COMMANDS");
            for (CommandLine one : below) {
                CommandSpec spec = one.getCommandSpec();
                item(page, spec.name(), List.of(spec.usageMessage().description()));
            }
        }
    }

    private static void section(StringBuilder page, String title) {
        page.append(".SH ").append(title).append('\n');
    }

    private static void item(StringBuilder page, String term, List<String> says) {
        page.append(".TP\n.B ").append(text(term)).append('\n');
        says.forEach(line -> page.append(line(line)));
    }

    /** A line of text; one that begins like a request of roff's is none. */
    private static String line(String text) {
        String line = text(text);
        return (line.startsWith(".") || line.startsWith("'") ? "\\&" : "") + line + "\n";
    }

    private static String text(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("%n", " ").replace("%%", "%");
    }
}
