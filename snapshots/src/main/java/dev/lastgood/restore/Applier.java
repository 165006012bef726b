package dev.lastgood.restore;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.StepRules.Decision;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Placed;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.workspace.RestorePolicy;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a run. It decides nothing that was not approved: a step is written as planned, or not at all. Every write
 * follows a published intent that holds the record as it was, and depends on the token read with it. May be stopped at
 * any moment and run again: what was open is found out, and the rest goes on. Not thread-safe.
 */
public final class Applier {
    private static final int MOST_LOOPS = 4;
    private static final int MOST_REVERSIONS = 2;
    private static final int READ_AT_ONCE = 500;

    /**
     * Where a run takes place.
     *
     * @param targets by dataset
     */
    public record Site(
            Store store,
            Map<String, Policy> policies,
            Map<String, Target> targets,
            Judge judge,
            Relations relations,
            Clock clock) {
        public Site {
            policies = Map.copyOf(policies);
            targets = Map.copyOf(targets);
        }

        /** The same with its journal elsewhere. */
        Site in(Store other) {
            return new Site(other, policies, targets, judge, relations, clock);
        }
    }

    /** When a run shall stop by itself. Each bound is a share, and counts from so many steps on. */
    public record Breaker(double conflicts, double failures, double drifted, int from) {
        public static final Breaker DEFAULT = new Breaker(0.02, 0.005, 0.05, 20);
        public static final Breaker OFF = new Breaker(1, 1, 1, Integer.MAX_VALUE);

        private boolean exceeds(long count, double share, long of) {
            return count >= from && count > share * of;
        }
    }

    /** Told how a run goes on, and asked whether it may. */
    public interface Watch {
        /** Before a batch of so many steps of a dataset: why to pause now, or nothing. May wait. */
        default Optional<String> pause(String dataset, int steps) {
            return Optional.empty();
        }

        /** A step has come to its end. */
        default void ended(Step step, State state) {}

        /** So many done steps were re-read. */
        default void verified(int steps) {}
    }

    /** How a run is carried out. */
    public record Manner(int batch, int canary, Breaker breaker, Owner owner, String applier, Watch watch) {
        /** With batches of 100 steps and a canary of 50, or one step in a hundred. The applier's name is a random one. */
        public static Manner of(Owner owner, String applier) {
            return new Manner(100, 50, Breaker.DEFAULT, owner, applier, new Watch() {});
        }

        public Manner watched(Watch other) {
            return new Manner(batch, canary, breaker, owner, applier, other);
        }
    }

    private final Run run;
    private final PlanApproval approval;
    private final Site site;
    private final Manner manner;

    private final Map<Integer, Step> steps = new LinkedHashMap<>();
    private final List<Entry> outcomes = new ArrayList<>();
    private final Map<Integer, Entry.Ended> ends = new HashMap<>();
    private final Map<Integer, Integer> reversions = new HashMap<>();
    private final Map<Integer, String> refusals = new HashMap<>();
    private final Map<Integer, String> firstSeen = new HashMap<>();
    private final Set<Integer> movedSinceFirstSeen = new HashSet<>();
    private final Map<String, Entry.Ended> stoppedGroups = new HashMap<>();
    private final Map<Recheck.Found, Set<Integer>> checked = new EnumMap<>(Recheck.Found.class);
    private @Nullable Journal journal;
    private int sessionEnds;
    private int sessionConflicts;
    private int sessionFailures;

    public Applier(Run run, PlanApproval approval, Site site, Manner manner) {
        this.run = run;
        this.approval = approval;
        this.site = site;
        this.manner = manner;
        run.steps().forEach(step -> steps.put(step.number(), step));
        for (Recheck.Found check : Recheck.Found.values()) {
            checked.put(check, new HashSet<>());
        }
    }

    /** Throws a {@link Refusal} for the first thing that forbids the run; writes nothing, so that a refused run is none. */
    public void check() {
        Preflight.of(run, site).check(approval);
    }

    /**
     * Carries the run out, or goes on where it stopped.
     *
     * @throws Refusal if that would not be safe, or another applier may have the run
     * @throws StoreUnavailable if the journal cannot be read or begun; nothing was written then
     */
    public Receipt apply() {
        return apply(Claim.ORDERLY);
    }

    /** The same, though another applier may have the run: it stops at its next batch. */
    public Receipt takeOver() {
        return apply(Claim.TAKE_OVER);
    }

    private enum Claim {
        ORDERLY,
        TAKE_OVER
    }

    private Receipt apply(Claim kind) {
        check();
        Journal opened = Journal.open(site.store(), run.id());
        journal = opened;
        claim(opened, kind);
        steps.keySet().forEach(number -> opened.progress(number).end().ifPresent(end -> ends.put(number, end)));
        ends.values().forEach(this::stopGroup);
        try {
            return carryOut();
        } catch (Pause pause) {
            return paused(pause.reason);
        } catch (TargetUnavailable e) {
            return paused(String.valueOf(e.getMessage()));
        } catch (StoreUnavailable e) {
            // Without its journal the run writes nothing more; what the last segment leaves open is found out next
            // time.
            return receipt(String.valueOf(e.getMessage()));
        } catch (Refusal e) {
            throw e;
        } catch (Exception e) {
            return paused(told(e));
        }
    }

    /** What others throw may show values; what kind of thing it is does not. */
    private static String told(Exception failure) {
        boolean isOurs = failure.getClass().getName().startsWith("dev.lastgood.");
        return isOurs
                ? String.valueOf(failure.getMessage())
                : "stopped by a failure that was not foreseen (%s)"
                        .formatted(failure.getClass().getSimpleName());
    }

    /** The run goes no further for now. */
    private static final class Pause extends Exception {
        private static final long serialVersionUID = 1;

        private final String reason;

        Pause(String reason) {
            super(reason);
            this.reason = reason;
        }
    }

    private Journal journal() {
        return Objects.requireNonNull(journal);
    }

    private void claim(Journal opened, Claim kind) {
        if (opened.isCompleted()) {
            return;
        }
        if (!run.isUndo() && opened.isBeingUndone()) {
            throw new Refusal(
                    "run %s is being undone; nothing was applied".formatted(run.id()), "Make the plan again.");
        }
        Optional<Entry.Claimed> holder = opened.holder();
        if (holder.isPresent()
                && kind == Claim.ORDERLY
                && !holder.get().applier().equals(manner.applier())
                && !manner.owner().isGone(holder.get().owner())) {
            throw new Refusal(
                    "run %s has been started by process '%s' and has not ended; nothing was applied"
                            .formatted(run.id(), holder.get().owner()),
                    "If that process is no more, run 'lastgood restore %s --take-over %s'."
                            .formatted(run.isUndo() ? "undo" : "apply", run.plan()));
        }
        List<Entry> first = new ArrayList<>();
        if (opened.isEmpty()) {
            first.add(new Entry.Started(run.digest(), run.undoes(), run.head(), approval.by()));
        } else {
            matchStarted(opened);
        }
        first.add(new Entry.Claimed(manner.applier(), manner.owner().name()));
        opened.publish(first);
    }

    private void matchStarted(Journal opened) {
        boolean same = opened.started()
                .map(started -> started.digest().equals(run.digest())
                        && started.undoes().equals(run.undoes())
                        && started.head().equals(run.head()))
                .orElse(false);
        boolean known = opened.stepNumbers().stream().allMatch(steps::containsKey);
        if (!same || !known) {
            throw new Refusal(
                    "the journal of run %s belongs to another plan or undo; nothing was applied".formatted(run.id()),
                    null);
        }
    }

    private Receipt carryOut() throws Pause {
        List<Step> all = run.steps();
        int canary = Math.min(all.size(), Math.max(manner.canary(), (all.size() + 99) / 100));
        // What stopped right after the canary has not been judged by it for certain.
        boolean canaryOpen = all.subList(0, canary).stream().anyMatch(this::isPending)
                || (canary < all.size()
                        && all.subList(canary, all.size()).stream().allMatch(this::isPending));
        List<List<Step>> batches = Batches.toWrite(all, manner.batch(), this::storeOf);
        if (!canaryOpen && all.stream().anyMatch(this::isPending)) {
            // What has stopped it may still be so.
            judgeWhole();
        }
        int seen = 0;
        for (List<Step> batch : batches) {
            carryOut(batch.stream().filter(this::isPending).toList());
            seen += batch.size();
            if (canaryOpen && seen >= canary) {
                canaryOpen = false;
                verify(all.subList(0, seen));
                judgeCanary(seen);
                if (seen < all.size()) {
                    judgeWhole();
                }
            }
        }
        verify(all);
        if (!journal().isCompleted()) {
            judgeWhole();
            outcomes.add(new Entry.Completed());
            flush();
        }
        return receipt(null);
    }

    private void judgeCanary(int size) throws Pause {
        int drifted = checkedAs(Recheck.Found.DRIFTED);
        if (drifted > 1 && drifted > manner.breaker().drifted() * size) {
            throw new Pause(
                    "%d of the first %d steps were written by somebody else right after".formatted(drifted, size));
        }
    }

    /**
     * What no single record decides is judged again over live as it is now: with what the run has written and what is left of
     * it, against live without either. What others broke meanwhile is not the run's.
     */
    private void judgeWhole() throws Pause {
        if (run.isUndo()) {
            return;
        }
        List<Step> concerned =
                run.steps().stream().filter(site.relations()::concerns).toList();
        Instant now = site.clock().instant();
        List<Relations.Laid> laid = new ArrayList<>();
        Map<Step, Seen> read = new HashMap<>();
        Map<Step, Decision.Write> writes = new LinkedHashMap<>();
        for (List<Step> batch : Batches.of(concerned, READ_AT_ONCE)) {
            Map<Key, Seen> seen = target(batch.get(0).dataset())
                    .read(batch.stream().map(Step::key).toList());
            for (Step step : batch) {
                Seen one = seen(seen, step);
                Optional<Entry.Intent> written = written(step, one);
                if (written.isPresent()) {
                    Undo.laid(step, written.get(), one.image()).ifPresent(laid::add);
                } else if (isPending(step)
                        && new StepRules(step, policy(step)).decide(one, touch(step, one, now))
                                instanceof Decision.Write write) {
                    read.put(step, one);
                    writes.put(step, write);
                }
            }
        }
        leaveOut(writes, read);
        writes.forEach((step, write) -> laid.add(new Relations.Laid(
                step.dataset(), step.key(), seenOf(read, step).image(), write.desired())));
        List<Relations.Broken> broken =
                laid.isEmpty() ? List.of() : site.relations().broken(laid);
        if (!broken.isEmpty()) {
            throw new Pause(
                    "with this run, records break rules that they would not break without it: %s; 'lastgood restore undo %s' takes back what it has written"
                            .formatted(
                                    broken.stream()
                                            .map(one -> "%s (%d)".formatted(one.rule(), one.records()))
                                            .collect(Collectors.joining(", ")),
                                    run.plan()));
        }
    }

    /** What a batch would not write, it will not break either. */
    private void leaveOut(Map<Step, Decision.Write> writes, Map<Step, Seen> read) {
        Set<String> stopped = new HashSet<>(stoppedGroups.keySet());
        Objections objections = new Objections(site.judge(), site.relations());
        Objections.Drop drop = (step, type, explanation) -> stopped.add(step.group());
        objections.judge(writes, step -> seenOf(read, step), drop);
        int before;
        do {
            before = writes.size();
            objections.relate(writes, step -> seenOf(read, step), drop);
            if (run.header().mode() == Mode.BLOCK) {
                writes.keySet().removeIf(step -> !step.group().isEmpty() && stopped.contains(step.group()));
            }
        } while (writes.size() < before);
    }

    private static Seen seenOf(Map<Step, Seen> read, Step step) {
        return Objects.requireNonNull(read.get(step), () -> "not read: " + step);
    }

    /** The write of a step that is done, may have been, or was as the record shows. */
    private Optional<Entry.Intent> written(Step step, Seen seen) {
        if (seen.isSeveral()) {
            return Optional.empty();
        }
        if (!isPending(step)) {
            return Undo.written(journal().progress(step.number()));
        }
        List<Entry.Intent> open = openIntents(step);
        return !open.isEmpty() && new StepRules(step, policy(step)).reconcile(open, seen) == StepRules.Fate.DONE
                ? Optional.of(open.get(open.size() - 1))
                : Optional.empty();
    }

    private int checkedAs(Recheck.Found check) {
        return Objects.requireNonNull(checked.get(check)).size();
    }

    private boolean isPending(Step step) {
        return !ends.containsKey(step.number());
    }

    /** A group may be larger than a segment: all of its intents are published, then it is written. */
    private void flush() {
        int most = 2 * manner.batch();
        while (!outcomes.isEmpty()) {
            List<Entry> next = List.copyOf(outcomes.subList(0, Math.min(most, outcomes.size())));
            journal().publish(next);
            outcomes.subList(0, next.size()).clear();
        }
    }

    private Receipt paused(String reason) {
        if (!journal().isCompleted()) {
            outcomes.add(new Entry.Paused(reason));
            try {
                flush();
            } catch (StoreUnavailable e) {
                return receipt("%s; and then %s".formatted(reason, e.getMessage()));
            }
        }
        return receipt(reason);
    }

    private void carryOut(List<Step> batch) throws Pause {
        if (batch.isEmpty()) {
            return;
        }
        attempt(batch);
        // One refused record takes its whole transaction along, so what is left is tried group by group.
        List<List<Step>> parts = Batches.byGroup(batch, this::storeOf);
        for (int loop = 2; loop <= MOST_LOOPS; loop++) {
            for (List<Step> part : parts) {
                attempt(part.stream().filter(this::isPending).toList());
            }
        }
        batch.stream().filter(this::isPending).forEach(this::giveUp);
        trip();
    }

    private void trip() throws Pause {
        Breaker breaker = manner.breaker();
        if (breaker.exceeds(sessionConflicts, breaker.conflicts(), sessionEnds)) {
            throw new Pause("%d of %d steps ended in conflict".formatted(sessionConflicts, sessionEnds));
        }
        if (breaker.exceeds(sessionFailures, breaker.failures(), sessionEnds)) {
            throw new Pause("%d of %d steps failed or are ambiguous".formatted(sessionFailures, sessionEnds));
        }
    }

    private void giveUp(Step step) {
        if (!openIntents(step).isEmpty()) {
            end(Entry.Ended.of(step.number(), State.AMBIGUOUS, "no answer, and the record cannot tell"));
            return;
        }
        String reason = Objects.requireNonNullElse(refusals.get(step.number()), "refused");
        boolean moved = movedSinceFirstSeen.contains(step.number());
        end(
                moved
                        ? Entry.Ended.conflict(
                                step.number(), Conflict.Type.GUARD_LOST, Conflict.Type.GUARD_LOST.meaning())
                        : Entry.Ended.of(step.number(), State.FAILED, reason));
    }

    private List<Entry.Intent> openIntents(Step step) {
        return journal().progress(step.number()).openIntents();
    }

    /** One try for records that are written together: read, decide, publish the intents, write, take note. */
    private void attempt(List<Step> batch) throws Pause {
        if (batch.isEmpty()) {
            return;
        }
        wait(batch);
        Map<Target, List<Key>> keys = new LinkedHashMap<>();
        batch.forEach(step -> keys.computeIfAbsent(target(step.dataset()), any -> new ArrayList<>())
                .add(step.key()));
        Target first = target(batch.get(0).dataset());
        try (Target.Together opened = first.open(keys)) {
            Map<Step, Seen> seen = new HashMap<>();
            batch.forEach(step -> seen.put(step, seen(opened.seen(target(step.dataset())), step)));
            Map<Step, Decision.Write> writes = decide(batch, seen);
            if (writes.isEmpty()) {
                return;
            }
            List<Placed> changes = new ArrayList<>();
            writes.forEach((step, write) -> {
                Seen live = Objects.requireNonNull(seen.get(step));
                outcomes.add(new Entry.Intent(step.number(), live.token(), live.image(), write.desired()));
                changes.add(new Placed(
                        target(step.dataset()), new Change(step.key(), live, write.desired(), write.fields())));
            });
            flush();
            List<Step> written = List.copyOf(writes.keySet());
            note(written, write(opened, written, changes));
        }
    }

    /** Every try has its price, for it reads and may write. */
    private void wait(List<Step> batch) throws Pause {
        Map<String, Integer> sizes = new TreeMap<>();
        batch.forEach(step -> sizes.merge(step.dataset(), 1, Integer::sum));
        for (Map.Entry<String, Integer> size : sizes.entrySet()) {
            Optional<String> pause = manner.watch().pause(size.getKey(), size.getValue());
            if (pause.isPresent()) {
                throw new Pause(pause.get());
            }
        }
    }

    private List<Written> write(Target.Together opened, List<Step> steps, List<Placed> changes) {
        try {
            return opened.write(changes);
        } catch (TargetUnavailable e) {
            // Nothing was written, so the intents are closed before the run pauses.
            steps.forEach(step -> refused(step, String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private void note(List<Step> steps, List<Written> answers) {
        if (answers.size() != steps.size()) {
            throw new IllegalStateException("%d answers for %d steps".formatted(answers.size(), steps.size()));
        }
        boolean refused = false;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (answers.get(i) instanceof Written.Done done) {
                end(Entry.Ended.done(step.number(), done.token()));
            } else if (answers.get(i) instanceof Written.Refused refusal) {
                refused(step, refusal.reason());
                refused = true;
            }
        }
        if (refused) {
            // An intent counts as open until the journal says otherwise.
            flush();
        }
    }

    private void refused(Step step, String reason) {
        outcomes.add(new Entry.Refused(step.number(), reason));
        refusals.put(step.number(), reason);
    }

    private String storeOf(String dataset) {
        return target(dataset).store();
    }

    private Target target(String dataset) {
        return Objects.requireNonNull(site.targets().get(dataset));
    }

    private Policy policy(Step step) {
        Policy policy = Objects.requireNonNull(site.policies().get(step.dataset()));
        return run.isUndo() ? policy.takingBack() : policy;
    }

    private static Seen seen(Map<Key, Seen> seen, Step step) {
        return Objects.requireNonNull(seen.get(step.key()), () -> "not read: " + step);
    }

    /** The steps to be written; all others of the batch have come to their end, or wait for the next try. */
    private Map<Step, Decision.Write> decide(List<Step> batch, Map<Step, Seen> read) throws Pause {
        Instant now = site.clock().instant();
        Map<Step, Decision.Write> writes = new LinkedHashMap<>();
        for (Step step : batch) {
            Seen seen = Objects.requireNonNull(read.get(step));
            String first = firstSeen.putIfAbsent(step.number(), seen.token());
            if (first != null && !first.equals(seen.token())) {
                movedSinceFirstSeen.add(step.number());
            }
            Decision decision = decide(step, seen, now, isProvedAbsent(step, read));
            if (decision instanceof Decision.Write write) {
                writes.put(step, write);
            } else {
                end(((Decision.End) decision).entry());
            }
        }
        if (!run.isUndo()) {
            Objections objections = new Objections(site.judge(), site.relations());
            objections.judge(writes, step -> Objects.requireNonNull(read.get(step)), this::stop);
            objections.relate(writes, step -> Objects.requireNonNull(read.get(step)), this::stop);
        }
        holdGroups(writes, read);
        return writes;
    }

    private Decision decide(Step step, Seen seen, Instant now, boolean isProvedAbsent) throws Pause {
        StepRules rules = new StepRules(step, policy(step));
        List<Entry.Intent> open = openIntents(step);
        if (!open.isEmpty() && !isProvedAbsent) {
            switch (rules.reconcile(open, seen)) {
                case DONE:
                    return new Decision.End(Entry.Ended.recovered(step.number(), seen.token()));
                case UNKNOWN:
                    return ambiguous(step, "no answer, and somebody else may have written since");
                case REVERTED:
                    if (reversions.merge(step.number(), 1, Integer::sum) > MOST_REVERSIONS) {
                        end(Entry.Ended.of(step.number(), State.AMBIGUOUS, "the damaged values come back"));
                        throw new Pause("the bug still writes: step %d holds the damaged values again"
                                .formatted(step.number()));
                    }
                    break;
                case UNMOVED:
                    break;
            }
        }
        Decision decision = rules.decide(seen, touch(step, seen, now));
        return decision instanceof Decision.End && !open.isEmpty()
                ? ambiguous(step, "no answer, and the record is no longer as approved")
                : decision;
    }

    private static Decision ambiguous(Step step, String explanation) {
        return new Decision.End(Entry.Ended.of(step.number(), State.AMBIGUOUS, explanation));
    }

    /** A restore stamps what it writes. An undo takes its own run's stamp away again, and leaves anybody else's. */
    private Touch touch(Step step, Seen seen, Instant now) {
        Policy policy = policy(step);
        Value stamp = Value.of("lastgood " + run.id());
        var path = policy.stamp();
        if (run.isUndo() && path != null) {
            Value live = value(seen.image(), path);
            stamp = Objects.equals(live, value(step.bad(), path)) ? value(step.good(), path) : live;
        }
        return new Touch(policy, now, stamp);
    }

    private static @Nullable Value value(@Nullable Image image, dev.lastgood.path.FieldPath path) {
        return image == null ? null : dev.lastgood.record.Patch.at(image, path).value();
    }

    /** Ends a step that is not to be written. One whose last write may still land cannot end in conflict. */
    private void stop(Step step, Conflict.Type type, String explanation) {
        end(
                openIntents(step).isEmpty()
                        ? Entry.Ended.conflict(step.number(), type, explanation)
                        : Entry.Ended.of(step.number(), State.AMBIGUOUS, explanation));
    }

    /** In mode block, what did not go well with one step keeps back the others of its group. */
    private void holdGroups(Map<Step, Decision.Write> writes, Map<Step, Seen> read) {
        if (run.header().mode() == Mode.SKIP) {
            return;
        }
        for (Step step : List.copyOf(writes.keySet())) {
            Entry.Ended cause = stoppedGroups.get(step.group());
            boolean isOpen = !openIntents(step).isEmpty();
            // Without transactions over the group, what was begun is ended.
            if (cause == null || (isOpen && storeOf(step.dataset()).isEmpty())) {
                continue;
            }
            writes.remove(step);
            Conflict.Type type = Objects.requireNonNullElse(cause.conflict(), Conflict.Type.GUARD_LOST);
            String reason = "held back, because step %d of its group was not written".formatted(cause.step());
            if (isOpen && isUntouched(step, Objects.requireNonNull(read.get(step)))) {
                openIntents(step).forEach(intent -> refused(step, reason));
                end(Entry.Ended.conflict(step.number(), type, reason));
            } else {
                stop(step, type, reason);
            }
        }
    }

    /** Whether no intent of the step was carried out: its transactions have ended, as who holds the lock knows. */
    private boolean isUntouched(Step step, Seen seen) {
        List<Entry.Intent> open = openIntents(step);
        return !open.isEmpty()
                && !seen.absent()
                && !storeOf(step.dataset()).isEmpty()
                && open.stream().allMatch(intent -> intent.token().equals(seen.token()));
    }

    /**
     * Whether an insert was not carried out, which its absence does not tell: another of its transaction was not. Only one
     * whose token or counter moves with every write shows that: any other may have been written and set back as it was.
     */
    private boolean isProvedAbsent(Step step, Map<Step, Seen> read) {
        return step.action() == Action.INSERT
                && Objects.requireNonNull(read.get(step)).absent()
                && !step.group().isEmpty()
                && !storeOf(step.dataset()).isEmpty()
                && read.entrySet().stream()
                        .anyMatch(other -> other.getKey().group().equals(step.group())
                                && storeOf(other.getKey().dataset()).equals(storeOf(step.dataset()))
                                && isUntouched(other.getKey(), other.getValue())
                                && isCounted(other.getKey()));
    }

    private boolean isCounted(Step step) {
        return policy(step).version() != null || target(step.dataset()).countsWrites();
    }

    private void end(Entry.Ended ended) {
        outcomes.add(ended);
        ends.put(ended.step(), ended);
        stopGroup(ended);
        sessionEnds++;
        sessionConflicts += ended.state() == State.CONFLICT ? 1 : 0;
        sessionFailures += ended.state() == State.FAILED || ended.state() == State.AMBIGUOUS ? 1 : 0;
        manner.watch().ended(Objects.requireNonNull(steps.get(ended.step())), ended.state());
    }

    private void stopGroup(Entry.Ended ended) {
        String group = Objects.requireNonNull(steps.get(ended.step())).group();
        boolean well = ended.state() == State.DONE || ended.state() == State.NOOP;
        if (!group.isEmpty() && !well) {
            stoppedGroups.putIfAbsent(group, ended);
        }
    }

    /** Re-reads what was written. */
    private void verify(List<Step> written) throws Pause {
        List<Step> done = written.stream()
                .filter(step -> Optional.ofNullable(ends.get(step.number()))
                        .map(end -> end.state() == State.DONE)
                        .orElse(false))
                .toList();
        // Reading takes a while; until then an undo must know what was written.
        flush();
        checked.values().forEach(Set::clear);
        for (List<Step> batch : Batches.of(done, manner.batch())) {
            Recheck.batch(batch, journal(), site)
                    .forEach((step, check) ->
                            Objects.requireNonNull(checked.get(check)).add(step.number()));
            manner.watch().verified(batch.size());
        }
        if (checkedAs(Recheck.Found.REINFECTED) > 0) {
            throw new Pause("the bug still writes: %d restored records hold the damaged values again"
                    .formatted(checkedAs(Recheck.Found.REINFECTED)));
        }
    }

    private Receipt receipt(@Nullable String stopped) {
        Map<State, Integer> counts = new EnumMap<>(State.class);
        Map<Conflict.Type, Integer> conflicts = new EnumMap<>(Conflict.Type.class);
        List<Receipt.Outcome> listed = new ArrayList<>();
        for (Step step : run.steps()) {
            Entry.Ended end = ends.get(step.number());
            if (end != null) {
                counts.merge(end.state(), 1, Integer::sum);
                if (end.conflict() != null) {
                    conflicts.merge(end.conflict(), 1, Integer::sum);
                }
                listed.add(new Receipt.Outcome(
                        step.number(), end.state(), end.recovered(), end.conflict(), end.explanation()));
            }
        }
        return new Receipt(
                run.plan(),
                run.id(),
                run.undoes(),
                run.steps().size(),
                counts.getOrDefault(State.DONE, 0),
                counts.getOrDefault(State.NOOP, 0),
                counts.getOrDefault(State.CONFLICT, 0),
                counts.getOrDefault(State.FAILED, 0),
                counts.getOrDefault(State.AMBIGUOUS, 0),
                run.steps().size() - listed.size(),
                checkedAs(Recheck.Found.INTENDED),
                checkedAs(Recheck.Found.DRIFTED),
                checkedAs(Recheck.Found.REINFECTED),
                conflicts,
                listed,
                stopped);
    }

    /** Whether a dataset may be written at all. */
    static boolean isWritable(RestorePolicy.Write write) {
        return write != RestorePolicy.Write.EXPORT_ONLY;
    }
}
