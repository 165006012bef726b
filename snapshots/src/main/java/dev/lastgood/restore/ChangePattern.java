package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import org.jspecify.annotations.Nullable;

/** The change an incident made, as far as it is known: {@code total} multiplied by 100, {@code zip} emptied. */
public interface ChangePattern {

    /** Whether a change of this field of that record is the incident's; null means absent. */
    boolean matches(String dataset, Key key, FieldPath path, @Nullable Value good, @Nullable Value bad);

    /** Nothing is known. */
    ChangePattern UNKNOWN = (dataset, key, path, good, bad) -> false;
}
