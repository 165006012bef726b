package dev.lastgood.restore;

import dev.lastgood.problem.Refusal;
import dev.lastgood.target.Target;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What must hold before a run writes anything, or is written down for somebody else to write. */
final class Preflight {
    private final Run run;
    private final Applier.Site site;
    /** What is told to have happened: {@code nothing was applied}. */
    private final String nothing;

    Preflight(Run run, Applier.Site site, String nothing) {
        this.run = run;
        this.site = site;
        this.nothing = nothing;
    }

    static Preflight of(Run run, Applier.Site site) {
        return new Preflight(run, site, run.isUndo() ? "nothing was undone" : "nothing was applied");
    }

    /** Throws a {@link Refusal} for the first thing that does not hold. */
    void check(PlanApproval approval) {
        approved(approval);
        run.datasets().forEach(this::writable);
        acknowledged(approval);
        run.steps().forEach(StepRules::justify);
        if (!run.isUndo()) {
            limits();
        }
    }

    /** The same for an export, which neither writes nor sets anything off, and which nobody need have approved. */
    void checkExport() {
        requireOpen();
        if (!Journal.open(site.store(), run.id()).isEmpty()) {
            throw new Refusal(
                    "plan %s has been applied, or is being applied; %s".formatted(run.plan(), nothing),
                    "Make a plan for what is left.");
        }
        run.datasets().forEach(this::unchanged);
        run.steps().forEach(StepRules::justify);
    }

    /** Whoever looks again looks at what the plan was made for. */
    void checkTargets() {
        run.datasets().forEach((dataset, bound) -> {
            Target target = site.targets().get(dataset);
            same(
                    "target of dataset '%s'".formatted(dataset),
                    bound.target(),
                    target == null ? "not there" : target.identity());
        });
    }

    private void approved(PlanApproval approval) {
        if (!approval.digest().equals(run.digest())) {
            throw new Refusal(
                    "plan %s has the digest %s, and %s was approved; nothing was applied"
                            .formatted(run.plan(), run.digest(), approval.digest()),
                    "Approve the plan as it is.");
        }
        if (!run.isUndo()) {
            requireOpen();
        }
    }

    /** The plan has neither expired nor been undone. */
    private void requireOpen() {
        Journal journal = Journal.open(site.store(), run.id());
        if (!site.clock().instant().isBefore(run.header().expiresAt()) && !journal.isCompleted()) {
            throw expired(journal);
        }
        if (journal.isBeingUndone()
                || !Journal.open(site.store(), Run.undoing(run.id())).isEmpty()) {
            throw new Refusal(
                    "run %s has been undone, or is being undone; %s".formatted(run.id(), nothing),
                    "Make the plan again.");
        }
    }

    private Refusal expired(Journal journal) {
        Instant at = run.header().expiresAt();
        return journal.isEmpty()
                ? new Refusal(
                        "plan %s expired at %s; %s".formatted(run.plan(), at, nothing),
                        "Make the plan again on live as it is now.")
                : new Refusal(
                        "plan %s expired at %s, after it was begun; %d of %d steps are journalled, nothing more was applied"
                                .formatted(
                                        run.plan(),
                                        at,
                                        journal.stepNumbers().size(),
                                        run.steps().size()),
                        "Run 'lastgood restore undo %s' to take back what was written, or make a new plan for the rest."
                                .formatted(run.plan()));
    }

    private void writable(String dataset, Plan.Bound bound) {
        Policy policy = site.policies().get(dataset);
        if (policy != null && !Applier.isWritable(policy.write())) {
            throw new Refusal(
                    "dataset '%s' is export only; %s".formatted(dataset, nothing),
                    "Say 'write: in_place' under its 'restore' if a restore may write there, and plan again. Or write down what is to be done, with 'lastgood restore export %s'."
                            .formatted(run.plan()));
        }
        unchanged(dataset, bound);
        Target target = Objects.requireNonNull(site.targets().get(dataset));
        if (!run.isUndo()) {
            knowsEffects(dataset, bound, target, Objects.requireNonNull(policy));
        }
    }

    private void unchanged(String dataset, Plan.Bound bound) {
        Target target = site.targets().get(dataset);
        Policy policy = site.policies().get(dataset);
        if (target == null || policy == null) {
            throw new Refusal(
                    "the workspace has no dataset '%s' that can be written; %s".formatted(dataset, nothing),
                    "Give its source a 'write' section.");
        }
        same("target of dataset '%s'".formatted(dataset), bound.target(), target.identity());
        same("schema of dataset '%s'".formatted(dataset), bound.schema(), target.schema());
        same("restore policy of dataset '%s'".formatted(dataset), bound.policy(), policy.digest());
    }

    /** What was added since the plan was made nobody has acknowledged. */
    private void knowsEffects(String dataset, Plan.Bound bound, Target target, Policy policy) {
        List<String> unknown = SideEffects.undeclared(target.facts(), policy.consumers()).stream()
                .filter(effect -> !bound.consumers().contains(effect))
                .toList();
        if (!unknown.isEmpty()) {
            throw new Refusal(
                    "dataset '%s' has what plan %s does not know of: %s; nothing was applied"
                            .formatted(dataset, run.plan(), String.join(", ", unknown)),
                    "Make the plan again.");
        }
    }

    private void same(String what, String planned, String now) {
        if (!planned.equals(now)) {
            throw new Refusal(
                    "the %s is not what plan %s was made for: %s, now %s; %s"
                            .formatted(what, run.plan(), planned, now, nothing),
                    run.isUndo() ? "What the run has written stays until this is as it was." : "Make the plan again.");
        }
    }

    private void acknowledged(PlanApproval approval) {
        Set<String> open = SideEffects.toAcknowledge(run.datasets(), run.steps());
        open.removeAll(approval.acknowledged());
        if (!open.isEmpty()) {
            throw new Refusal(
                    "not acknowledged: %s; %s".formatted(String.join(", ", open), nothing),
                    "A write sets these off, or cannot be proven right. Approve the plan with --acknowledge for each.");
        }
    }

    private void limits() {
        run.steps().stream().collect(Collectors.groupingBy(Step::dataset)).forEach((dataset, steps) -> {
            var limits = Objects.requireNonNull(site.policies().get(dataset)).limits();
            long deletes = steps.stream()
                    .filter(step -> step.action() == Action.DELETE)
                    .count();
            if ((limits.steps() != null && steps.size() > limits.steps())
                    || (limits.deletes() != null && deletes > limits.deletes())) {
                throw new Refusal(
                        "plan %s has %d steps and %d deletes in dataset '%s', and its limits are %s and %s; nothing was applied"
                                .formatted(
                                        run.plan(), steps.size(), deletes, dataset, limits.steps(), limits.deletes()),
                        null);
            }
        });
    }
}
