package dev.lastgood.cli;

import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.RuleFiles;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Prints the JSON Schema of rule files, for editors. Needs no workspace. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema of rule files, by which an editor completes and checks them.",
        mixinStandardHelpOptions = true)
final class RulesSchemaCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        System.out.print(RuleFiles.schema());
        return ExitCode.PASS;
    }
}
