package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Places;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table, container or folder of records, as the workspace declares it. No field of it is looked up yet. Maps keep the
 * order written.
 *
 * @param source name of its source
 * @param schema declared types of fields; a field not named has the type its source says
 * @param view declared types for rules of fields in documents; those not named are learned
 * @param split null: read in one go
 * @param key empty: compared as a multiset, and only exported
 * @param version orders a record's states; null: only captures order them, or the source's own counter
 * @param changedAt when a record was last written
 * @param token what makes a write conditional; null: the source's own, if it has one
 * @param json texts that hold JSON, compared and restored as nested data
 * @param ignore never compared, still captured
 * @param compare what counts as the same there, if not exact equality in order
 * @param mask what people do not get to see
 * @param explain dimensions for incidents
 * @param group by group's name the field whose equal values are applied together
 * @param deletes null: no delete evidence
 * @param erasures records never brought back; null: none are listed
 * @param incremental how what has changed is captured, where that is asked for
 * @param upgrades how an older image is read today, the oldest first
 * @param places of the name, as the whole, and of every field path
 */
public record DatasetSpec(
        String name,
        String source,
        Location location,
        Map<FieldPath, TypeText> schema,
        Map<FieldPath, TypeText> view,
        @Nullable Split split,
        List<FieldPath> key,
        @Nullable FieldPath version,
        @Nullable FieldPath changedAt,
        @Nullable FieldPath token,
        List<FieldPath> json,
        List<FieldPath> ignore,
        Map<FieldPath, Sameness> compare,
        Map<FieldPath, Mask> mask,
        List<FieldPath> explain,
        Map<String, FieldPath> group,
        @Nullable Deletes deletes,
        Deletes.@Nullable Table erasures,
        Incremental incremental,
        List<Upgrade> upgrades,
        RestorePolicy restore,
        Places places) {

    public DatasetSpec {
        schema = Workspace.ordered(schema);
        view = Workspace.ordered(view);
        key = List.copyOf(key);
        json = List.copyOf(json);
        ignore = List.copyOf(ignore);
        compare = Workspace.ordered(compare);
        mask = Workspace.ordered(mask);
        explain = List.copyOf(explain);
        group = Workspace.ordered(group);
        upgrades = List.copyOf(upgrades);
    }

    /** The same records without a key, of which everything is compared. */
    public DatasetSpec plain() {
        return plain(List.of());
    }

    /** The same records with another key, of which everything is compared. */
    public DatasetSpec plain(List<FieldPath> key) {
        return new DatasetSpec(
                name,
                source,
                location,
                schema,
                view,
                split,
                key,
                version,
                changedAt,
                token,
                json,
                List.of(),
                Map.of(),
                mask,
                explain,
                group,
                deletes,
                erasures,
                incremental,
                upgrades,
                restore,
                places);
    }

    /** The plain columns of another table in the same source. */
    public DatasetSpec columnsOf(String table) {
        return new DatasetSpec(
                name,
                source,
                new Location.Table(table),
                Map.of(),
                Map.of(),
                null,
                List.of(),
                null,
                null,
                null,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                null,
                null,
                incremental,
                List.of(),
                restore,
                places);
    }

    /** Of the dataset's name. */
    public Place place() {
        return places.whole();
    }

    public boolean hasKey() {
        return !key.isEmpty();
    }

    /** A type as written, not yet parsed: a Spark SQL type, {@code decimal(12,2)}. */
    public record TypeText(String text, Place place) {

        @Override
        public String toString() {
            return text;
        }
    }

    /** Parallel ranges over a field that never changes. */
    public record Split(FieldPath by, int into) {}
}
