package dev.lastgood.job;

import dev.lastgood.audit.RuleOutcome;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * L4: whether the rules hold on a snapshot alone. Rules across time have nothing to compare with and are left out; a rule
 * that reaches into another dataset sees the one that was captured with it.
 */
final class RuleVerification {
    /** What the place of a damage begins with that a rule has found. */
    static final String PLACE = "rule ";

    private final Workplace workplace;

    RuleVerification(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * Clean is PASS; a broken rule of severity {@code error} is FAIL. Undecided, and so INCONCLUSIVE, are rules that could
     * not be evaluated or looked at nothing, and findings across datasets where the captures are not of one moment: writes
     * between the two may have made them.
     */
    VerificationReport report(DatasetSpec dataset, Snapshot snapshot, CatalogState state) {
        List<Rule> rules = workplace.workspace().rules().about(dataset.name()).stream()
                .filter(AuditJob::standsAlone)
                .toList();
        List<Damage> damages = new ArrayList<>();
        if (rules.isEmpty()) {
            damages.add(new Damage(
                    Manifest.NAME,
                    Damage.Kind.NOT_EXAMINED,
                    "there is no rule about it that a snapshot alone can keep"));
            return VerificationReport.of(Level.L4, 0, 0, 0, damages);
        }
        Map<String, Frame> frames = new LinkedHashMap<>();
        Set<Manifest.Capture> captures = new HashSet<>();
        List<Rule> judged = new ArrayList<>();
        for (Rule rule : rules) {
            Set<String> missing = new TreeSet<>();
            for (String name : with(RuleCompiler.reaches(rule), dataset.name())) {
                if (!frames.containsKey(name) && !read(name, snapshot, state, frames, captures)) {
                    missing.add(name);
                }
            }
            if (missing.isEmpty()) {
                judged.add(rule);
            } else {
                damages.add(damage(
                        rule,
                        Damage.Kind.NOT_EXAMINED,
                        "it needs %s, which was not captured with it".formatted(String.join(", ", missing))));
            }
        }
        for (RuleOutcome outcome : workplace.auditJob().alone(frames, dataset.name(), judged)) {
            boolean across =
                    RuleCompiler.reaches(outcome.rule()).stream().anyMatch(name -> !name.equals(dataset.name()));
            undecidedOr(outcome, across && !isOneMoment(captures)).ifPresent(damages::add);
        }
        long records = snapshot.manifest(workplace.store()).counts().records();
        return VerificationReport.of(Level.L4, judged.isEmpty() ? 0 : 1, 0, judged.isEmpty() ? 0 : records, damages);
    }

    /** Two sources have two moments, each of them one. */
    private static boolean isOneMoment(Set<Manifest.Capture> captures) {
        return captures.size() == 1 && captures.iterator().next().mode() == Manifest.Mode.POINT_IN_TIME;
    }

    private static Set<String> with(Set<String> names, String name) {
        Set<String> all = new TreeSet<>(names);
        all.add(name);
        return all;
    }

    /** Whether the dataset is in the same snapshot; its records are there then. */
    private boolean read(
            String name,
            Snapshot snapshot,
            CatalogState state,
            Map<String, Frame> frames,
            Set<Manifest.Capture> captures) {
        Optional<DatasetSpec> dataset = workplace.workspace().dataset(name);
        Optional<Snapshot> there = state.snapshot(name, snapshot.id());
        if (dataset.isEmpty() || there.isEmpty()) {
            return false;
        }
        Manifest manifest = there.get().manifest(workplace.store());
        captures.add(manifest.capture());
        frames.put(
                name,
                new SnapshotReader(workplace.session(), workplace.store())
                        .frame(dataset.get(), manifest, workplace.sources()));
        return true;
    }

    private static Optional<Damage> undecidedOr(RuleOutcome outcome, boolean undecided) {
        Rule rule = outcome.rule();
        String counts = "%d findings in %d records".formatted(outcome.violations(), outcome.examined());
        return switch (outcome.outcome()) {
            case PASS -> Optional.empty();
            case SKIP ->
                rule.allowEmpty()
                        ? Optional.empty()
                        : Optional.of(damage(rule, Damage.Kind.NOT_EXAMINED, outcome.reason()));
            case ERROR -> Optional.of(damage(rule, Damage.Kind.NOT_EXAMINED, outcome.reason()));
            case FAIL ->
                rule.severity().compareTo(Severity.ERROR) < 0
                        ? Optional.empty()
                        : Optional.of(
                                undecided
                                        ? damage(
                                                rule,
                                                Damage.Kind.UNDECIDED,
                                                counts + ", which writes between the captures may have made")
                                        : damage(rule, Damage.Kind.RULE, counts));
        };
    }

    private static Damage damage(Rule rule, Damage.Kind kind, String detail) {
        return new Damage(PLACE + rule.id(), kind, detail);
    }
}
