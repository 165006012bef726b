package dev.lastgood.job;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.restore.Mode;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to restore. Incidents and rules let the rules say which fields; the others name records as a person does, and
 * with them every field that changed, or the fields given.
 *
 * @param audit id or beginning of one; empty for the last
 * @param suspects the incident of which the suspects are named, at most one: what changed in them as in the incident is
 *     to be put back
 * @param where a condition over a record after, or where it is gone before; beside incidents or rules it leaves out what
 *     they accuse and it is not true of, by itself it names records
 * @param deleteAdded whether named records that were not there are to go; else they are left alone
 * @param from the snapshot to put back from where a person names records; empty for the audit's baseline
 */
public record Selection(
        String audit,
        Set<String> incidents,
        Set<String> suspects,
        Set<String> rules,
        Set<String> datasets,
        List<String> keys,
        String where,
        boolean changed,
        boolean deleteAdded,
        Set<FieldPath> fields,
        String from,
        Mode mode,
        Terms terms) {
    public Selection {
        incidents = Set.copyOf(incidents);
        suspects = Set.copyOf(suspects);
        if (suspects.size() > 1) {
            throw new IllegalArgumentException("suspects of several incidents: " + suspects);
        }
        rules = Set.copyOf(rules);
        datasets = Set.copyOf(datasets);
        keys = List.copyOf(keys);
        fields = Set.copyOf(fields);
    }

    /** The same on no terms of its own. */
    public Selection(
            String audit,
            Set<String> incidents,
            Set<String> suspects,
            Set<String> rules,
            Set<String> datasets,
            List<String> keys,
            String where,
            boolean changed,
            boolean deleteAdded,
            Set<FieldPath> fields,
            String from,
            Mode mode) {
        this(
                audit,
                incidents,
                suspects,
                rules,
                datasets,
                keys,
                where,
                changed,
                deleteAdded,
                fields,
                from,
                mode,
                Terms.NONE);
    }

    /**
     * What else is asked of a plan.
     *
     * @param since records last written at or after it; null: at any time
     * @param until records last written before it; null: at any time
     * @param fixed from when on the bug writes no more: a plan is refused if it still does; null: nobody says so
     * @param parents whether records that others refer to and that are gone come back with them
     * @param decisions the file of what people have decided of conflicts; null: none
     */
    public record Terms(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Instant fixed,
            boolean parents,
            @Nullable SourceFile decisions) {
        public static final Terms NONE = new Terms(null, null, null, false, null);
    }

    boolean isNamed() {
        boolean byCondition = !where.isEmpty() && incidents.isEmpty() && rules.isEmpty();
        return changed || !keys.isEmpty() || byCondition || !suspects.isEmpty();
    }

    public static Selection ofIncidents(Set<String> incidents) {
        return new Selection(
                "", incidents, Set.of(), Set.of(), Set.of(), List.of(), "", false, false, Set.of(), "", Mode.BLOCK);
    }

    /** Everything the audit found corrupt. */
    public static Selection all() {
        return ofIncidents(Set.of());
    }

    /** Every difference to the baseline, but for records that were added. */
    public static Selection everyChange() {
        return new Selection(
                "", Set.of(), Set.of(), Set.of(), Set.of(), List.of(), "", true, false, Set.of(), "", Mode.BLOCK);
    }
}
