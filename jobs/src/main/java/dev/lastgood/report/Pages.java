package dev.lastgood.report;

import static dev.lastgood.report.Json.items;
import static dev.lastgood.report.Json.number;
import static dev.lastgood.report.Json.sum;
import static dev.lastgood.report.Json.text;
import static dev.lastgood.report.Json.texts;
import static dev.lastgood.report.Shown.count;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Badge;
import dev.lastgood.report.Page.Cell;
import dev.lastgood.report.Page.Column;
import dev.lastgood.report.Page.Fact;
import dev.lastgood.report.Page.Figure;
import dev.lastgood.report.Page.Group;
import dev.lastgood.report.Page.IncidentCard;
import dev.lastgood.report.Page.Link;
import dev.lastgood.report.Page.Table;
import dev.lastgood.report.Page.Tone;
import dev.lastgood.report.Report.Provenance;
import dev.lastgood.rule.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lays a report out as a page: every decision about what is said, in which order and how much of it. */
final class Pages {
    static final int MOST_INCIDENTS = 50;
    static final int MOST_ROWS = 500;
    private static final int MOST_REMARKS = 50;

    /** What is broken comes first, as a long table is cut at its end. */
    private static final List<String> OUTCOMES = Stream.of(Outcome.FAIL, Outcome.ERROR, Outcome.SKIP, Outcome.PASS)
            .map(Outcome::name)
            .toList();

    private final Report report;
    private final JsonNode audit;
    private final Map<String, Report.Statement> statements;

    private Pages(Report report) {
        this.report = report;
        this.audit = report.audit();
        this.statements = report.rules().stream()
                .collect(Collectors.toMap(Report.Statement::id, rule -> rule, (one, other) -> one, HashMap::new));
    }

    static Page of(Report report) {
        return new Pages(report).page();
    }

    private Page page() {
        Report.Restore restore = report.restore();
        Verdicts verdict = new Verdicts(audit);
        List<Group> groups = groups();
        Page.PlanCard plan = restore == null ? null : PlanCards.of(restore);
        Table schema = schema();
        Table fields = fields();
        Provenance from = report.provenance();
        return new Page(
                "%s: audit %s of %s".formatted(text(audit, "verdict"), text(audit, "audit"), from.workspace()),
                from.workspace(),
                text(audit, "audit"),
                from.audited().toString(),
                verdict.badge(),
                verdict.sentence(),
                remarks(),
                figures(),
                Verdicts.next(audit, restore == null ? null : restore.plan()),
                contents(schema != null, fields != null, !groups.isEmpty(), plan != null),
                Timelines.of(report, MOST_INCIDENTS),
                incidents(groups),
                cut(audit.path("incidents").size(), MOST_INCIDENTS, "incident"),
                rules(),
                datasets(),
                classes(),
                schema,
                fields,
                groups,
                groupsCut(groups),
                plan,
                facts(),
                snapshots(),
                hashes());
    }

    static String cut(long there, long most, String noun) {
        return there > most ? "The first %s of %s are shown.".formatted(Shown.number(most), count(there, noun)) : "";
    }

    private List<String> remarks() {
        List<String> remarks = texts(audit, "remarks");
        List<String> shown = new ArrayList<>(remarks.subList(0, Math.min(MOST_REMARKS, remarks.size())));
        if (remarks.size() > shown.size()) {
            shown.add(cut(remarks.size(), MOST_REMARKS, "remark"));
        }
        return shown;
    }

    private List<Figure> figures() {
        return Stream.of(
                        figure("incidents", audit.path("incidents").size()),
                        figure("records in incidents", sum(audit, "incidents", "records")),
                        figure("not recoverable", sum(audit, "incidents", "unrecoverable")),
                        figure("records audited", sum(audit, "datasets", "after")),
                        figure("changed", sum(audit, "datasets", "changed")),
                        figure("added", sum(audit, "datasets", "added")),
                        figure("removed", sum(audit, "datasets", "removed")))
                .toList();
    }

    private static Figure figure(String label, long number) {
        return new Figure(label, Shown.number(number));
    }

    private static List<Link> contents(boolean schema, boolean fields, boolean records, boolean plan) {
        List<@Nullable Link> links = new ArrayList<>();
        links.add(new Link("incidents", "Incidents"));
        links.add(new Link("rules", "Rules"));
        links.add(new Link("datasets", "Datasets"));
        links.add(schema ? new Link("schema", "Schema drift") : null);
        links.add(fields ? new Link("fields", "Changes by field") : null);
        links.add(records ? new Link("records", "Records") : null);
        links.add(plan ? new Link("plan", "Restore plan") : null);
        links.add(new Link("provenance", "Provenance"));
        return links.stream().filter(Objects::nonNull).toList();
    }

    // ---- incidents

    private List<IncidentCard> incidents(List<Group> groups) {
        return items(audit, "incidents")
                .limit(MOST_INCIDENTS)
                .map(incident -> incident(incident, groups))
                .toList();
    }

    private static IncidentCard incident(JsonNode incident, List<Group> groups) {
        String anchor = groupId(text(incident, "dataset"), text(incident, "id"));
        boolean isShown = groups.stream().anyMatch(group -> group.id().equals(anchor));
        return IncidentCards.of(incident, isShown ? anchor : "");
    }

    // ---- tables

    private Table rules() {
        List<List<Cell>> rows = items(audit, "rules")
                .sorted(Comparator.comparingInt(rule -> OUTCOMES.indexOf(text(rule, "outcome"))))
                .limit(MOST_ROWS)
                .map(this::rule)
                .toList();
        return new Table(
                "Rules and what became of them, the broken ones first",
                List.of(
                        new Column("Rule", false),
                        new Column("Outcome", false),
                        new Column("Severity", false),
                        new Column("Must be true", false),
                        new Column("Examined", true),
                        new Column("Violations", true),
                        new Column("Before the baseline", true)),
                rows,
                cut(audit.path("rules").size(), MOST_ROWS, "rule"));
    }

    private List<Cell> rule(JsonNode rule) {
        Report.Statement statement = statements.get(text(rule, "id"));
        Cell says = statement == null
                ? Cell.of("").noted("the workspace does not have this rule any more")
                : Cell.code(Shown.line(statement.sentence())).noted(Shown.line(statement.because()));
        String reason = text(rule, "reason");
        return List.of(
                Cell.code(Shown.line(text(rule, "id"))).noted(Shown.line(text(rule, "dataset"))),
                Cell.of(outcome(text(rule, "outcome"))).noted(Shown.line(reason)),
                Cell.of(text(rule, "severity")),
                says,
                Cell.of(number(rule, "examined")),
                Cell.of(number(rule, "violations")),
                Cell.of(number(rule, "preExisting")));
    }

    private static Badge outcome(String outcome) {
        return new Badge(
                outcome,
                switch (outcome) {
                    case "PASS" -> Tone.GOOD;
                    case "FAIL" -> Tone.BAD;
                    default -> Tone.UNSURE;
                });
    }

    private Table datasets() {
        List<List<Cell>> rows = items(audit, "datasets")
                .limit(MOST_ROWS)
                .map(dataset -> List.of(
                        Cell.code(Shown.line(text(dataset, "name"))),
                        Cell.of(number(dataset, "before")),
                        Cell.of(number(dataset, "after")),
                        Cell.of(number(dataset, "added")),
                        Cell.of(number(dataset, "removed")),
                        Cell.of(number(dataset, "changed")),
                        Cell.of(number(dataset, "unchanged"))))
                .toList();
        return new Table(
                "Records in the baseline and live",
                columns("Dataset", "Before", "After", "Added", "Removed", "Changed", "Unchanged"),
                rows,
                cut(audit.path("datasets").size(), MOST_ROWS, "dataset"));
    }

    /** The first names the row, the others are numbers. */
    private static List<Column> columns(String first, String... others) {
        return Stream.concat(
                        Stream.of(new Column(first, false)), Stream.of(others).map(name -> new Column(name, true)))
                .toList();
    }

    private @Nullable Table classes() {
        if (report.classes().isEmpty()) {
            return null;
        }
        List<List<Cell>> rows = report.classes().stream()
                .limit(MOST_ROWS)
                .map(one -> List.of(
                        Cell.code(Shown.line(one.dataset())),
                        Cell.of(Cards.fault(one.fault())).noted(meaning(one.fault())),
                        Cell.of(one.records())))
                .toList();
        return new Table(
                "What the records that differ or break a rule were found to be",
                List.of(new Column("Dataset", false), new Column("Class", false), new Column("Records", true)),
                rows,
                cut(report.classes().size(), MOST_ROWS, "row"));
    }

    private static String meaning(String fault) {
        return switch (fault) {
            case "corrupt" -> "changed or added, and at fault in a broken rule";
            case "pre-existing" -> "at fault in the same rule in the baseline already";
            case "unattributed" -> "changed, and no rule reads what changed";
            case "consistent" -> "changed, and no rule objects, which is not proof";
            default -> "";
        };
    }

    private @Nullable Table schema() {
        JsonNode drift = audit.path("schema");
        if (drift.isEmpty()) {
            return null;
        }
        List<List<Cell>> rows = items(audit, "schema")
                .limit(MOST_ROWS)
                .map(change -> List.of(
                        Cell.code(Shown.line(text(change, "field"))).noted(Shown.line(text(change, "dataset"))),
                        Cell.of(text(change, "change")),
                        Cell.code(Shown.line(text(change, "before"))),
                        Cell.code(Shown.line(text(change, "after")))))
                .toList();
        return new Table(
                "Fields that one side has and the other has not, or has in another type",
                Stream.of("Field", "Change", "Type before", "Type after")
                        .map(name -> new Column(name, false))
                        .toList(),
                rows,
                cut(drift.size(), MOST_ROWS, "field"));
    }

    private @Nullable Table fields() {
        if (report.fields().isEmpty()) {
            return null;
        }
        long most = report.fields().get(0).changes();
        List<List<Cell>> rows = report.fields().stream()
                .limit(Report.MOST_FIELD_COUNTS)
                .map(field -> List.of(
                        Cell.code(Shown.line(field.path())).noted(Shown.line(field.dataset())),
                        Cell.of(field.kind()),
                        Cell.of(Cards.fault(field.fault())),
                        Cell.of(field.changes()),
                        Cell.bar(field.changes(), most)))
                .toList();
        String more = report.fields().size() > Report.MOST_FIELD_COUNTS
                ? "The %s most frequent are shown; there are more.".formatted(Shown.number(Report.MOST_FIELD_COUNTS))
                : "";
        return new Table(
                "How often each field changed in which way, the most frequent first",
                List.of(
                        new Column("Field", false),
                        new Column("Kind", false),
                        new Column("Class", false),
                        new Column("Changes", true),
                        new Column("Share", false)),
                rows,
                more);
    }

    // ---- records

    private List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        int left = Report.MOST_RECORDS;
        for (Report.Sample sample : report.samples()) {
            List<Page.Card> cards = Cards.ofRecords(sample, left);
            if (!cards.isEmpty()) {
                left -= cards.size();
                groups.add(new Group(
                        groupId(sample.dataset(), sample.incident()),
                        sample.incident().isEmpty()
                                ? "Other records of %s".formatted(Shown.line(sample.dataset()))
                                : "Incident %s, %s".formatted(sample.incident(), Shown.line(sample.dataset())),
                        "%s of %s, in the order of their keys."
                                .formatted(Shown.number(cards.size()), count(sample.records(), "record")),
                        cards));
            }
        }
        return groups;
    }

    private static String groupId(String dataset, String incident) {
        return "records-" + dev.lastgood.snapshot.StoreName.segment(incident.isEmpty() ? "of-" + dataset : incident);
    }

    private String groupsCut(List<Group> groups) {
        long shown = groups.stream().mapToLong(group -> group.cards().size()).sum();
        long there = report.samples().stream().mapToLong(Report.Sample::records).sum();
        return "A sample: %s of %s. At most %s are shown in a report; 'lastgood audit --findings FILE' and 'lastgood diff --out FILE' write all."
                .formatted(Shown.number(shown), count(there, "record"), Shown.number(Report.MOST_RECORDS));
    }

    // ---- provenance

    private List<Fact> facts() {
        Provenance from = report.provenance();
        return List.of(
                new Fact("Workspace", Cell.code(Shown.line(from.workspace()))),
                new Fact("Audit", Cell.code(text(audit, "audit"))),
                new Fact("Audited", Cell.time(from.audited().toString())),
                new Fact("By", Cell.of(Shown.line(from.by()))),
                new Fact("Digest of audit.json", Cell.code(from.document().toString())),
                new Fact("Report made", Cell.time(from.made().toString())),
                new Fact("Made with", Cell.of("lastgood " + from.version())));
    }

    private @Nullable Table snapshots() {
        List<Report.Baseline> baselines = report.provenance().baselines();
        if (baselines.isEmpty()) {
            return null;
        }
        return new Table(
                "Snapshots that were the baseline",
                List.of(
                        new Column("Dataset", false),
                        new Column("Snapshot", false),
                        new Column("Captured from", false),
                        new Column("to", false),
                        new Column("Records", true),
                        new Column("Digest of the manifest", false)),
                baselines.stream().limit(MOST_ROWS).map(Pages::baseline).toList(),
                cut(baselines.size(), MOST_ROWS, "snapshot"));
    }

    private static List<Cell> baseline(Report.Baseline baseline) {
        Cell dataset = Cell.code(Shown.line(baseline.dataset()));
        Cell id = Cell.code(baseline.snapshot().text());
        Report.Capture capture = baseline.capture();
        if (capture == null) {
            return List.of(
                    dataset,
                    id.noted("the catalog does not list it any more"),
                    Cell.of(""),
                    Cell.of(""),
                    Cell.of(""),
                    Cell.of(""));
        }
        return List.of(
                dataset,
                id,
                Cell.time(capture.from().toString()),
                Cell.time(capture.to().toString()),
                Cell.of(capture.records()),
                Cell.code(capture.manifest().toString()));
    }

    private @Nullable Table hashes() {
        if (report.rules().isEmpty()) {
            return null;
        }
        return new Table(
                "Hashes of the rules",
                Stream.of("Rule", "As the workspace has it", "As the audit used it")
                        .map(name -> new Column(name, false))
                        .toList(),
                report.rules().stream().limit(MOST_ROWS).map(Pages::hash).toList(),
                cut(report.rules().size(), MOST_ROWS, "rule"));
    }

    private static List<Cell> hash(Report.Statement rule) {
        boolean isSame = rule.audited().keySet().stream().allMatch(rule.hash()::equals);
        Cell used = rule.audited().isEmpty()
                ? Cell.of("no findings name it")
                : Cell.code(String.join(", ", rule.audited().keySet()));
        return List.of(
                Cell.code(Shown.line(rule.id())),
                Cell.code(rule.hash()),
                isSame ? used : used.noted("the rule has changed since the audit"));
    }
}
