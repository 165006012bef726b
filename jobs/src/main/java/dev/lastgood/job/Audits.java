package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Records;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What audits have left in the store. */
public final class Audits {
    /** A plan is made in memory: for so many records of a dataset, and for more where the driver has the memory for them. */
    private static final int MOST_RECORDS = 200_000;

    private static final long BYTES_A_RECORD = 8 << 10;

    private final Workplace workplace;

    public Audits(Workplace workplace) {
        this.workplace = workplace;
    }

    /** An audit by id, its beginning, or the last if empty. */
    public CatalogState.Audit audit(String id) {
        return audit(id, workplace.catalog().state());
    }

    /** The same of what is known of the catalog. */
    static CatalogState.Audit audit(String id, CatalogState state) {
        List<CatalogState.Audit> audits = state.audits();
        if (audits.isEmpty()) {
            throw InvalidInput.of("there is no audit yet", "Run 'lastgood audit' first.");
        }
        if (id.isEmpty()) {
            return audits.get(audits.size() - 1);
        }
        List<CatalogState.Audit> matching =
                audits.stream().filter(audit -> audit.id().startsWith(id)).toList();
        if (matching.size() != 1) {
            throw InvalidInput.of(
                    matching.isEmpty()
                            ? "there is no audit '%s'".formatted(id)
                            : "'%s' is the beginning of %d audits".formatted(id, matching.size()),
                    "The last one is %s."
                            .formatted(audits.get(audits.size() - 1).id()));
        }
        return matching.get(0);
    }

    /** The table of examined records of one dataset of an audit. */
    public Dataset<Row> records(String audit, String dataset) {
        String location = workplace.store().location(AuditFiles.records(workplace.store(), audit, dataset));
        return Records.read(workplace.session(), location);
    }

    /** Whether the audit was about this dataset. */
    boolean isPart(DatasetSpec dataset, CatalogState.Audit audit) {
        for (JsonNode one : AuditFiles.document(workplace.store(), audit).get("datasets")) {
            if (one.get("name").asText().equals(dataset.name())) {
                return true;
            }
        }
        return false;
    }

    /** What an audit knows of the records of a dataset that are of one of the incidents in that role. */
    Dataset<Row> members(Set<String> incidents, String audit, String dataset, String role) {
        return workplace
                .members(audit, dataset)
                .where(col("incident").isin(incidents.toArray()).and(col("role").equalTo(role)));
    }

    /** The incidents of an audit, as its document has them. */
    public List<JsonNode> incidents(String audit) {
        List<JsonNode> incidents = new ArrayList<>();
        document(audit).get("incidents").forEach(incidents::add);
        return incidents;
    }

    private ObjectNode document(String audit) {
        CatalogState.Audit found = workplace
                .catalog()
                .state()
                .audit(audit)
                .orElseThrow(() -> new IllegalStateException("the catalog has told of audit " + audit));
        return AuditFiles.document(workplace.store(), found);
    }

    /** How many records each dataset of the audit had. */
    Map<String, Long> sizes(CatalogState.Audit audit) {
        Map<String, Long> sizes = new HashMap<>();
        AuditFiles.document(workplace.store(), audit)
                .get("datasets")
                .forEach(one ->
                        sizes.put(one.get("name").asText(), one.get("after").asLong()));
        return sizes;
    }

    /** All of them, in the order of their keys; refused if they are more than one plan is for. */
    static List<Row> bounded(DatasetSpec dataset, Dataset<Row> wanted) {
        return bounded(dataset, wanted, most(Runtime.getRuntime().maxMemory()));
    }

    /** How many records of a dataset a plan is for, by the memory of the driver. */
    static int most(long memory) {
        return (int) Math.min(Integer.MAX_VALUE - 1, Math.max(MOST_RECORDS, memory / BYTES_A_RECORD));
    }

    static List<Row> bounded(DatasetSpec dataset, Dataset<Row> wanted, int most) {
        List<Row> rows = wanted.orderBy("keyTagged").limit(most + 1).collectAsList();
        if (rows.size() > most) {
            throw new Refusal(
                    "more than %,d records of dataset '%s' are selected, and a plan is for no more; nothing was planned"
                            .formatted(most, dataset.name()),
                    "Select fewer with --incident, --rule, --key or --where, give the driver more memory (%d kB a record), or restore the dataset as a whole."
                            .formatted(BYTES_A_RECORD >> 10));
        }
        return rows;
    }
}
