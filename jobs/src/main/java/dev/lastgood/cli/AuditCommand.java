package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.job.AuditJob;
import dev.lastgood.job.Sample;
import dev.lastgood.job.Workplace;
import dev.lastgood.outputs.Checked;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.report.Lines;
import dev.lastgood.report.Masks;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Severity;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Audits live against a snapshot. */
@Command(
        name = "audit",
        description = "Audits live data by the rules, against a snapshot.",
        mixinStandardHelpOptions = true)
final class AuditCommand extends CheckingCommand {
    @Option(
            names = "--baseline",
            paramLabel = "SNAPSHOT",
            description =
                    "latest, an id or its beginning, or none (default: the newest verified snapshot whose rules verdict is clean)")
    String baseline = "";

    @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
    List<String> datasets = new ArrayList<>();

    @Option(names = "--findings", paramLabel = "FILE", description = "write every finding there, as JSON Lines")
    @Nullable
    Path findings;

    @Option(names = "--changes", paramLabel = "FILE", description = "write every changed record there, as JSON Lines")
    @Nullable
    Path changes;

    @Option(
            names = "--fail-on",
            paramLabel = "SEVERITY",
            description =
                    "from which severity on a broken rule fails the audit: info, warn, error, critical (default: ${DEFAULT-VALUE})",
            defaultValue = "error")
    Severity failOn = Severity.ERROR;

    @Option(
            names = "--only-new",
            description = "violations that the baseline had already are told and do not fail the audit")
    boolean onlyNew;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "look at one record in N only; finds damage, and proves no more than a bound")
    @Nullable
    Integer oneIn;

    @Option(
            names = "--since",
            paramLabel = "AUDIT",
            description =
                    "last, stopped, or an audit: judge what changed since and what depends on it; comes to the same as judging all, and leaves what the next can go on from")
    String since = "";

    private Sample sample(Workplace workplace) {
        if (oneIn == null) {
            return Sample.ALL;
        }
        if (oneIn < 2) {
            throw InvalidInput.of(
                    "--sample %d is no sample".formatted(oneIn), "Write --sample 100 for one in a hundred.");
        }
        return new Sample(oneIn, workplace.random().nextInt(oneIn));
    }

    @Override
    String name() {
        return "audit";
    }

    @Override
    Concluded check(Console console) {
        RuleOutcome.Counting counting = onlyNew ? RuleOutcome.Counting.ONLY_NEW : RuleOutcome.Counting.ALL;
        Workplace workplace = common.workplace();
        AuditJob.Audit audit;
        // Opened first: what cannot be written is found out before an audit has run for it.
        try (LineFile ofFindings = LineFile.to(findings);
                LineFile ofChanges = LineFile.to(changes)) {
            console.working("auditing");
            audit = workplace
                    .auditJob()
                    .run(workplace.datasets(datasets), baseline, failOn, counting, sample(workplace), since);
            write(workplace, audit, ofFindings, ofChanges);
        }
        print(audit.document(), console);
        DiffCommand.renames(audit.document().path("renames"), workplace.clock().instant(), console);
        console.document(audit.document());
        boolean incidents = !audit.document().get("incidents").isEmpty();
        console.next(
                incidents ? "lastgood incident list, lastgood report, or lastgood restore plan" : "lastgood report");
        return new Concluded(
                Checked.audit(thisRun(), audit.document(), places(workplace)), ExitCode.of(audit.verdict()));
    }

    /** Where the rules are written. */
    private static Map<String, Checked.Written> places(Workplace workplace) {
        Map<String, Checked.Written> places = new TreeMap<>();
        workplace
                .workspace()
                .rules()
                .rules()
                .forEach(rule -> places.put(
                        rule.id(),
                        Checked.Written.of(
                                rule.place().file().name(), rule.place().line(), here())));
        return places;
    }

    static void print(JsonNode document, Console console) {
        document.get("remarks").forEach(remark -> console.line(remark.asText()));
        console.line("audit %s: %s"
                .formatted(
                        document.get("audit").asText(), document.get("verdict").asText()));
        List<List<String>> sets = new ArrayList<>();
        document.get("datasets")
                .forEach(dataset -> sets.add(List.of(
                        dataset.get("name").asText(),
                        document.get("baseline")
                                .path(dataset.get("name").asText())
                                .asText("none"),
                        dataset.get("before").asText(),
                        dataset.get("after").asText(),
                        dataset.get("added").asText(),
                        dataset.get("removed").asText(),
                        dataset.get("changed").asText())));
        console.line("");
        console.table(List.of("dataset", "baseline", "before", "after", "added", "removed", "changed"), sets);
        DiffCommand.fields(document.path("fields"), console);
        document.get("schema")
                .forEach(change -> console.line(DiffCommand.schema(
                        change.get("dataset").asText(),
                        change.get("field").asText(),
                        change.get("change").asText(),
                        change.get("before").asText(),
                        change.get("after").asText())));
        List<List<String>> rules = new ArrayList<>();
        document.get("rules")
                .forEach(rule -> rules.add(List.of(
                        rule.get("outcome").asText(),
                        rule.get("id").asText(),
                        rule.get("dataset").asText(),
                        rule.get("examined").asText(),
                        rule.get("violations").asText(),
                        rule.get("reason").asText())));
        console.line("");
        if (rules.isEmpty()) {
            console.line("nothing was checked: no rule is about these datasets");
        } else {
            console.table(List.of("outcome", "rule", "dataset", "examined", "violations", "reason"), rules);
        }
        console.line("");
        document.get("incidents")
                .forEach(incident -> console.line("%-3s %s"
                        .formatted(
                                incident.get("id").asText(),
                                incident.get("sentence").asText())));
    }

    private void write(Workplace workplace, AuditJob.Audit audit, LineFile ofFindings, LineFile ofChanges) {
        for (Map.Entry<String, String> entry : audit.records().entrySet()) {
            DatasetSpec dataset = workplace.datasets(List.of(entry.getKey())).get(0);
            JsonNode snapshot = audit.document().get("baseline").get(dataset.name());
            Lines lines = new Lines(dataset.name(), snapshot == null ? null : snapshot.asText(), new Masks(dataset));
            Dataset<Row> records = Records.read(workplace.session(), entry.getValue());
            if (findings != null) {
                Lines.lines(lines.findings(records)).forEach(ofFindings::line);
            }
            if (changes != null) {
                Lines.lines(lines.changes(records)).forEach(ofChanges::line);
            }
        }
        ofFindings.finish();
        ofChanges.finish();
    }
}
