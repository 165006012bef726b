package dev.lastgood.cli;

import dev.lastgood.outputs.Checked;
import dev.lastgood.outputs.LineageNames;
import dev.lastgood.outputs.OpenLineage;
import dev.lastgood.outputs.Run;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;

/** A command that comes to a verdict, and that a schedule runs: machines are told of it, also when it comes to no end. */
abstract class CheckingCommand extends LastgoodCommand {
    @Mixin
    Outputs outputs = new Outputs();

    /** What came of it, and how the process ends. */
    record Concluded(Checked checked, int exitCode) {}

    @Override
    final int run(Console console) {
        Concluded ended;
        try {
            outputs.check(common.environment());
            ended = check(console);
        } catch (Throwable e) {
            unfinished(e, console);
            throw e;
        }
        boolean told = outputs.tell(ended.checked(), this::names, console);
        return told || ended.exitCode() != ExitCode.PASS ? ended.exitCode() : ExitCode.INCONCLUSIVE;
    }

    abstract Concluded check(Console console);

    /** As outputs name it. */
    abstract String name();

    /** This run, which ends now. */
    final Run thisRun() {
        String workspace = common.read().map(one -> one.workspace().name()).orElse("");
        return new Run(name(), workspace, common.clock().instant(), ReportCommand.version());
    }

    /** The folder this was started in: in a checkout, the repository's own. */
    static Path here() {
        return Path.of("").toAbsolutePath();
    }

    private Map<String, OpenLineage.Name> names() {
        return common.read().map(one -> LineageNames.of(one.workspace())).orElse(Map.of());
    }

    /** What keeps that from being told is no more than that: the failure itself is what the process ends with. */
    private void unfinished(Throwable failure, Console console) {
        try {
            outputs.tell(Checked.failed(thisRun(), Failures.said(failure)), this::names, console);
        } catch (Throwable e) {
            failure.addSuppressed(e);
            console.warning("warning: not all that was to be written or sent was: "
                    + e.getClass().getSimpleName());
        }
    }
}
