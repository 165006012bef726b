package dev.lastgood.job;

import dev.lastgood.incident.Chronicle;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Differ;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.Comparisons;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every captured state of a record and its live state, with what changed from one to the next. */
public final class HistoryJob {
    private final Workplace workplace;

    public HistoryJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * A state of the record.
     *
     * @param where a snapshot id, or {@code live}
     * @param image null if it was not there
     * @param changes from the state before
     */
    public record Step(String where, String at, @Nullable Image image, List<FieldChange> changes) {
        public Step {
            changes = List.copyOf(changes);
        }
    }

    /**
     * The states, oldest first.
     *
     * @param key the values of the key fields in order, joined by commas
     */
    public List<Step> history(DatasetSpec dataset, String key) {
        Frame live = workplace.sources().live(dataset);
        Key wanted = Keys.read(dataset, live.shape(), key)
                .orElseThrow(() -> InvalidInput.of(
                        "'%s' is no key of dataset '%s'".formatted(key, dataset.name()),
                        Keys.hint(dataset, live.shape())));
        List<Snapshot> snapshots = workplace.catalog().state().snapshots(dataset.name());
        Map<Key, List<Chronicle.State>> states = new Chronicle(
                        workplace.session(), workplace.store(), workplace.sources())
                .ofSoundCaptures()
                .states(dataset, live, snapshots, List.of(wanted));
        Comparison comparison = Comparisons.of(dataset);
        List<Step> steps = new ArrayList<>();
        Image before = null;
        for (Chronicle.State state : states.getOrDefault(wanted, List.of())) {
            steps.add(step(state.snapshot(), state.at().toString(), before, state.image(), comparison));
            before = state.image();
        }
        Image now;
        try (Target target = new Targets(workplace).readable(dataset)) {
            Target.Seen seen = target.read(List.of(wanted)).get(wanted);
            now = seen == null ? null : seen.image();
        }
        steps.add(step("live", workplace.clock().instant().toString(), before, now, comparison));
        if (steps.stream().allMatch(one -> one.image() == null)) {
            throw InvalidInput.of(
                    "neither live nor a snapshot of dataset '%s' has a record with key '%s'"
                            .formatted(dataset.name(), key),
                    "Write the values of %s, joined by commas.".formatted(dataset.key()));
        }
        return steps;
    }

    private static Step step(
            String where, String at, @Nullable Image before, @Nullable Image after, Comparison comparison) {
        List<FieldChange> changes =
                before == null || after == null ? List.of() : Differ.changes(before, after, comparison);
        return new Step(where, at, after, changes);
    }
}
