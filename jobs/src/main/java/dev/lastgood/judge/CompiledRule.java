package dev.lastgood.judge;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * A rule bound to the shape of its dataset: every name is a field, every type fits. Its columns read the struct columns
 * {@link #BEFORE} and {@link #AFTER}, which hold the typed view of a record on either side, NULL where it is absent.
 *
 * @param kind what decides it
 * @param after the {@link Code} of the record after; of a cross-time rule, of the pair; of a relational one TRUE if it takes
 *     part, whatever the relation then says. OUTSIDE where the rule does not apply
 * @param before of a record rule the code of the record before; of the others OUTSIDE
 * @param elements of a rule over array elements those after that are not TRUE, as structs of the indexes that lead to one
 *     ({@code at}) and its {@code code}; else NULL
 * @param elementsBefore the same of the record before
 * @param relation of a relational rule; else null
 * @param names the fields its constraint is about
 * @param conditions the further fields that decide whether it is about a record at all
 */
public record CompiledRule(
        Rule rule,
        Kind kind,
        Column after,
        Column before,
        Column elements,
        Column elementsBefore,
        @Nullable Relation relation,
        List<FieldPath> names,
        List<FieldPath> conditions) {
    public static final String BEFORE = "before";
    public static final String AFTER = "after";

    /** The type of {@link #elements}. */
    public static final String ELEMENTS = "array<struct<at:array<int>,code:int>>";

    /** What decides a rule. */
    public enum Kind {
        /** One record. */
        RECORD,
        /** A record before and after: judged on pairs whose content differs, for others cannot break it. */
        PAIR,
        /** Several records; decided by bringing the {@link CompiledRule#relation} shares of them together. */
        RELATION
    }

    public CompiledRule {
        names = List.copyOf(names);
        conditions = List.copyOf(conditions);
    }

    /** The column from which the aggregate of a metric takes what it needs of a record: another for each rule. */
    public static String record(Rule rule) {
        return AFTER + ":" + rule.id();
    }

    /** Of a relational rule. */
    public Relation related() {
        if (relation == null) {
            throw new IllegalStateException("rule '%s' relates nothing".formatted(id()));
        }
        return relation;
    }

    /** Whether it is about pairs, and not about each of them. */
    public boolean isConditional() {
        return kind == Kind.PAIR && (rule.where() != null || rule.constraint() instanceof Constraint.FrozenWhen);
    }

    /** Whether only the pair tells if it is about a record: what the record after tells must be put right. */
    public boolean isRecounted() {
        return isConditional() || rule.constraint() instanceof Constraint.Explained;
    }

    /** All fields it depends on. */
    public List<FieldPath> reads() {
        return Stream.concat(names.stream(), conditions.stream()).toList();
    }

    /** The fields it blames: the declared ones, else those its constraint names, which only show a reader where to look. */
    public List<FieldPath> footprint() {
        return rule.fields().isEmpty() ? names : rule.fields();
    }

    public String id() {
        return rule.id();
    }
}
