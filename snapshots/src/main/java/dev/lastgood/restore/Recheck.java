package dev.lastgood.restore;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.target.Target.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What live holds of the steps that a run has done, read again; right after them, and whenever somebody wants to know whether
 * it is still so.
 *
 * @param moved fields that the run has not written and that are no more what they were when it wrote, in order: somebody works on
 */
public record Recheck(Step step, Found found, List<String> moved) {
    public Recheck {
        moved = List.copyOf(moved);
    }

    /** What re-reading a done step shows. */
    public enum Found {
        /** What was written. */
        INTENDED("as restored"),
        /** Somebody has written the restored values since. */
        DRIFTED("written since by somebody else"),
        /** The damaged values are there again. */
        REINFECTED("damaged again: the bug still writes");

        private final String meaning;

        Found(String meaning) {
            this.meaning = meaning;
        }

        public String meaning() {
            return meaning;
        }
    }

    /**
     * Reads what a run has done again. Writes nothing.
     *
     * @throws Refusal if it has done nothing, or is being undone
     */
    public static List<Recheck> of(Run run, Applier.Site site) {
        Journal journal = Journal.open(site.store(), run.id());
        if (journal.isEmpty()) {
            throw new Refusal(
                    "plan %s has not been applied; there is nothing to verify".formatted(run.plan()),
                    "'lastgood restore apply %s' applies it.".formatted(run.plan()));
        }
        if (journal.isBeingUndone()
                || !Journal.open(site.store(), Run.undoing(run.id())).isEmpty()) {
            throw new Refusal(
                    "run %s has been undone, or is being undone; there is nothing to verify".formatted(run.id()), null);
        }
        new Preflight(run, site, "nothing was verified").checkTargets();
        List<Step> done = run.steps().stream()
                .filter(step -> journal.progress(step.number())
                        .end()
                        .filter(end -> end.state() == State.DONE)
                        .isPresent())
                .toList();
        List<Recheck> found = new ArrayList<>();
        for (List<Step> batch : Batches.of(done, 500)) {
            Map<Key, Seen> seen = read(batch, site);
            checked(batch, seen, journal, site)
                    .forEach((step, check) ->
                            found.add(new Recheck(step, check, moved(step, seen(seen, step), journal))));
        }
        found.sort(Comparator.comparingInt(one -> one.step().number()));
        return found;
    }

    /** The steps of one dataset, all of which are done, read again. */
    static Map<Step, Found> batch(List<Step> done, Journal journal, Applier.Site site) {
        return checked(done, read(done, site), journal, site);
    }

    private static Map<Key, Seen> read(List<Step> steps, Applier.Site site) {
        return Objects.requireNonNull(site.targets().get(steps.get(0).dataset()))
                .read(steps.stream().map(Step::key).toList());
    }

    private static Map<Step, Found> checked(List<Step> done, Map<Key, Seen> seen, Journal journal, Applier.Site site) {
        Map<Step, Found> found = new LinkedHashMap<>();
        for (Step step : done) {
            Policy policy = Objects.requireNonNull(site.policies().get(step.dataset()));
            found.put(step, new StepRules(step, policy).check(written(step, journal), seen(seen, step)));
        }
        return found;
    }

    private static Entry.Intent written(Step step, Journal journal) {
        return journal.progress(step.number()).lastIntent().orElseThrow();
    }

    private static Seen seen(Map<Key, Seen> seen, Step step) {
        return Objects.requireNonNull(seen.get(step.key()), () -> "not read: " + step);
    }

    private static List<String> moved(Step step, Seen seen, Journal journal) {
        Image post = written(step, journal).post();
        Image live = seen.image();
        if (post == null || live == null) {
            return List.of();
        }
        Set<String> names = new TreeSet<>(Touch.written(post, live));
        step.paths().forEach(path -> names.remove(path.root()));
        return List.copyOf(names);
    }
}
