package dev.lastgood.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Census;
import dev.lastgood.audit.FieldChanges;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.audit.Side;
import dev.lastgood.capture.KeptThin;
import dev.lastgood.capture.Moments;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.diff.ProposedRename;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.diff.Strategy;
import dev.lastgood.incident.Incident;
import dev.lastgood.incident.Incidents;
import dev.lastgood.incident.OlderCaptures;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.JsonValues;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Outcome;
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
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** AuditJob of a workspace: choosing the baseline, running, and writing down what came of it. */
public final class AuditJob {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** How long the baseline of an audit that found incidents is held. */
    private static final Duration INCIDENT = Duration.ofDays(30);

    /** By so much less is the same: an audit every hour need not hold every hour. */
    private static final Duration ENOUGH = Duration.ofDays(1);

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
     * @param datasets what to audit; where their references lead is compared as well, by these references only
     * @param address the baseline, {@code latest}, an id; empty for the default, and {@code none} for no baseline
     * @param failOn findings of rules below this severity are told and do not fail
     * @param counting which violations count
     */
    public Audit run(Collection<DatasetSpec> datasets, String address, Severity failOn, RuleOutcome.Counting counting) {
        return run(datasets, address, failOn, counting, Sample.ALL);
    }

    /** The same of a sample of the records, which can show damage and cannot prove that there is none. */
    public Audit run(
            Collection<DatasetSpec> datasets,
            String address,
            Severity failOn,
            RuleOutcome.Counting counting,
            Sample sample) {
        return run(datasets, address, failOn, counting, sample, "");
    }

    /**
     * The same, where what an earlier audit found is taken over of records that are as they were; and what this one finds is
     * left for a later one. It comes to the same as judging everything.
     *
     * @param since {@code last}, {@code stopped} for the last that came to no end, or the id of an
     *     audit or its beginning; empty to judge everything and leave nothing
     */
    public Audit run(
            Collection<DatasetSpec> datasets,
            String address,
            Severity failOn,
            RuleOutcome.Counting counting,
            Sample sample,
            String since) {
        if (!since.isEmpty() && !sample.isAll()) {
            throw InvalidInput.of("what a sample left out cannot be taken over", "Use either --since or --sample.");
        }
        String id = SnapshotId.next(clock, random).text();
        String folder = "audits/" + id;
        CatalogState state = catalog.state();
        List<Side> sides = new ArrayList<>();
        SortedMap<String, SnapshotId> baselines = new TreeMap<>();
        List<String> remarks = new ArrayList<>();
        Map<String, List<SchemaChange>> drift = new LinkedHashMap<>();
        Map<String, List<ProposedRename>> renames = new LinkedHashMap<>();
        Map<String, Frame> now = new LinkedHashMap<>();
        Map<String, Strategy.Kept> kept = new LinkedHashMap<>();
        Set<String> audited = datasets.stream().map(DatasetSpec::name).collect(Collectors.toSet());
        List<Rule> ruled = workspace.rules().rules().stream()
                .filter(rule -> audited.contains(rule.dataset()))
                .toList();
        List<DatasetSpec> all = withOthers(datasets, ruled);
        List<RuleOutcome> unjudged = new ArrayList<>();
        List<CompiledRule> rules;
        final Auditor.Findings findings;
        LiveLater later;
        Optional<Stages.Left> earlier = earlier(since, state, remarks);
        Set<String> timed = new HashSet<>();
        // What several records say together must be of one moment, where one can be had.
        try (Moments moments = Moments.open(workspace, all, clock)) {
            Sources moment = moments.of(sources);
            // Each held no longer than it is read by: it keeps locks on all its tables.
            later = new LiveLater(workspace, sources, RestoreJob::sleep, sample, moments::release);
            for (DatasetSpec dataset : all) {
                Frame live = moment.live(dataset);
                if (address.equals("none")) {
                    later.first(dataset, live);
                    now.put(dataset.name(), live);
                    sides.add(Side.alone(dataset, sample.of(dataset, live)));
                    continue;
                }
                Snapshot baseline = baseline(dataset, address, state, remarks);
                Manifest manifest = baseline.manifest(store);
                Frame before = new SnapshotReader(session, store).frame(dataset, manifest, sources);
                if (live.shape().isDocument() && live.records().isEmpty()) {
                    // No document tells what fields there were, the baseline does.
                    live = moment.live(dataset, SnapshotReader.views(manifest));
                }
                later.first(dataset, live);
                now.put(dataset.name(), live);
                SchemaChange.Aligned aligned = SchemaChange.align(dataset, before, live);
                drift.put(dataset.name(), aligned.changes());
                renames.put(dataset.name(), ProposedRename.of(dataset, before, live, aligned.changes()));
                aligned.changes().stream()
                        .filter(change -> change.kind() == SchemaChange.Kind.DROPPED)
                        .forEach(change -> remarks.add(
                                "field '%s' of dataset '%s' is not there any more: nothing is said of what it held"
                                        .formatted(change.field(), dataset.name())));
                baselines.put(dataset.name(), baseline.id());
                if (sample.isAll()) {
                    kept(dataset, manifest, aligned).ifPresent(hashes -> kept.put(dataset.name(), hashes));
                }
                Frame then = sample.of(dataset, aligned.before());
                sides.add(new Side(
                        dataset,
                        sample.of(dataset, aligned.after()),
                        then,
                        baseline.id(),
                        sample.isAll()
                                ? manifest.counts().records()
                                : then.records().count()));
            }
            Map<String, Frame> common = new LinkedHashMap<>();
            sides.forEach(side -> common.put(side.dataset().name(), side.after()));
            rules = compile(common, now, ruled, unjudged, timed);
            sides.stream()
                    .filter(side -> audited.contains(side.dataset().name()))
                    .forEach(side -> FitsType.of(
                                    side.dataset().name(), side.after().shape())
                            .ifPresent(rules::add));
            if (!sample.isAll()) {
                rules.stream()
                        .filter(rule -> rule.kind() == CompiledRule.Kind.RELATION)
                        .forEach(rule -> unjudged.add(
                                RuleOutcome.skipped(rule.rule(), "a sample says nothing of several records together")));
                rules.removeIf(rule -> rule.kind() == CompiledRule.Kind.RELATION);
                remarks.add("one record in %d was looked at: what is not found may be there".formatted(sample.of()));
            }
            Auditor.Since goingOn = since.isEmpty()
                    ? Auditor.Since.NOTHING
                    : new Auditor.Since(
                            earlier.map(left -> store.location(AuditFiles.folder(left.audit())))
                                    .orElse(""),
                            earlier.map(Stages.Left::stages).orElse(Map.of()),
                            timed,
                            (dataset, stage) -> new Stages(store).checkpoint(id, dataset, stage));
            findings = findings(folder, sides, rules, later, goingOn, kept, remarks);
            earlier.ifPresent(left -> remarks.addAll(followed(left, findings, sides)));
        }
        List<RuleOutcome> outcomes = new ArrayList<>(outcomes(findings.rules(), counting, findings.unsettled()).stream()
                .map(sample::of)
                .toList());
        outcomes.addAll(unjudged);
        Verdict judged = RuleOutcome.verdict(outcomes, failOn);
        Verdict verdict = sample.isAll() ? judged : judged.and(Verdict.INCONCLUSIVE);
        findings.datasets().stream()
                .filter(tally -> tally.shared() > 0)
                .forEach(tally -> remarks.add(
                        "%d %s of dataset '%s' %s several records: they are compared as a whole, and cannot be restored"
                                .formatted(
                                        tally.shared(),
                                        tally.shared() == 1 ? "key" : "keys",
                                        tally.name(),
                                        tally.shared() == 1 ? "is of" : "are of")));
        // Where no rule is broken anew there is nothing to look for.
        boolean broken = findings.rules().stream().anyMatch(tally -> tally.violations() > tally.known());
        Incidents.Found explained = new Incidents.Found(List.of(), Set.of());
        if (broken) {
            Map<String, Frame> after = new LinkedHashMap<>();
            sides.forEach(side -> after.put(side.dataset().name(), later.after(side)));
            all.forEach(dataset -> now.computeIfPresent(dataset.name(), (name, first) -> later.live(dataset, first)));
            OlderCaptures captures =
                    new OlderCaptures(session, workspace, store, sources, state, clock.instant(), now, baselines);
            explained = explained(id, findings, new Incidents(session, workspace.datasets(), after, rules, captures));
        }
        List<Incident> incidents = explained.incidents();
        ObjectNode document = document(id, verdict, failOn, baselines, findings, outcomes, incidents, remarks, drift);
        DiffJob.putRenames(document, renames);
        if (!sample.isAll()) {
            document.putObject("sample").put("of", sample.of()).put("number", sample.number());
        }
        store.settle(folder);
        if (!since.isEmpty()) {
            Auditor.Followed followed = findings.followed();
            ObjectNode told = document.putObject("since")
                    .put("audit", earlier.map(Stages.Left::audit).orElse(null));
            ObjectNode anew = told.putObject("judged");
            followed.judged().forEach(anew::put);
            new TreeSet<>(followed.narrowed()).forEach(told.putArray("narrowed")::add);
            told.put("stage", new Stages(store).publish(id, followed.stages()).toString());
        }
        byte[] bytes = JsonValues.write(document).getBytes(StandardCharsets.UTF_8);
        store.publish(folder + "/audit.json", bytes);
        catalog.append(new Event.Audited(id, verdict, baselines, Sha256.of(bytes)));
        if (!since.isEmpty()) {
            new Stages(store).prune(catalog.state(), clock.instant());
        }
        if (!incidents.isEmpty()) {
            Set<SnapshotId> needed = new LinkedHashSet<>(baselines.values());
            explained.snapshots().forEach(snapshot -> needed.add(new SnapshotId(snapshot)));
            hold(id, needed);
        }
        return new Audit(id, verdict, document, findings.records());
    }

    /** What there is to go on from. That there is nothing is said where nobody named an audit, and refused where somebody did. */
    private Optional<Stages.Left> earlier(String since, CatalogState state, List<String> remarks) {
        if (since.isEmpty()) {
            return Optional.empty();
        }
        Stages stages = new Stages(store);
        if (since.equals("stopped")) {
            return Optional.of(stages.lastStopped(state));
        } else if (!since.equals("last")) {
            return Optional.of(stages.of(since, state));
        }
        String why = "no earlier audit has left what one could go on from";
        try {
            Optional<Stages.Left> last = stages.last(state);
            if (last.isPresent()) {
                return last;
            }
        } catch (UnusableEntry e) {
            why = e.getMessage();
        }
        remarks.add("everything was judged: " + why);
        return Optional.empty();
    }

    /** What was judged anew, and what was taken over. */
    private static List<String> followed(Stages.Left earlier, Auditor.Findings findings, List<Side> sides) {
        List<String> told = new ArrayList<>();
        Map<String, Long> judged = findings.followed().judged();
        for (Side side : sides) {
            String name = side.dataset().name();
            Long keys = judged.get(name);
            if (keys != null) {
                told.add(
                        "dataset '%s': of %d %s the records are others than in audit %s and were judged; the others are as they were"
                                .formatted(name, keys, keys == 1 ? "key" : "keys", earlier.audit()));
            } else {
                told.add("dataset '%s' was judged whole: %s"
                        .formatted(
                                name,
                                earlier.stages().containsKey(name)
                                        ? "its fields, its key or the rules that look at it are others than in audit "
                                                + earlier.audit()
                                        : "audit %s has left nothing of it".formatted(earlier.audit())));
            }
        }
        List<String> whole = findings.rules().stream()
                .map(Auditor.RuleTally::rule)
                .filter(rule -> rule.kind() == CompiledRule.Kind.RELATION)
                .map(CompiledRule::id)
                .filter(rule -> !findings.followed().narrowed().contains(rule))
                .toList();
        if (!judged.isEmpty() && !whole.isEmpty()) {
            told.add("asked of all records together and not only of the groups in which something changed: "
                    + String.join(", ", whole));
        }
        return told;
    }

    /** A rule that nothing was found to break for sure has not passed while it was broken now and then. */
    private static RuleOutcome settled(RuleOutcome outcome, Map<String, Long> unsettled) {
        long open = unsettled.getOrDefault(outcome.rule().id(), 0L);
        if (open == 0) {
            return outcome;
        }
        String told = "%d %s written to all the time, and broke it at some readings and not at others"
                .formatted(open, open == 1 ? "record was" : "records were");
        return new RuleOutcome(
                outcome.rule(),
                outcome.outcome() == Outcome.FAIL ? Outcome.FAIL : Outcome.ERROR,
                outcome.examined(),
                outcome.violations(),
                outcome.preExisting(),
                outcome.accepted(),
                outcome.value(),
                outcome.reason().isEmpty() ? told : outcome.reason() + "; " + told);
    }

    private Incidents.Found explained(String id, Auditor.Findings findings, Incidents explaining) {
        String work = AuditFiles.folder(id) + "/" + Auditor.WORK;
        boolean done = false;
        try {
            Incidents.Found found = explaining.of(
                    findings.records(),
                    dataset -> store.location(AuditFiles.incidents(id, dataset)),
                    name -> store.location(work + "/" + name));
            done = true;
            return found;
        } finally {
            store.delete(done ? work : AuditFiles.folder(id));
        }
    }

    /**
     * What was still good when something broke is not pruned while people look into it; once, however often they audit.
     * What is being pruned at this very moment cannot be held any more.
     */
    private void hold(String audit, Collection<SnapshotId> baselines) {
        Instant now = clock.instant();
        Instant until = now.plus(INCIDENT);
        try {
            catalog.append(state -> {
                List<SnapshotId> open = baselines.stream()
                        .distinct()
                        .filter(id -> state.snapshots().stream()
                                .anyMatch(one -> one.id().equals(id)))
                        .filter(id -> state.heldBy(id, now).stream()
                                .noneMatch(hold -> hold.reason() == Event.Reason.INCIDENT && !endsBefore(hold, until)))
                        .toList();
                if (open.isEmpty()) {
                    throw new NothingToHold();
                }
                return new Event.Held(open, Event.Reason.INCIDENT, until, "incidents of audit " + audit);
            });
        } catch (NothingToHold e) {
            return;
        }
    }

    private static boolean endsBefore(CatalogState.Hold hold, Instant time) {
        return hold.until() != null && hold.until().isBefore(time.minus(ENOUGH));
    }

    /** All of it is held already, or is not there any more. */
    private static final class NothingToHold extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The same where all violations count. */
    public Audit run(Collection<DatasetSpec> datasets, String address, Severity failOn) {
        return run(datasets, address, failOn, RuleOutcome.Counting.ALL);
    }

    /** With the datasets that rules about them look at as well. */
    private List<DatasetSpec> withOthers(Collection<DatasetSpec> datasets, List<Rule> rules) {
        Map<String, DatasetSpec> all = new LinkedHashMap<>();
        datasets.forEach(dataset -> all.put(dataset.name(), dataset));
        for (Rule rule : rules) {
            for (String other : RuleCompiler.reaches(rule)) {
                workspace.dataset(other).ifPresent(dataset -> all.putIfAbsent(other, dataset));
            }
        }
        return List.copyOf(all.values());
    }

    /** The hashes the baseline has kept, if they are of all of a record, say what was said today, and fit into memory. */
    private Optional<Strategy.Kept> kept(DatasetSpec dataset, Manifest manifest, SchemaChange.Aligned aligned) {
        if (!dataset.ignore().isEmpty()) {
            return Optional.empty();
        }
        Strategy strategy = Strategy.of(
                dataset,
                manifest.counts().records(),
                manifest.counts().duplicateKeys() > 0,
                KeptThin.of(
                        session,
                        dataset,
                        manifest,
                        store,
                        aligned.before(),
                        !aligned.changes().isEmpty(),
                        () -> {}),
                Strategy.memory(session));
        return strategy.way() == Strategy.Way.KEPT ? Optional.of(strategy.kept()) : Optional.empty();
    }

    /** Leaves behind what it found; nothing if it comes to no end. */
    private Auditor.Findings findings(
            String folder,
            List<Side> sides,
            List<CompiledRule> rules,
            Auditor.Later later,
            Auditor.Since since,
            Map<String, Strategy.Kept> kept,
            List<String> remarks) {
        boolean done = false;
        try {
            Auditor auditor = new Auditor(
                            session, store.location(folder), clock.instant(), new EarlierAudits(store, catalog.state()))
                    .holding(kept);
            Auditor.Findings findings = auditor.run(sides, rules, later, since);
            auditor.distrusted()
                    .forEach((dataset, why) -> remarks.add(
                            "the hashes that the baseline of dataset '%s' has kept were not used, %s; 'lastgood snapshot verify' says more"
                                    .formatted(dataset, why)));
            store.delete(folder + "/" + Auditor.WORK);
            done = true;
            return findings;
        } finally {
            if (!done && since.left() == null) {
                store.delete(folder);
            } else if (!done) {
                new Stages(store).keepCheckpoints(folder);
            }
        }
    }

    /** What the rules about single captures say of a snapshot on its own; cross-time rules have nothing to compare with. */
    public Verdict verdict(Map<String, Frame> captured) {
        List<Rule> alone = workspace.rules().rules().stream()
                .filter(rule -> standsAlone(rule) && captured.containsKey(rule.dataset()))
                .filter(rule -> captured.keySet().containsAll(RuleCompiler.reaches(rule)))
                .toList();
        List<CompiledRule> rules = new ArrayList<>(compile(captured, alone, clock.instant()));
        captured.forEach((dataset, frame) -> FitsType.of(dataset, frame.shape()).ifPresent(rules::add));
        Verdict verdict = RuleOutcome.verdict(
                outcomes(
                        Census.of(session, workspace.datasets(), captured, rules, clock.instant()),
                        RuleOutcome.Counting.ALL),
                Severity.ERROR);
        boolean all = workspace.rules().rules().stream()
                .filter(rule -> captured.containsKey(rule.dataset()))
                .allMatch(rule -> captured.keySet().containsAll(RuleCompiler.reaches(rule)));
        // A reference that leads out of what was captured was not looked at.
        return all ? verdict : verdict.and(Verdict.INCONCLUSIVE);
    }

    /** Whether a rule says something of records of one time. */
    static boolean standsAlone(Rule rule) {
        return !rule.isCrossTime()
                && (!(rule.constraint() instanceof Constraint.Metric metric) || metric.standsAlone());
    }

    /**
     * What rules about one dataset that stand alone say of a snapshot; those that cannot be bound to its fields are not
     * judged, and that is said.
     *
     * @param captured what was captured of it and of the datasets the rules reach
     */
    List<RuleOutcome> alone(Map<String, Frame> captured, String dataset, List<Rule> rules) {
        List<RuleOutcome> outcomes = new ArrayList<>();
        List<CompiledRule> compiled = new ArrayList<>();
        for (Rule rule : rules) {
            Problems problems = new Problems();
            compiled.addAll(compiler(captured, clock.instant(), problems).compile(List.of(rule)));
            if (problems.hasErrors()) {
                outcomes.add(RuleOutcome.unjudged(
                        rule, "not judged: " + problems.list().get(0).message()));
            }
        }
        Frame own = captured.get(dataset);
        if (own != null) {
            FitsType.of(dataset, own.shape()).ifPresent(compiled::add);
        }
        outcomes.addAll(outcomes(
                Census.of(session, workspace.datasets(), captured, compiled, clock.instant()),
                RuleOutcome.Counting.ALL));
        return outcomes;
    }

    /** That every value fits its type is told only where it is not so: by itself it proves nothing. */
    private static List<RuleOutcome> outcomes(List<Auditor.RuleTally> tallies, RuleOutcome.Counting counting) {
        return outcomes(tallies, counting, Map.of());
    }

    private static List<RuleOutcome> outcomes(
            List<Auditor.RuleTally> tallies, RuleOutcome.Counting counting, Map<String, Long> unsettled) {
        return tallies.stream()
                .filter(tally -> !FitsType.is(tally.rule().id())
                        || tally.violations() + tally.errors() > 0
                        || unsettled.containsKey(tally.rule().id()))
                .map(tally -> settled(RuleOutcome.of(tally, counting), unsettled))
                .toList();
    }

    /**
     * The rules, compiled for what baseline and live have in common. One that only live has the fields for is not judged,
     * and said to be so; it does not keep the others from being judged.
     *
     * @param live as it is, with all its fields
     * @param unjudged is added to
     * @param timed is added to: rules that ask for the time
     */
    private List<CompiledRule> compile(
            Map<String, Frame> common,
            Map<String, Frame> live,
            List<Rule> rules,
            List<RuleOutcome> unjudged,
            Set<String> timed) {
        Instant time = clock.instant();
        Problems all = new Problems();
        RuleCompiler compiler = compiler(common, time, all);
        List<CompiledRule> compiled = new ArrayList<>(compiler.compile(rules));
        timed.addAll(compiler.timed());
        if (!all.hasErrors()) {
            return compiled;
        }
        compile(live, rules, time);
        Set<String> judged = compiled.stream().map(CompiledRule::id).collect(Collectors.toSet());
        for (Rule rule : rules) {
            if (!judged.contains(rule.id())) {
                Problems of = new Problems();
                compiler(common, time, of).compile(List.of(rule));
                String reason =
                        of.list().isEmpty() ? "" : ": " + of.list().get(0).message();
                unjudged.add(RuleOutcome.unjudged(rule, "not judged, for the baseline lacks what it needs" + reason));
            }
        }
        return compiled;
    }

    private RuleCompiler compiler(Map<String, Frame> frames, Instant time, Problems problems) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        frames.forEach((dataset, frame) -> shapes.put(dataset, frame.shape()));
        return new RuleCompiler(workspace.datasets(), shapes, time, problems);
    }

    private List<CompiledRule> compile(Map<String, Frame> frames, List<Rule> rules, Instant now) {
        Problems problems = new Problems();
        List<CompiledRule> compiled = compiler(frames, now, problems).compile(rules);
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
            if (state.damaged(dataset.name(), chosen.id()).isPresent()) {
                throw new Refusal(
                        "snapshot %s of dataset '%s' is damaged: its last verification has failed"
                                .formatted(chosen.id(), dataset.name()),
                        "Use another one: 'lastgood snapshot list' shows to which level each is verified.");
            }
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
        List<Snapshot> damaged = state.snapshots(dataset.name()).stream()
                .filter(one -> state.damaged(dataset.name(), one.id()).isPresent())
                .toList();
        damaged.forEach(one -> remarks.add(
                "snapshot %s of dataset '%s' is damaged and no baseline".formatted(one.id(), dataset.name())));
        if (verified.isEmpty() && !damaged.isEmpty()) {
            throw new Refusal(
                    "dataset '%s' has no snapshot that is verified to L2 and not damaged".formatted(dataset.name()),
                    "'lastgood snapshot verify' says which files to bring back from a copy of the store.");
        }
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
        remarks.add(
                "no snapshot of dataset '%s' is known to be clean by the rules as they are; the newest verified one is the baseline"
                        .formatted(dataset.name()));
        return verified.get(0);
    }

    private ObjectNode document(
            String id,
            Verdict verdict,
            Severity failOn,
            Map<String, SnapshotId> baselines,
            Auditor.Findings findings,
            List<RuleOutcome> outcomes,
            List<Incident> incidents,
            List<String> remarks,
            Map<String, List<SchemaChange>> drift) {
        ObjectNode document =
                NODES.objectNode().put("formatVersion", 1).put("audit", id).put("verdict", verdict.name());
        document.put("failOn", failOn.text());
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
        Map<String, List<FieldChanges>> fields = new LinkedHashMap<>();
        baselines
                .keySet()
                .forEach(dataset -> fields.put(
                        dataset,
                        FieldChanges.of(Records.read(
                                session,
                                Objects.requireNonNull(findings.records().get(dataset))))));
        document.set("fields", DiffJob.fields(fields));
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
                .put("hash", outcome.rule().hash())
                .put("dataset", outcome.rule().dataset())
                .put("outcome", outcome.outcome().name())
                .put("severity", outcome.rule().severity().text())
                .put("examined", outcome.examined())
                .put("violations", outcome.violations())
                .put("preExisting", outcome.preExisting())
                .put("accepted", outcome.accepted())
                .put("value", outcome.value())
                .put("reason", outcome.reason())
                .put("decides", outcome.decides(failOn)));
        ArrayNode found = document.putArray("incidents");
        incidents.forEach(incident -> found.add((JsonNode) incident.json()));
        return document;
    }
}
