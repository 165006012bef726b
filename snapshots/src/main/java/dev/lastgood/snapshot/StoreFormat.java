package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.InvalidInput;
import java.util.UUID;

/**
 * What makes a folder a store, and whose: the first thing published in it, {@code format.json}. Every opening of a store
 * looks at it, so that no workspace writes into the backups of another.
 *
 * @param id random, made with the store
 */
public record StoreFormat(String workspace, String id) {

    static final String NAME = "format.json";

    private static final String FORMAT = "lastgood-store";
    private static final int VERSION = 1;

    /**
     * The format of the store of a workspace. Throws {@link InvalidInput} if there is no store at this address or if it
     * belongs to another workspace, and {@link UnusableEntry} if its format is damaged or unknown.
     */
    public static StoreFormat open(Store store, String workspace) {
        byte[] bytes = store.read(NAME)
                .orElseThrow(() -> InvalidInput.of(
                        "there is no store at %s: it has no %s".formatted(store.root(), NAME),
                        "Check 'store' in lastgood.yaml; the first 'lastgood snapshot take' makes the store."));
        return of(store, bytes, workspace);
    }

    /** The same, but a store that is not there yet is made. Of several that make it at once one wins, and all agree. */
    public static StoreFormat establish(Store store, String workspace) {
        if (store.exists(NAME)) {
            return open(store, workspace);
        }
        StoreFormat made = new StoreFormat(workspace, UUID.randomUUID().toString());
        Published published = store.publish(NAME, made.bytes());
        return published instanceof Published.Lost lost ? of(store, lost.existing(), workspace) : made;
    }

    private static StoreFormat of(Store store, byte[] bytes, String workspace) {
        StoreFormat format = read(bytes);
        if (!format.workspace.equals(workspace)) {
            throw InvalidInput.of(
                    "the store at %s belongs to workspace '%s', not to '%s'"
                            .formatted(store.root(), format.workspace, workspace),
                    "Give each workspace a store of its own, or correct 'workspace' or 'store' in lastgood.yaml.");
        }
        return format;
    }

    static StoreFormat read(byte[] bytes) {
        Members members = Members.of(NAME, CanonicalJson.object(NAME, bytes));
        ManifestJson.checkFormat(NAME, members, FORMAT, VERSION);
        return new StoreFormat(members.text("workspace"), members.text("id"));
    }

    byte[] bytes() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        return CanonicalJson.bytes(document.put("format", FORMAT)
                .put("formatVersion", VERSION)
                .put("workspace", workspace)
                .put("id", id));
    }
}
