package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Places;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sentence that must be true, as it stands in a rule file. Its SQL is not parsed, and no field of it is looked up yet.
 *
 * @param where which records it is about; null for all
 * @param fields the declared footprint: what the rule blames and a restore may put back; empty if none is declared
 * @param restore whether a restore may act on its findings
 * @param allowEmpty whether the rule may examine nothing and the whole still be conclusive
 * @param accepted known violations that do not count
 * @param places of the id, as the whole, and of every field path; of another dataset as {@code dataset NAME}, and by
 *     the part that names it: {@code reference.to}, {@code join.ALIAS}, {@code reconcile.right}, {@code explained.by};
 *     of its key fields as {@code reference.key FIELD}, {@code reconcile.right FIELD}
 */
public record Rule(
        String id,
        String dataset,
        Constraint constraint,
        @Nullable Sql where,
        Severity severity,
        Allow allow,
        Tolerance tolerance,
        OnNull onNull,
        @Nullable String because,
        @Nullable String owner,
        List<String> tags,
        List<FieldPath> fields,
        boolean restore,
        boolean allowEmpty,
        List<Accepted> accepted,
        List<RuleTest> tests,
        Places places) {

    public Rule {
        tags = List.copyOf(tags);
        fields = List.copyOf(fields);
        accepted = List.copyOf(accepted);
        tests = List.copyOf(tests);
    }

    /** Of the rule's id. */
    public Place place() {
        return places.whole();
    }

    /** Whether one record, or its before and after, decides it. */
    public boolean isLocal() {
        return constraint.isLocal();
    }

    /** Whether it is about a record before and after. */
    public boolean isCrossTime() {
        return constraint instanceof Constraint.AcrossTime;
    }

    /** The fields it blames as far as they stand in the file: the declared ones, else those the constraint names. */
    public List<FieldPath> namedFields() {
        return fields.isEmpty() ? constraint.fields() : fields;
    }

    /**
     * 16 hex digits that change when the rule's meaning may have changed: its dataset, constraint, where, and every
     * qualifier that counts. Not its id, place, reason, owner, tags and tests, nor what is accepted.
     */
    public String hash() {
        return Meaning.of(this).digest();
    }
}
