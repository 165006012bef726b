package dev.lastgood.record;

import dev.lastgood.path.FieldPath;
import org.jspecify.annotations.Nullable;

/** A place in which two images of a record differ, with the value on either side; null means absent there. */
public record FieldChange(
        FieldPath path, @Nullable Value before, @Nullable Value after) {

    /** The way back. */
    public FieldChange inverse() {
        return new FieldChange(path, after, before);
    }

    /** Names the place only: values do not belong in messages. */
    @Override
    public String toString() {
        return path + (before == null ? " added" : after == null ? " removed" : " changed");
    }
}
