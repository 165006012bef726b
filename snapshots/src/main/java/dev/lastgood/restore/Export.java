package dev.lastgood.restore;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.StepRules.Decision;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a plan would write if it were applied now, for somebody else to write. Decides as {@link Applier} does, on the records
 * as they are now: what has moved since the plan was made is left out, and said.
 */
public final class Export {
    private static final int KEYS_A_READ = 500;

    private Export() {}

    /**
     * A record to be written.
     *
     * @param change with the record as just read, and as it is to become
     */
    public record Item(Step step, Change change) {
        public @Nullable Image live() {
            return change.seen().image();
        }

        public @Nullable Image desired() {
            return change.desired();
        }
    }

    /**
     * What came of every step.
     *
     * @param items in the order of writing
     * @param left the steps that are not among them: live holds the good values already, or a conflict
     */
    public record Result(List<Item> items, List<Left> left) {
        public Result {
            items = List.copyOf(items);
            left = List.copyOf(left);
        }

        /** How many steps are in conflict, by type. */
        public SortedMap<Conflict.Type, Long> conflictCounts() {
            SortedMap<Conflict.Type, Long> counts = new TreeMap<>();
            for (Left one : left) {
                if (one.conflict() != null) {
                    counts.merge(one.conflict(), 1L, Long::sum);
                }
            }
            return counts;
        }

        /** How many steps of this end there are. */
        public long count(State state) {
            return left.stream().filter(one -> one.state() == state).count();
        }
    }

    /** A step that is not exported. */
    public record Left(Step step, State state, Conflict.@Nullable Type conflict, String explanation) {}

    /**
     * Decides every step of a plan on live as it is now; writes nothing, neither there nor in the journal.
     *
     * @param nothing what a refusal says to have happened: {@code nothing was exported}
     * @throws dev.lastgood.problem.Refusal if the plan has expired, is being applied, or its datasets are not what it was
     *     made for
     */
    public static Result of(PlanFiles.Stored plan, Applier.Site site, String nothing) {
        Run run = Run.of(plan);
        new Preflight(run, site, nothing).checkExport();
        Work work = new Work(run, site);
        for (List<Step> batch : Batches.of(run.steps(), KEYS_A_READ)) {
            work.decide(batch);
        }
        work.relate();
        return work.result();
    }

    private static final class Work {
        private final Run run;
        private final Applier.Site site;
        private final Objections objections;
        private final Map<Step, Seen> read = new HashMap<>();
        private final Map<Step, Decision.Write> writes = new LinkedHashMap<>();
        private final List<Left> left = new ArrayList<>();
        private final Map<String, Left> stoppedGroups = new HashMap<>();

        Work(Run run, Applier.Site site) {
            this.run = run;
            this.site = site;
            this.objections = new Objections(site.judge(), site.relations());
        }

        void decide(List<Step> batch) {
            String dataset = batch.get(0).dataset();
            Map<Key, Seen> found = Objects.requireNonNull(site.targets().get(dataset))
                    .read(batch.stream().map(Step::key).toList());
            batch.forEach(
                    step -> read.put(step, Objects.requireNonNull(found.get(step.key()), () -> "not read: " + step)));
            Policy policy = Objects.requireNonNull(site.policies().get(dataset));
            Touch touch = new Touch(policy, site.clock().instant(), Value.of("lastgood " + run.id()));
            Map<Step, Decision.Write> decided = new LinkedHashMap<>();
            for (Step step : batch) {
                Decision decision = new StepRules(step, policy).decide(seen(step), touch);
                if (decision instanceof Decision.Write write) {
                    decided.put(step, write);
                } else {
                    Entry.Ended ended = ((Decision.End) decision).entry();
                    leave(new Left(step, ended.state(), ended.conflict(), ended.explanation()));
                }
            }
            objections.judge(decided, this::seen, this::stop);
            writes.putAll(decided);
        }

        /** What refers to a record that is left out, or belongs together with it, is left out too. */
        void relate() {
            int before;
            do {
                before = writes.size();
                holdGroups();
                objections.relate(writes, this::seen, this::stop);
            } while (writes.size() < before);
        }

        Result result() {
            List<Item> items = new ArrayList<>();
            writes.forEach((step, write) ->
                    items.add(new Item(step, new Change(step.key(), seen(step), write.desired(), write.fields()))));
            items.sort(Comparator.comparingInt(item -> item.step().number()));
            left.sort(Comparator.comparingInt(one -> one.step().number()));
            return new Result(items, left);
        }

        private Seen seen(Step step) {
            return Objects.requireNonNull(read.get(step));
        }

        private void stop(Step step, Conflict.Type type, String explanation) {
            leave(new Left(step, State.CONFLICT, type, explanation));
        }

        private void leave(Left one) {
            left.add(one);
            if (!one.step().group().isEmpty() && one.state() != State.NOOP) {
                stoppedGroups.putIfAbsent(one.step().group(), one);
            }
        }

        /** In mode block, what keeps back one step keeps back the others of its group, before and after it. */
        private void holdGroups() {
            if (run.header().mode() == Mode.SKIP) {
                return;
            }
            for (Step step : List.copyOf(writes.keySet())) {
                Left cause = stoppedGroups.get(step.group());
                if (cause != null) {
                    writes.remove(step);
                    stop(
                            step,
                            Objects.requireNonNullElse(cause.conflict(), Conflict.Type.GUARD_LOST),
                            "held back, because step %d of its group is not exported"
                                    .formatted(cause.step().number()));
                }
            }
        }
    }
}
