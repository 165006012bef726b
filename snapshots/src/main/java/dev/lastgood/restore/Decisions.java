package dev.lastgood.restore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What people have decided of the conflicts of a plan, and which of that was asked for. */
final class Decisions {
    private final List<Decision> decisions;
    private final Set<Decision> used = new LinkedHashSet<>();
    private final List<Plan.Decided> decided = new ArrayList<>();

    Decisions(List<Decision> decisions) {
        this.decisions = decisions.stream()
                .sorted(Comparator.comparingInt(Decision::weight).reversed())
                .toList();
    }

    /** Whether the conflict is decided that way. */
    boolean isFor(Conflict conflict, Decision.Take take) {
        return of(conflict).filter(one -> one.take() == take).isPresent();
    }

    private Optional<Decision> of(Conflict conflict) {
        return decisions.stream().filter(one -> one.answers(conflict)).findFirst();
    }

    /** Notes down that the conflict is none any more, as it was decided. */
    void settle(Conflict conflict) {
        Decision decision = of(conflict).orElseThrow();
        used.add(decision);
        decided.add(new Plan.Decided(conflict, decision.take(), decision.by(), decision.why()));
    }

    List<Plan.Decided> decided() {
        return decided;
    }

    /** Those that have settled nothing. */
    List<Decision> unused() {
        return decisions.stream().filter(one -> !used.contains(one)).toList();
    }
}
