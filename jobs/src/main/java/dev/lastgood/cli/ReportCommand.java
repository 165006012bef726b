package dev.lastgood.cli;

import dev.lastgood.rule.ExitCode;
import picocli.CommandLine.Command;

/** The report of an audit. */
@Command(name = "report", description = "Writes the report of an audit.", mixinStandardHelpOptions = true)
final class ReportCommand extends LastgoodCommand {
    @Override
    int run(Console console) {
        return ExitCode.USAGE;
    }
}
