package dev.lastgood.restore;

import dev.lastgood.record.Image;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what the local rules of a dataset hold of records: those decided by one record, or by its before and after. */
public interface Judge {

    /** For each pair, in order, what each local rule of the dataset says of it, by rule id. */
    List<Map<String, Ruling>> judge(String dataset, List<Pair> pairs);

    /** A record, and what it was before; null means that there is no such record. Not both are null. */
    record Pair(@Nullable Image before, @Nullable Image record) {
        public Pair {
            if (before == null && record == null) {
                throw new IllegalArgumentException("there is nothing to judge");
            }
        }
    }

    /** Knows no rules. */
    Judge NONE = (dataset, pairs) ->
            pairs.stream().map(pair -> Map.<String, Ruling>of()).toList();
}
