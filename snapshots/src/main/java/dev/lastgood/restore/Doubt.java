package dev.lastgood.restore;

import dev.lastgood.record.Key;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A step of a run whose answer was lost and whose record could not tell, and what its record holds now. A person has to find
 * out what became of it; an undo takes it back in any case, if live is what it would have left.
 *
 * @param holds what to say of it
 */
public record Doubt(Step step, Holds holds) {

    /** What a record holds in the places that the step was to write. */
    public enum Holds {
        /** What was to be written: it was, or somebody else wrote the same. */
        WHAT_WAS_TO_BE_WRITTEN("live holds what was to be written"),
        /** What was there before: it was not written, or the bug wrote again. */
        WHAT_WAS_BEFORE("live holds what was there before"),
        /** Neither: somebody has written since. */
        SOMETHING_ELSE("live holds something else");

        private final String meaning;

        Holds(String meaning) {
            this.meaning = meaning;
        }

        public String meaning() {
            return meaning;
        }
    }

    /** The ambiguous steps of a run, with live as it is now. Writes nothing. */
    public static List<Doubt> of(Run run, Applier.Site site) {
        Journal journal = Journal.open(site.store(), run.id());
        List<Step> open = run.steps().stream()
                .filter(step -> journal.progress(step.number())
                        .end()
                        .filter(end -> end.state() == State.AMBIGUOUS)
                        .isPresent())
                .toList();
        List<Doubt> doubts = new ArrayList<>();
        for (List<Step> batch : Batches.of(open, 100)) {
            String dataset = batch.get(0).dataset();
            Target target = Objects.requireNonNull(site.targets().get(dataset));
            Policy policy = Objects.requireNonNull(site.policies().get(dataset));
            Map<Key, Seen> read = target.read(batch.stream().map(Step::key).toList());
            for (Step step : batch) {
                Optional<Entry.Intent> intent = journal.progress(step.number()).lastIntent();
                Seen seen = Objects.requireNonNull(read.get(step.key()), () -> "not read: " + step);
                doubts.add(new Doubt(
                        step,
                        intent.map(one -> holds(step, new StepRules(step, policy).check(one, seen), seen))
                                .orElse(Holds.SOMETHING_ELSE)));
            }
        }
        doubts.sort(Comparator.comparingInt(doubt -> doubt.step().number()));
        return doubts;
    }

    private static Holds holds(Step step, Recheck.Found check, Seen seen) {
        if (step.action() == Action.INSERT && seen.absent()) {
            return Holds.WHAT_WAS_BEFORE;
        }
        return switch (check) {
            case INTENDED -> Holds.WHAT_WAS_TO_BE_WRITTEN;
            case REINFECTED -> Holds.WHAT_WAS_BEFORE;
            case DRIFTED -> Holds.SOMETHING_ELSE;
        };
    }
}
