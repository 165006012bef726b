package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where it is written down that a record was deleted. */
public sealed interface Deletes {

    <R> R accept(Visitor<R> visitor);

    /** Reads it from outside, one method a kind. */
    interface Visitor<R> {
        R table(Table deletes);

        R changeFeed(ChangeFeed deletes);
    }

    /**
     * A table with a row a deleted record, in the dataset's own source.
     *
     * @param key for each key field of the dataset, in its order, the column that holds it
     * @param at column with the time; null: the table does not say when
     */
    record Table(
            String table,
            Map<FieldPath, String> key,
            @Nullable String at) implements Deletes {

        public Table {
            key = Workspace.ordered(key);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.table(this);
        }
    }

    /** Cosmos DB's change feed with all versions and deletes. */
    record ChangeFeed() implements Deletes {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.changeFeed(this);
        }
    }
}
