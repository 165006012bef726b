package dev.lastgood.judge;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * What a rule about several records needs of them, and what it asks of them together.
 *
 * @param shares the first of the rule's own dataset; the others in the order in which its constraint names them
 * @param conditions which records go together, over columns named as the rule's SQL names them: of a denial one, of a join
 *     one for each of the other shares, else none
 * @param question of a denial and a join the {@link Code} of a combination; of a metric the aggregate; else null
 * @param query of a query what to run; else null
 */
public record Relation(
        List<Share> shares,
        List<Column> conditions,
        @Nullable Column question,
        @Nullable KeysQuery query) {
    public Relation {
        shares = List.copyOf(shares);
        conditions = List.copyOf(conditions);
    }

    static Relation of(Share... shares) {
        return new Relation(List.of(shares), List.of(), null, null);
    }

    public Share own() {
        return shares.get(0);
    }

    Optional<Share> other() {
        return shares.size() < 2 ? Optional.empty() : Optional.of(shares.get(1));
    }
}
