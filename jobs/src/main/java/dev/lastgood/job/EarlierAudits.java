package dev.lastgood.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.audit.Auditor;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.UnusableEntry;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * The numbers of metrics in the audits that the catalog knows. A rule that says something else now starts anew, and an audit
 * that cannot be read any more tells nothing.
 */
final class EarlierAudits implements Auditor.History {
    private final Store store;
    private final Iterator<CatalogState.Audit> older;
    private final List<JsonNode> read = new ArrayList<>();

    EarlierAudits(Store store, CatalogState state) {
        this(store, state.audits());
    }

    /** Of these audits alone, the oldest first. */
    EarlierAudits(Store store, List<CatalogState.Audit> all) {
        this.store = store;
        List<CatalogState.Audit> audits = new ArrayList<>(all);
        Collections.reverse(audits);
        this.older = audits.iterator();
    }

    @Override
    public List<BigDecimal> values(Rule rule, int last) {
        List<BigDecimal> values = new ArrayList<>();
        for (int i = 0; values.size() < last && hasAudit(i); i++) {
            for (JsonNode one : read.get(i).path("rules")) {
                boolean same = one.path("id").asText().equals(rule.id())
                        && one.path("hash").asText().equals(rule.hash());
                if (same && one.path("value").isNumber()) {
                    values.add(one.path("value").decimalValue());
                }
            }
        }
        return values;
    }

    /** Whether there are so many, the newest first; each is read once. */
    private boolean hasAudit(int number) {
        while (read.size() <= number && older.hasNext()) {
            try {
                read.add(AuditFiles.document(store, older.next()));
            } catch (UnusableEntry e) {
                // Of the others there may be enough.
            }
        }
        return read.size() > number;
    }
}
