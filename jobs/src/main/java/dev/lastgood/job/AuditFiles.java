package dev.lastgood.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.snapshot.UnusableEntry;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What an audit has left in the store, for who works on from it. Nothing that is not there is taken for nothing found. */
final class AuditFiles {
    private static final String AGAIN = "Run 'lastgood audit' again: what it compares with is in the snapshots.";

    private AuditFiles() {}

    /** Its document. Throws {@link UnusableEntry} if it is not the one the catalog knows. */
    static ObjectNode document(Store store, CatalogState.Audit audit) {
        String name = folder(audit.id()) + "/audit.json";
        byte[] bytes = store.read(name).orElseThrow(() -> new UnusableEntry(name, "it is missing", AGAIN));
        Sha256 digest = Sha256.of(bytes);
        if (!digest.equals(audit.document())) {
            throw new UnusableEntry(
                    name, "its digest is %s, and the catalog says %s".formatted(digest, audit.document()), AGAIN);
        }
        try {
            return (ObjectNode) JsonValues.MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("its digest is right, so we wrote it: " + name, e);
        }
    }

    /** The folder of the records it examined of a dataset it was about. Throws {@link UnusableEntry} if it is gone. */
    static String records(Store store, String audit, String dataset) {
        String folder = folder(audit) + "/records/" + StoreName.segment(dataset);
        if (store.list(folder).isEmpty()) {
            throw new UnusableEntry(folder, "it is missing", AGAIN);
        }
        return folder;
    }

    /** The members of a dataset's incidents, or none if the audit found no incident in it. */
    static Optional<String> members(Store store, String audit, String dataset) {
        String folder = incidents(audit, dataset);
        return store.list(folder).isEmpty() ? Optional.empty() : Optional.of(folder);
    }

    /** The folder of the members of a dataset's incidents. */
    static String incidents(String audit, String dataset) {
        return folder(audit) + "/incidents/" + StoreName.segment(dataset);
    }

    static String folder(String audit) {
        return "audits/" + audit;
    }
}
