package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastgood.job.PlanLines;
import dev.lastgood.job.ReportJob;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.report.Report;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The report of an audit. */
@Command(
        name = "report",
        description = {
            "Writes the report of an audit, and of a plan made from it, as one HTML file.",
            "Or tells of many: with --trends of the outcomes of audits over time, with --evidence of all of a period."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "--trends ends with 1 if the last audit stands out by its number of records or its share of broken ones, with 3 "
                    + "if there are too few audits to tell, or it has no more what the others had. --verify ends with 1 if the document "
                    + "is not what the catalog says, and with 3 if the period has or may have more than it holds."
        })
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

    /** What else a report may be, one at a time. */
    static final class Kind {
        @Option(
                names = "--trends",
                description = "the outcomes of the last audits, and whether the last one stands out")
        boolean trends;

        @Option(
                names = "--evidence",
                description = "all that the catalog says of a period, as JSON and HTML, hash-chained: for auditors")
        boolean evidence;

        @Option(
                names = "--verify",
                paramLabel = "FILE",
                description = "find out whether evidence is whole, and what this workspace's catalog says")
        @Nullable
        Path verify;
    }

    @ArgGroup(exclusive = true)
    Kind kind = new Kind();

    @Option(
            names = "--last",
            paramLabel = "N",
            description = "with --trends: how many audits (default: ${DEFAULT-VALUE})",
            defaultValue = "30")
    int last;

    @Option(names = "--from", paramLabel = "DATE", description = "with --evidence: the first day, in UTC")
    @Nullable
    LocalDate from;

    @Option(names = "--to", paramLabel = "DATE", description = "with --evidence: the last day, in UTC")
    @Nullable
    LocalDate to;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "with --evidence: sign with the private key of an approver in this file, PEM of Ed25519 "
                    + "(default: LASTGOOD_APPROVAL_KEY, if there are approvers)")
    @Nullable
    Path key;

    @Override
    int run(Console console) {
        if ((from != null || to != null || key != null) && !kind.evidence) {
            throw InvalidInput.of("--from, --to and --key go with --evidence", "Leave them out.");
        }
        Workplace workplace = common.workplace();
        if (kind.trends) {
            return TrendsView.run(workplace, last, console);
        }
        if (kind.evidence) {
            return EvidenceView.write(workplace, from, to, out, ApprovalKey.pem(key, workplace, common), console);
        }
        if (kind.verify != null) {
            return EvidenceView.verify(workplace, kind.verify, console);
        }
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
