package dev.lastgood.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * What may be deleted from a store: never an event of the catalog, never the format. The one exception is an entry of a
 * catalog that was given up, once a copy of it lies elsewhere.
 */
public final class Deletable {
    private Deletable() {}

    /** The name itself. Throws {@link IllegalArgumentException} if nobody may delete it. */
    public static String checked(String name) {
        StoreName.checked(name);
        boolean checkpoint = name.startsWith("catalog/checkpoint-");
        if (name.equals(StoreFormat.NAME) || name.equals("catalog") || (name.startsWith("catalog/") && !checkpoint)) {
            throw new IllegalArgumentException(name + " is never deleted");
        }
        return name;
    }

    /**
     * Whether an entry of a catalog that was given up is there to be removed. Throws {@link IllegalArgumentException} if the
     * names are not those of an entry and of its copy in {@code lost/}, or if the copy is not the same to the last byte.
     */
    public static boolean isRetired(Store store, String entry, String copy) {
        StoreName.checked(copy);
        String plain = entry.substring(entry.lastIndexOf('/') + 1);
        boolean named = entry.matches("catalog/[0-9]{12}\\.json")
                && copy.startsWith(CatalogRebuild.LOST + "/")
                && copy.endsWith("/" + plain);
        if (!named) {
            throw new IllegalArgumentException("%s is never deleted for %s".formatted(entry, copy));
        }
        Optional<Sha256> there = digest(store, entry);
        if (there.isPresent() && !there.equals(digest(store, copy))) {
            throw new IllegalArgumentException("%s is never deleted without a copy of it".formatted(entry));
        }
        return there.isPresent();
    }

    /** The digest of a file however large, or nothing if there is none. */
    static Optional<Sha256> digest(Store store, String name) {
        Optional<InputStream> content = store.open(name);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get()) {
            return Optional.of(Sha256.of(in).digest());
        } catch (IOException e) {
            throw new StoreUnavailable("could not read %s: %s".formatted(name, StoreUnavailable.reason(e)), e);
        }
    }
}
