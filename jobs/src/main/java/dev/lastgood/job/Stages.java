package dev.lastgood.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Stage;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnusableEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What audits leave in the store for a later one to go on from, each file with its digest; of one that was stopped the
 * passes over datasets that were done. Only the two newest audits that
 * left it keep it: who has just begun to read the last one finds it to the end.
 */
final class Stages {
    private static final int KEPT = 2;
    private static final String AGAIN = "Leave out --since, and everything is judged.";

    private final Store store;

    Stages(Store store) {
        this.store = store;
    }

    /** What an audit left, by dataset. */
    record Left(String audit, Map<String, Stage> stages) {}

    /** The last audit of which it is there; empty if there is none. */
    Optional<Left> last(CatalogState state) {
        List<CatalogState.Audit> audits = state.audits();
        for (int i = audits.size() - 1; i >= 0; i--) {
            if (store.exists(index(audits.get(i).id()))) {
                return Optional.of(left(audits.get(i)));
            }
        }
        return Optional.empty();
    }

    /** That of the last audit that was stopped. Throws {@link InvalidInput} if there is none. */
    Left lastStopped(CatalogState state) {
        List<String> stopped = stopped(state);
        if (stopped.isEmpty()) {
            throw InvalidInput.of(
                    "no audit was stopped that one could go on from",
                    "An audit with --since can be, once a dataset is done.");
        }
        return checkpoints(stopped.get(stopped.size() - 1));
    }

    /** That of an audit by its id or the beginning of it. Throws {@link InvalidInput} if it has left nothing. */
    Left of(String id, CatalogState state) {
        CatalogState.Audit audit = Audits.audit(id, state);
        if (!store.exists(index(audit.id()))) {
            throw InvalidInput.of(
                    "audit %s has left nothing that one can go on from".formatted(audit.id()),
                    "Audits with --since do, and the last %d of them are kept.".formatted(KEPT));
        }
        return left(audit);
    }

    /** The audits that came to no end, and have checkpoints; the oldest first. */
    List<String> stopped(CatalogState state) {
        return store.list("audits").stream()
                .map(name -> name.replaceAll("/$", ""))
                .filter(SnapshotId::isId)
                .filter(id -> state.audit(id).isEmpty()
                        && !store.list(checkpoints(id, "")).isEmpty())
                .sorted()
                .toList();
    }

    private static String checkpoints(String audit, String dataset) {
        return AuditFiles.folder(audit) + "/checkpoints"
                + (dataset.isEmpty() ? "" : "/" + StoreName.segment(dataset) + ".json");
    }

    /** Takes down that the pass over a dataset is done. */
    void checkpoint(String audit, String dataset, Stage stage) {
        store.settle(AuditFiles.folder(audit) + "/" + Stage.ROWS + "/" + StoreName.segment(dataset));
        store.publish(
                checkpoints(audit, dataset),
                JsonValues.write(described(audit, dataset, stage)).getBytes(StandardCharsets.UTF_8));
    }

    private Left checkpoints(String audit) {
        Map<String, Stage> stages = new LinkedHashMap<>();
        for (String file : store.list(checkpoints(audit, ""))) {
            String name = checkpoints(audit, "") + "/" + file;
            JsonNode one =
                    read(name, store.read(name).orElseThrow(() -> new UnusableEntry(name, "it is missing", AGAIN)));
            stages.put(one.get("dataset").asText(), left(audit, one));
        }
        return new Left(audit, stages);
    }

    /** Of an audit that comes to no end what one can go on from, and nothing else. */
    void keepCheckpoints(String folder) {
        if (store.list(folder + "/checkpoints").isEmpty()) {
            store.delete(folder);
            return;
        }
        for (String name : store.list(folder)) {
            String part = name.replaceAll("/$", "");
            if (!part.equals(Stage.ROWS) && !part.equals("checkpoints")) {
                store.delete(folder + "/" + part);
            }
        }
    }

    private static String index(String audit) {
        return AuditFiles.folder(audit) + "/stage.json";
    }

    /** Throws {@link UnusableEntry} if it is not as it was left, to the byte. */
    private Left left(CatalogState.Audit audit) {
        String name = index(audit.id());
        byte[] bytes = store.read(name).orElseThrow(() -> new UnusableEntry(name, "it is missing", AGAIN));
        String digest =
                AuditFiles.document(store, audit).path("since").path("stage").asText();
        if (!Sha256.of(bytes).toString().equals(digest)) {
            throw new UnusableEntry(name, "its digest is not the one that audit.json has", AGAIN);
        }
        JsonNode datasets = read(name, bytes).get("datasets");
        Map<String, Stage> stages = new LinkedHashMap<>();
        datasets.forEach(one -> stages.put(one.get("dataset").asText(), left(audit.id(), one)));
        return new Left(audit.id(), stages);
    }

    private Stage left(String audit, JsonNode described) {
        String dataset = described.get("dataset").asText();
        Stage stage = Stage.of(described);
        if (!described(audit, dataset, stage).equals(described)) {
            throw new UnusableEntry(
                    AuditFiles.folder(audit) + "/" + Stage.ROWS,
                    "what it holds of dataset '%s' is not what the audit left".formatted(dataset),
                    AGAIN);
        }
        return stage;
    }

    private ObjectNode described(String audit, String dataset, Stage stage) {
        ObjectNode described = stage.json().put("dataset", dataset);
        described.set("files", files(audit, dataset, stage));
        return described;
    }

    private static JsonNode read(String name, byte[] bytes) {
        try {
            return JsonValues.MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("its digest is right, so we wrote it: " + name, e);
        }
    }

    /** Takes down what an audit leaves. The digest of that belongs into its document. */
    Sha256 publish(String audit, Map<String, Stage> stages) {
        ObjectNode index = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ArrayNode datasets = index.putArray("datasets");
        new TreeMap<>(stages).forEach((name, stage) -> datasets.add(described(audit, name, stage)));
        byte[] bytes = JsonValues.write(index).getBytes(StandardCharsets.UTF_8);
        store.publish(index(audit), bytes);
        store.delete(checkpoints(audit, ""));
        return Sha256.of(bytes);
    }

    private ArrayNode files(String audit, String dataset, Stage stage) {
        ArrayNode files = JsonNodeFactory.instance.arrayNode();
        boolean compared = stage.baseline() != null;
        for (String part : compared ? List.of(Stage.ROWS, Stage.HASHES) : List.of(Stage.ROWS)) {
            String folder = AuditFiles.folder(audit) + "/" + part + "/" + StoreName.segment(dataset);
            store.files(folder).stream()
                    .map(Store.Stored::name)
                    .filter(name -> name.endsWith(".parquet"))
                    .sorted()
                    .forEach(name -> files.addObject()
                            .put("name", name.substring(AuditFiles.folder(audit).length() + 1))
                            .put("sha256", digest(name).toString()));
        }
        return files;
    }

    private Sha256 digest(String name) {
        try (InputStream content =
                store.open(name).orElseThrow(() -> new UnusableEntry(name, "it is missing", AGAIN))) {
            return Sha256.of(content).digest();
        } catch (IOException e) {
            throw new StoreUnavailable("could not read " + name, e);
        }
    }

    /** Deletes what older audits have left, and what was stopped a week ago. */
    void prune(CatalogState state, Instant now) {
        Instant weekAgo = now.minus(Duration.ofDays(7));
        stopped(state).stream()
                .filter(id -> new SnapshotId(id).at().isBefore(weekAgo))
                .forEach(id -> store.delete(AuditFiles.folder(id)));
        List<String> left = new ArrayList<>();
        state.audits().stream()
                .map(CatalogState.Audit::id)
                .filter(id -> store.exists(index(id)))
                .forEach(left::add);
        for (String id : left.subList(0, Math.max(0, left.size() - KEPT))) {
            store.delete(index(id));
            store.delete(AuditFiles.folder(id) + "/" + Stage.ROWS);
            store.delete(AuditFiles.folder(id) + "/" + Stage.HASHES);
        }
    }
}
