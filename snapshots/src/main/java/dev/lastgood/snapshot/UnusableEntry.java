package dev.lastgood.snapshot;

import org.jspecify.annotations.Nullable;

/**
 * Something published in the store is not as it was published, or is none of what this program knows: a format, an event
 * of the catalog, a manifest, a sidecar. Nothing that follows from it can be trusted. Exit code 5.
 */
public final class UnusableEntry extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final String defect;
    private final @Nullable String hint;

    /**
     * @param name of the entry in the store
     * @param defect what is wrong with it, as words that follow the name and a colon
     */
    public UnusableEntry(String name, String defect, @Nullable String hint) {
        super("%s cannot be used: %s".formatted(name, defect));
        this.name = name;
        this.defect = defect;
        this.hint = hint;
    }

    public UnusableEntry(String name, String defect) {
        this(name, defect, null);
    }

    public String name() {
        return name;
    }

    public String defect() {
        return defect;
    }

    public @Nullable String hint() {
        return hint;
    }
}
