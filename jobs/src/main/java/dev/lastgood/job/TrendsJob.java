package dev.lastgood.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.trend.Trends;
import java.util.ArrayList;
import java.util.List;

/** The history of outcomes, from the documents that audits have left in the store. Reads nothing live, and starts no Spark. */
public final class TrendsJob {
    private final Workplace workplace;

    public TrendsJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /** The document of {@link Trends} of the last so many audits. */
    public ObjectNode trends(int most) {
        List<CatalogState.Audit> all = workplace.catalog().state().audits();
        if (all.isEmpty()) {
            throw InvalidInput.of("there is no audit yet", "Run 'lastgood audit' first.");
        }
        List<Trends.Audit> audits = new ArrayList<>();
        for (CatalogState.Audit one : all.subList(Math.max(0, all.size() - most), all.size())) {
            audits.add(new Trends.Audit(one.id(), one.at(), AuditFiles.document(workplace.store(), one)));
        }
        return Trends.of(audits);
    }
}
