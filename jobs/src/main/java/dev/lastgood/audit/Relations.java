package dev.lastgood.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.path.Step;
import dev.lastgood.rule.Constraint;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/** The two ends of a reference, as structs of the same field names. */
final class Relations {
    private Relations() {}

    /** The parent's end, with the same names as the child's tuple. */
    static Column parent(Constraint.Reference reference, String side) {
        List<Column> values = new ArrayList<>();
        for (int i = 0; i < reference.key().size(); i++) {
            Column value = col(side);
            for (Step step : reference.key().get(i).steps()) {
                value = value.getField(((Step.Name) step).name());
            }
            values.add(value.alias("_" + i));
        }
        return functions.struct(values.toArray(Column[]::new));
    }

    /** Whether the values at both ends are equal; no NULL is. */
    static Column same(String one, String other, int fields) {
        Column same = lit(true);
        for (int i = 0; i < fields; i++) {
            same = same.and(col(one).getField("_" + i).equalTo(col(other).getField("_" + i)));
        }
        return same;
    }
}
