package dev.lastgood.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.capture.Totals;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.PlanApproval;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Receipt;
import dev.lastgood.rule.RuleSet;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * L5: a snapshot is restored for trial, whole, and compared; then some records of it are damaged on purpose, found, planned,
 * put back and taken back again, by the very code that would do it to live.
 */
final class Drill {
    /** How many records of a dataset are damaged. */
    private static final int DAMAGED = 60;

    private static final String PLACE = "sandbox";

    private final Workplace workplace;
    private final Function<Workplace, Sandbox> sandboxes;
    private final List<String> notes = new ArrayList<>();

    Drill(Workplace workplace) {
        this(workplace, Sandbox::open);
    }

    /** With another sandbox, for who wants to know whether a drill notices what goes wrong in it. */
    Drill(Workplace workplace, Function<Workplace, Sandbox> sandboxes) {
        this.workplace = workplace;
        this.sandboxes = sandboxes;
    }

    /**
     * What the drill came to.
     *
     * @param reports by dataset
     * @param notes what was done, step by step, for people
     */
    record Drilled(Map<String, VerificationReport> reports, List<String> notes) {}

    /** What is known of a dataset as it goes. */
    private static final class Subject {
        final DatasetSpec dataset;
        final Manifest manifest;
        final List<Damage> damages = new ArrayList<>();

        Subject(DatasetSpec dataset, Manifest manifest) {
            this.dataset = dataset;
            this.manifest = manifest;
        }

        void damage(Damage.Kind kind, String detail) {
            damages.add(new Damage(PLACE, kind, detail));
        }

        /** Several records of one key are compared as a whole and cannot be put back one by one. */
        boolean isRestorable() {
            return dataset.hasKey()
                    && manifest.counts().duplicateKeys() == 0
                    && manifest.counts().records() > 0;
        }
    }

    /**
     * Restores datasets of one snapshot together.
     *
     * @param snapshots of the datasets, all of one id
     */
    Drilled run(Map<DatasetSpec, Snapshot> snapshots) {
        Map<String, Subject> subjects = new LinkedHashMap<>();
        snapshots.forEach((dataset, snapshot) ->
                subjects.put(dataset.name(), new Subject(dataset, snapshot.manifest(workplace.store()))));
        try (Sandbox sandbox = sandboxes.apply(workplace)) {
            restore(sandbox, subjects.values());
            SnapshotTaker.Taken restored = take(sandbox);
            rules(sandbox, restored, subjects);
            subjects.values().stream()
                    .filter(one -> !one.isRestorable())
                    .forEach(one -> one.damage(
                            Damage.Kind.NOT_EXAMINED,
                            "no partial restore was tried: it has no key, or several records of one, or no record"));
            drill(sandbox, restored, subjects);
        }
        Map<String, VerificationReport> reports = new LinkedHashMap<>();
        subjects.forEach((name, one) -> reports.put(
                name,
                VerificationReport.of(
                        Level.L5,
                        one.manifest.files().size(),
                        one.manifest.counts().bytes(),
                        one.manifest.counts().records(),
                        one.damages)));
        return new Drilled(reports, notes);
    }

    /** Whole, timed, and compared with what the manifest says. */
    private void restore(Sandbox sandbox, Collection<Subject> subjects) {
        SnapshotReader reader = new SnapshotReader(workplace.session(), workplace.store());
        for (Subject one : subjects) {
            Instant begun = workplace.clock().instant();
            Frame then = reader.frame(one.dataset, one.manifest, workplace.sources());
            sandbox.restore(
                    one.dataset,
                    then,
                    one.manifest.counts().records(),
                    one.manifest.counts().bytes());
            DatasetSpec inside = inside(sandbox, one);
            Buckets.Sums there = Totals.of(
                    inside, sandbox.workplace(RuleSet.of(List.of())).sources().live(inside));
            Buckets.Sums here = Totals.of(inside, then);
            Duration time = Duration.between(begun, workplace.clock().instant());
            if (!there.equals(here)) {
                one.damage(Damage.Kind.CONTENT, "what was restored is not what was read");
            }
            if (there.records() != one.manifest.counts().records()) {
                one.damage(
                        Damage.Kind.COUNT,
                        "expected %d records, found %d"
                                .formatted(one.manifest.counts().records(), there.records()));
            }
            notes.add("%s: restored %d records in %d s, %s"
                    .formatted(
                            one.dataset.name(),
                            there.records(),
                            time.toSeconds(),
                            there.equals(here) ? "the same as in the snapshot" : "NOT the same as in the snapshot"));
        }
    }

    private static DatasetSpec inside(Sandbox sandbox, Subject one) {
        return sandbox.datasets().stream()
                .filter(dataset -> dataset.name().equals(one.dataset.name()))
                .findFirst()
                .orElseThrow();
    }

    private static SnapshotTaker.Taken take(Sandbox sandbox) {
        Workplace inside = sandbox.workplace(RuleSet.of(List.of()));
        return inside.taker().take(inside.childrenFirst(sandbox.datasets()), captured -> Verdict.INCONCLUSIVE);
    }

    /** The levels below, in there; rules must say the same of what was restored as they say of the snapshot. */
    private void rules(Sandbox sandbox, SnapshotTaker.Taken restored, Map<String, Subject> subjects) {
        Workplace inside = sandbox.workplace(workplace.workspace().rules());
        Map<String, Set<String>> broken = new LinkedHashMap<>();
        for (VerifyJob.Verified one : new VerifyJob(inside)
                .verify(sandbox.datasets(), restored.snapshot().text(), Level.L4)) {
            Subject subject = subjects.get(one.snapshot().dataset());
            if (one.report().level() == Level.L4) {
                broken.put(one.snapshot().dataset(), rules(one.report()));
            } else if (one.report().verdict() != Verdict.PASS && subject != null) {
                subject.damage(
                        Damage.Kind.CONTENT,
                        "restored, it does not pass %s".formatted(one.report().level()));
            }
        }
        subjects.forEach((name, subject) -> workplace
                .catalog()
                .state()
                .verification(name, subject.manifest.snapshot(), Level.L4)
                .ifPresent(outside -> {
                    // A rule that reaches a dataset which is not in here cannot say the same of it.
                    Set<String> elsewhere = elsewhere(subjects.keySet());
                    Set<String> expected = rules(outside.report());
                    expected.removeAll(elsewhere);
                    Set<String> found = new TreeSet<>(broken.getOrDefault(name, Set.of()));
                    found.removeAll(elsewhere);
                    if (!expected.equals(found)) {
                        subject.damage(
                                Damage.Kind.CONTENT,
                                "of the snapshot rules accuse %s, of what was restored %s".formatted(expected, found));
                    }
                    notes.add(
                            "%s: rules say the same of it: %s".formatted(name, expected.equals(found) ? "yes" : "NO"));
                }));
    }

    private Set<String> elsewhere(Set<String> here) {
        return workplace.workspace().rules().rules().stream()
                .filter(rule -> !here.containsAll(RuleCompiler.reaches(rule)))
                .map(rule -> RuleVerification.PLACE + rule.id())
                .collect(Collectors.toSet());
    }

    private static Set<String> rules(VerificationReport report) {
        return report.damages().stream().map(Damage::file).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Plant, find, plan, approve, apply, compare, undo, compare. */
    private void drill(Sandbox sandbox, SnapshotTaker.Taken restored, Map<String, Subject> subjects) {
        List<Subject> drilled =
                subjects.values().stream().filter(Subject::isRestorable).toList();
        if (drilled.isEmpty()) {
            return;
        }
        Workplace inside = sandbox.workplace(RuleSet.of(List.of()));
        List<DatasetSpec> datasets =
                drilled.stream().map(one -> inside(sandbox, one)).toList();
        Map<String, Sandbox.Planted> planted = new LinkedHashMap<>();
        for (DatasetSpec dataset : datasets) {
            Frame live = inside.sources().live(dataset);
            planted.put(dataset.name(), sandbox.damage(dataset, live, DAMAGED));
        }
        int steps = planted.values().stream().mapToInt(Sandbox.Planted::all).sum();
        SnapshotTaker.Taken damaged =
                inside.taker().take(inside.childrenFirst(datasets), captured -> Verdict.INCONCLUSIVE);
        planted.forEach((name, one) ->
                notes.add("%s: damaged %d records, removed %d".formatted(name, one.changed(), one.removed())));

        String good = restored.snapshot().text();
        differ(inside, datasets, good, planted, subjects, "found by the audit");
        RestoreJob restore = new RestoreJob(inside);
        PlanFiles.Stored plan = new PlanJob(inside)
                .plan(new Selection(
                        "",
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        planted.keySet(),
                        List.of(),
                        "",
                        true,
                        false,
                        Set.of(),
                        good,
                        dev.lastgood.restore.Mode.BLOCK));
        expect(
                drilled,
                plan.plan().steps().size() == steps && plan.plan().conflicts().isEmpty(),
                "plan: %d steps, %d conflicts; %d steps expected"
                        .formatted(
                                plan.plan().steps().size(),
                                plan.plan().conflicts().size(),
                                steps));
        restore.approve(plan.id(), Set.of(PlanApproval.NO_DELETE_EVIDENCE), null);
        Receipt applied = restore.apply(plan.id(), new Applier.Watch() {});
        expect(
                drilled,
                applied.isClean() && applied.done() == steps,
                "apply: %d of %d steps done, %d seen to be".formatted(applied.done(), steps, applied.verified()));
        differ(inside, datasets, good, Map.of(), subjects, "after the restore");
        Receipt undone = restore.undo(plan.id(), new Applier.Watch() {});
        expect(
                drilled,
                undone.isClean() && undone.done() == steps,
                "undo: %d of %d steps done, %d seen to be".formatted(undone.done(), steps, undone.verified()));
        differ(inside, datasets, damaged.snapshot().text(), Map.of(), subjects, "after the undo");
    }

    private void expect(List<Subject> drilled, boolean holds, String what) {
        notes.add(what + (holds ? "" : ": NOT as it must be"));
        if (!holds) {
            drilled.forEach(one -> one.damage(Damage.Kind.DRILL, what));
        }
    }

    /** Compares what is in there with a snapshot of it, record by record: exactly the damage planted may differ. */
    private void differ(
            Workplace inside,
            List<DatasetSpec> datasets,
            String snapshot,
            Map<String, Sandbox.Planted> planted,
            Map<String, Subject> subjects,
            String when) {
        AuditJob.Audit audit = inside.auditJob().run(datasets, snapshot, Severity.ERROR);
        for (JsonNode one : audit.document().get("datasets")) {
            String name = one.get("name").asText();
            Sandbox.Planted expected = planted.getOrDefault(name, new Sandbox.Planted(0, 0));
            long changed = one.get("changed").asLong();
            long removed = one.get("removed").asLong();
            long added = one.get("added").asLong();
            boolean holds = changed == expected.changed() && removed == expected.removed() && added == 0;
            String what = "%s: %s %d changed, %d removed, %d added".formatted(name, when, changed, removed, added);
            notes.add(what + (holds ? "" : ": NOT as it must be"));
            Subject subject = subjects.get(name);
            if (!holds && subject != null) {
                subject.damage(
                        Damage.Kind.DRILL,
                        "%s; expected %d, %d, 0".formatted(what, expected.changed(), expected.removed()));
            }
        }
    }
}
