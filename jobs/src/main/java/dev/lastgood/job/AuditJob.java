package dev.lastgood.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Census;
import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.audit.Side;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.incident.Incident;
import dev.lastgood.incident.Incidents;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.JsonValues;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.spark.sql.SparkSession;

/** AuditJob of a workspace: choosing the baseline, running, and writing down what came of it. */
public final class AuditJob {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final SparkSession session;
    private final Workspace workspace;
    private final Store store;
    private final Catalog catalog;
    private final Sources sources;
    private final Clock clock;
    private final RandomGenerator random;

    public AuditJob(
            SparkSession session,
            Workspace workspace,
            Store store,
            Catalog catalog,
            Sources sources,
            Clock clock,
            RandomGenerator random) {
        this.session = session;
        this.workspace = workspace;
        this.store = store;
        this.catalog = catalog;
        this.sources = sources;
        this.clock = clock;
        this.random = random;
    }

    /**
     * A finished audit.
     *
     * @param document what {@code audit --json} prints and audit.json holds
     * @param records by dataset the location of its {@link dev.lastgood.audit.Records}
     */
    public record Audit(String id, Verdict verdict, ObjectNode document, Map<String, String> records) {}

    /**
     * AuditJob live against a baseline.
     *
     * @param datasets what to audit; references to others still look there
     * @param address the baseline, {@code latest}, an id; empty for the default, and {@code none} for no baseline
     * @param failOn findings of rules below this severity are told and do not fail
     */
    public Audit run(Collection<DatasetSpec> datasets, String address, Severity failOn) {
        String id = SnapshotId.next(clock, random).text();
        String folder = "audits/" + id;
        CatalogState state = catalog.state();
        List<Side> sides = new ArrayList<>();
        SortedMap<String, SnapshotId> baselines = new TreeMap<>();
        List<String> remarks = new ArrayList<>();
        Map<String, List<SchemaChange>> drift = new LinkedHashMap<>();
        for (DatasetSpec dataset : datasets) {
            Frame live = sources.live(dataset);
            if (address.equals("none")) {
                sides.add(Side.alone(dataset, live));
                continue;
            }
            Snapshot baseline = baseline(dataset, address, state, remarks);
            Manifest manifest = baseline.manifest(store);
            Frame before = new SnapshotReader(session, store).frame(dataset, manifest, sources);
            SchemaChange.Aligned aligned = SchemaChange.align(before, live);
            drift.put(dataset.name(), aligned.changes());
            baselines.put(dataset.name(), baseline.id());
            sides.add(new Side(
                    dataset,
                    aligned.after(),
                    aligned.before(),
                    baseline.id(),
                    manifest.counts().records()));
        }
        Map<String, Frame> after = new LinkedHashMap<>();
        sides.forEach(side -> after.put(side.dataset().name(), side.after()));
        List<CompiledRule> rules = compile(after, workspace.rules().rules(), clock.instant());
        Auditor.Findings findings = findings(folder, sides, rules);
        List<RuleOutcome> outcomes =
                findings.rules().stream().map(RuleOutcome::of).toList();
        Verdict verdict = RuleOutcome.verdict(outcomes, failOn);
        List<Incident> incidents = new Incidents(session).of(findings.records());
        ObjectNode document = document(id, verdict, baselines, findings, outcomes, incidents, remarks, drift);
        byte[] bytes = JsonValues.write(document).getBytes(StandardCharsets.UTF_8);
        store.settle(folder);
        store.publish(folder + "/audit.json", bytes);
        catalog.append(new Event.Audited(id, verdict, baselines, Sha256.of(bytes)));
        return new Audit(id, verdict, document, findings.records());
    }

    /** Leaves nothing behind if it comes to no end. */
    private Auditor.Findings findings(String folder, List<Side> sides, List<CompiledRule> rules) {
        boolean done = false;
        try {
            Auditor.Findings findings = new Auditor(session, store.location(folder)).run(sides, rules);
            done = true;
            return findings;
        } finally {
            if (!done) {
                store.delete(folder);
            }
        }
    }

    /** What the rules about single captures say of a snapshot on its own; cross-time rules have nothing to compare with. */
    public Verdict verdict(Map<String, Frame> captured) {
        List<Rule> alone = workspace.rules().rules().stream()
                .filter(rule -> !rule.isCrossTime() && captured.containsKey(rule.dataset()))
                .filter(rule -> !(rule.constraint() instanceof dev.lastgood.rule.Constraint.Reference reference)
                        || captured.containsKey(reference.to()))
                .toList();
        List<RuleOutcome> outcomes = Census.of(captured, compile(captured, alone, clock.instant())).stream()
                .map(RuleOutcome::of)
                .toList();
        return RuleOutcome.verdict(outcomes, Severity.ERROR);
    }

    private List<CompiledRule> compile(Map<String, Frame> frames, List<Rule> rules, Instant now) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        frames.forEach((dataset, frame) -> shapes.put(dataset, frame.shape()));
        Problems problems = new Problems();
        List<CompiledRule> compiled = new RuleCompiler(session, shapes, now, problems).compile(rules);
        problems.throwIfErrors();
        return compiled;
    }

    /**
     * The newest snapshot verified to L2 whose rules verdict is clean; if none is clean, the newest verified one, and it is
     * said. An address overrides the choice, but not the verification.
     */
    public Snapshot baseline(DatasetSpec dataset, String address, CatalogState state, List<String> remarks) {
        if (!address.isEmpty()) {
            Snapshot chosen = state.resolve(dataset.name(), address);
            if (!state.isVerified(dataset.name(), chosen.id(), Level.L2)) {
                throw InvalidInput.of(
                        "snapshot %s of dataset '%s' is not verified to L2".formatted(chosen.id(), dataset.name()),
                        "Run 'lastgood snapshot verify %s' first; if it finds damage, use another snapshot."
                                .formatted(chosen.id()));
            }
            return chosen;
        }
        List<Snapshot> verified = new ArrayList<>(state.snapshots(dataset.name()).stream()
                .filter(one -> state.isVerified(dataset.name(), one.id(), Level.L2))
                .toList());
        java.util.Collections.reverse(verified);
        if (verified.isEmpty()) {
            throw InvalidInput.of(
                    "dataset '%s' has no snapshot that is verified to L2".formatted(dataset.name()),
                    "Run 'lastgood snapshot list' to see what there is, and 'snapshot verify' or 'snapshot take'.");
        }
        Sha256 ruleSet = SnapshotTaker.ruleSet(workspace);
        for (Snapshot one : verified) {
            Manifest.RuleVerdict verdict = one.manifest(store).rules();
            if (verdict != null && verdict.ruleSet().equals(ruleSet) && verdict.verdict() == Verdict.PASS) {
                return one;
            }
        }
        remarks.add("no snapshot of dataset '%s' is known to be clean; the newest verified one is the baseline"
                .formatted(dataset.name()));
        return verified.get(0);
    }

    private static ObjectNode document(
            String id,
            Verdict verdict,
            Map<String, SnapshotId> baselines,
            Auditor.Findings findings,
            List<RuleOutcome> outcomes,
            List<Incident> incidents,
            List<String> remarks,
            Map<String, List<SchemaChange>> drift) {
        ObjectNode document =
                NODES.objectNode().put("formatVersion", 1).put("audit", id).put("verdict", verdict.name());
        ArrayNode notes = document.putArray("remarks");
        remarks.forEach(notes::add);
        ObjectNode baseline = document.putObject("baseline");
        baselines.forEach((dataset, snapshot) -> baseline.put(dataset, snapshot.text()));
        ArrayNode datasets = document.putArray("datasets");
        findings.datasets()
                .forEach(tally -> datasets.addObject()
                        .put("name", tally.name())
                        .put("before", tally.before())
                        .put("after", tally.after())
                        .put("added", tally.added())
                        .put("removed", tally.removed())
                        .put("changed", tally.changed())
                        .put("unchanged", tally.unchanged()));
        ArrayNode schema = document.putArray("schema");
        drift.forEach((dataset, changes) -> changes.forEach(change -> schema.addObject()
                .put("dataset", dataset)
                .put("field", change.field())
                .put("change", change.kind().name().toLowerCase(java.util.Locale.ROOT))
                .put("before", change.before())
                .put("after", change.after())));
        ArrayNode rules = document.putArray("rules");
        outcomes.forEach(outcome -> rules.addObject()
                .put("id", outcome.rule().id())
                .put("dataset", outcome.rule().dataset())
                .put("outcome", outcome.outcome().name())
                .put("severity", outcome.rule().severity().text())
                .put("examined", outcome.examined())
                .put("violations", outcome.violations())
                .put("preExisting", outcome.preExisting())
                .put("reason", outcome.reason()));
        ArrayNode found = document.putArray("incidents");
        incidents.forEach(incident -> found.add((JsonNode) incident.json()));
        return document;
    }
}
