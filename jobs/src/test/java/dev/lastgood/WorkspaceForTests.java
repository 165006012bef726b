package dev.lastgood;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.job.AuditJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.record.JsonValues;
import dev.lastgood.report.Lines;
import dev.lastgood.report.Masks;
import dev.lastgood.rule.Severity;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A workspace over files that a test writes, takes, damages and audits with the program's own jobs. Live files are in
 * {@code data}, rules in {@code rules.yaml}. An hour passes between two acts.
 */
public final class WorkspaceForTests {
    private final Path folder;
    private final String datasets;
    private String sources = "";
    private Instant now = Instant.parse("2026-11-22T02:00:00Z");

    private WorkspaceForTests(Path folder, String datasets) {
        this.folder = folder;
        this.datasets = datasets;
    }

    /**
     * A workspace without rules and data.
     *
     * @param datasets what stands below {@code datasets:} in its workspace; their source is {@code here}
     */
    public static WorkspaceForTests in(Path folder, String datasets) {
        return new WorkspaceForTests(folder, datasets).rules("[]");
    }

    /** A further source, as it stands below {@code sources:}. */
    public WorkspaceForTests source(String line) {
        sources += line.indent(2);
        return this;
    }

    /** Writes a live file, or one anywhere in the workspace if its name begins with "../". */
    public WorkspaceForTests file(String name, String... lines) {
        return write(folder.resolve("data").resolve(name).normalize(), String.join("\n", lines) + "\n");
    }

    /** Rules from now on: a YAML list. */
    public WorkspaceForTests rules(String list) {
        return write(folder.resolve("rules.yaml"), "rules:\n" + list.indent(2));
    }

    private WorkspaceForTests write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path folder() {
        return folder;
    }

    public String live(String name) {
        try {
            return Files.readString(folder.resolve("data").resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public WorkspaceForTests later(Duration by) {
        now = now.plus(by);
        return this;
    }

    /** The workspace as it is written now. */
    public Workspace workspace() {
        return Workspaces.in(folder, """
            format: 1
            workspace: bench
            store: store
            rules: [rules*.yaml]
            sources:
              here: {files: %s, write: {}}
            %sdatasets:
            """.formatted(folder.resolve("data"), sources) + datasets.indent(2));
    }

    /** The same with all that works on it, an hour later. */
    public Workplace workplace() {
        later(Duration.ofHours(1));
        SparkForTests.session();
        return new Workplace(workspace(), Clock.fixed(now, ZoneOffset.UTC), "tester", "local[2]", Map.of());
    }

    /** Takes a snapshot of those datasets, or of all, and gives its id. */
    public String take(String... names) {
        Workplace workplace = workplace();
        return workplace
                .taker()
                .take(workplace.datasets(List.of(names)), workplace.auditJob()::verdict)
                .snapshot()
                .text();
    }

    public Audited audit() {
        return audit("");
    }

    /** Audits all, where only new violations count. */
    public Audited onlyNew() {
        return audit("", RuleOutcome.Counting.ONLY_NEW);
    }

    /** Audits those datasets, or all, against that baseline. */
    public Audited audit(String baseline, String... names) {
        return audit(baseline, RuleOutcome.Counting.ALL, names);
    }

    /** Audits all, going on from an earlier audit. */
    public Audited since(String since) {
        return audit("", RuleOutcome.Counting.ALL, since, new String[0]);
    }

    private Audited audit(String baseline, RuleOutcome.Counting counting, String... names) {
        return audit(baseline, counting, "", names);
    }

    private Audited audit(String baseline, RuleOutcome.Counting counting, String since, String[] names) {
        Workplace workplace = workplace();
        AuditJob.Audit audit = workplace
                .auditJob()
                .run(
                        workplace.datasets(List.of(names)),
                        baseline,
                        Severity.ERROR,
                        counting,
                        dev.lastgood.job.Sample.ALL,
                        since);
        List<JsonNode> findings = new ArrayList<>();
        List<JsonNode> changes = new ArrayList<>();
        audit.records().forEach((name, location) -> {
            DatasetSpec dataset = workplace.datasets(List.of(name)).get(0);
            Dataset<Row> records = Records.read(workplace.session(), location);
            JsonNode snapshot = audit.document().path("baseline").path(name);
            Lines lines = new Lines(name, snapshot.isMissingNode() ? null : snapshot.asText(), new Masks(dataset));
            Lines.lines(lines.findings(records)).forEach(line -> findings.add(json(line)));
            Lines.lines(lines.changes(records)).forEach(line -> changes.add(json(line)));
        });
        return new Audited(audit, findings, changes);
    }

    public static JsonNode json(String text) {
        try {
            return JsonValues.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** An audit, with all it wrote, in short. */
    public record Audited(AuditJob.Audit audit, List<JsonNode> findings, List<JsonNode> changes) {

        public JsonNode rule(String id) {
            for (JsonNode rule : audit.document().get("rules")) {
                if (rule.get("id").asText().equals(id)) {
                    return rule;
                }
            }
            throw new IllegalStateException("the audit has no rule " + id);
        }

        /** {@code FAIL 3/5}, {@code PASS 1/5 pre-existing 1: reason}: violations of examined. */
        public String outcome(String id) {
            JsonNode rule = rule(id);
            long before = rule.get("preExisting").asLong();
            String reason = rule.get("reason").asText();
            return rule.get("outcome").asText() + " " + rule.get("violations") + "/" + rule.get("examined")
                    + (before == 0 ? "" : " pre-existing " + before) + (reason.isEmpty() ? "" : ": " + reason);
        }

        /** {@code a lines[1].q false 0 <- 2 pre-existing}: key, path, reason, actual and before. */
        public List<String> findings(String id) {
            return findings.stream()
                    .filter(finding -> finding.get("rule").asText().equals(id))
                    .map(Audited::text)
                    .toList();
        }

        private static String text(JsonNode finding) {
            return key(finding) + " " + finding.get("path").asText("-") + " "
                    + finding.get("reason").asText()
                    + (finding.has("actual") ? " " + finding.get("actual") : "")
                    + (finding.has("before") ? " <- " + finding.get("before") : "")
                    + (finding.get("preExisting").asBoolean() ? " pre-existing" : "");
        }

        /** {@code a changed corrupt n:corrupt name:unattributed} of every record of a dataset that changed. */
        public List<String> changes(String dataset) {
            return changes.stream()
                    .filter(change -> change.get("dataset").asText().equals(dataset))
                    .map(change -> {
                        StringBuilder text = new StringBuilder(key(change))
                                .append(' ')
                                .append(change.get("change").asText())
                                .append(' ')
                                .append(change.get("class").asText());
                        change.get("fields")
                                .forEach(field -> text.append(' ')
                                        .append(field.get("path").asText())
                                        .append(':')
                                        .append(field.get("class").asText()));
                        return text.toString();
                    })
                    .toList();
        }

        /** The values of a key, joined by commas. */
        public static String key(JsonNode line) {
            List<String> parts = new ArrayList<>();
            line.get("key").forEach(part -> parts.add(part.asText()));
            return String.join(",", parts);
        }
    }
}
