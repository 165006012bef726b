package dev.lastgood.snapshot;

/** What may be deleted from a store: never an event of the catalog, never the format. */
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
}
