package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastgood.job.PlanLines;
import dev.lastgood.job.ReportJob;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.report.Report;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The report of an audit. */
@Command(
        name = "report",
        description = "Writes the report of an audit, and of a plan made from it, as one HTML file.",
        mixinStandardHelpOptions = true)
final class ReportCommand extends LastgoodCommand {
    private static final int MOST_STEPS = 500;

    @Option(names = "--audit", paramLabel = "AUDIT", description = "id or its beginning (default: the last one)")
    String audit = "";

    @Option(names = "--plan", paramLabel = "PLAN", description = "show this plan in it")
    String plan = "";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "write it there (default: the audit's folder in the store)")
    @Nullable
    Path out;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        Optional<Report.Restore> restore = plan.isEmpty()
                ? Optional.empty()
                : Optional.of(restore(workplace, new RestoreJob(workplace).stored(plan)));
        console.working("writing the report");
        String written = new ReportJob(workplace, version()).write(audit, restore, Optional.ofNullable(out));
        console.line("report: " + written);
        console.document(
                JsonNodeFactory.instance.objectNode().put("formatVersion", 1).put("report", written));
        return ExitCode.PASS;
    }

    static String version() {
        return new Version().getVersion()[0].replace("lastgood ", "");
    }

    /** A plan as the report shows it: a bounded number of steps and conflicts. */
    static Report.Restore restore(Workplace workplace, PlanFiles.Stored stored) {
        PlanLines lines = new PlanLines(workplace);
        return new Report.Restore(RestoreJob.json(stored), first(lines.steps(stored)), first(lines.conflicts(stored)));
    }

    private static List<String> first(List<String> lines) {
        return lines.subList(0, Math.min(lines.size(), MOST_STEPS));
    }
}
