package dev.lastgood.job;

import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Relations;
import dev.lastgood.restore.Step;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.source.Frame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Relations as a run asks them: a few values of live with every batch, and all of live for the run as a whole. */
final class RunRelations implements Relations {
    private final Workplace workplace;
    private final String plan;
    private final Relations few;
    /** Those that the rules bring together with the plan's, and the plan's own if there are such rules. */
    private final Set<String> datasets = new TreeSet<>();

    private @Nullable Simulation bound;

    RunRelations(Workplace workplace, PlanFiles.Stored plan) {
        this.workplace = workplace;
        this.plan = plan.id();
        this.few = new LiveRelations(workplace);
        Set<String> written = plan.plan().header().datasets().keySet();
        for (Rule rule : workplace.workspace().rules().rules()) {
            Set<String> about = new TreeSet<>(RuleCompiler.reaches(rule));
            about.add(rule.dataset());
            if (!rule.isLocal() && about.stream().anyMatch(written::contains)) {
                datasets.addAll(about);
            }
        }
    }

    @Override
    public List<Breach> breaches(List<Laid> writes) {
        return few.breaches(writes);
    }

    @Override
    public boolean concerns(Step step) {
        if (!datasets.contains(step.dataset())) {
            return false;
        }
        Simulation known = bound;
        if (known == null) {
            known = simulation();
            bound = known;
        }
        return known.concerns(step);
    }

    /** Of live as it is when this is asked. */
    @Override
    public List<Broken> broken(List<Laid> writes) {
        return simulation().broken(writes);
    }

    private Simulation simulation() {
        Map<String, Frame> live = new HashMap<>();
        workplace
                .datasets(datasets)
                .forEach(dataset -> live.put(dataset.name(), workplace.sources().live(dataset)));
        CatalogState state = workplace.catalog().state();
        Simulation.Then then = state.plan(plan)
                .flatMap(known -> Optional.ofNullable(known.audit()))
                .flatMap(state::audit)
                .map(audit -> Simulation.Then.of(workplace, audit, state, live))
                .orElseGet(() -> Simulation.Then.lost(live.keySet()));
        return new Simulation(workplace, live, Relations.NONE, then);
    }
}
