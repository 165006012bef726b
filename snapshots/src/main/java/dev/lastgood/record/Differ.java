package dev.lastgood.record;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The places in which two images differ. Objects are entered where both sides have one, keyed arrays element by element;
 * a {@code set} is one place. An object or element only one side has is one place as a whole. Nothing that the
 * comparison calls the same is listed, and the changes one way are the inverse of those the other way.
 */
public final class Differ {
    private Differ() {}

    /** For people: arrays that are neither keyed nor sets are entered by index. Null means that there is no record. */
    public static List<FieldChange> changes(@Nullable Image before, @Nullable Image after, Comparison comparison) {
        return new Walk(Arrays.BY_INDEX).images(before, after, comparison);
    }

    /**
     * For merging: as {@link #changes}, but an array that is not keyed is one place, because an index does not say which
     * element was meant once elements come and go.
     */
    public static List<FieldChange> units(@Nullable Image before, @Nullable Image after, Comparison comparison) {
        return new Walk(Arrays.WHOLE).images(before, after, comparison);
    }

    private enum Arrays {
        BY_INDEX,
        WHOLE
    }

    private static final class Walk {
        private final Arrays arrays;
        private final List<FieldChange> changes = new ArrayList<>();

        Walk(Arrays arrays) {
            this.arrays = arrays;
        }

        List<FieldChange> images(@Nullable Image before, @Nullable Image after, Comparison comparison) {
            Value.Obj a = before == null ? NONE : before.object();
            Value.Obj b = after == null ? NONE : after.object();
            for (String name : Comparison.names(a, b)) {
                Value mine = a.fields().get(name);
                Value theirs = b.fields().get(name);
                if (!Objects.equals(mine, theirs)) {
                    visit(FieldPath.of(name), comparison.root().field(name), mine, theirs);
                }
            }
            return List.copyOf(changes);
        }

        private void visit(FieldPath path, Comparison.Node node, @Nullable Value a, @Nullable Value b) {
            if (node.isIgnored() || Objects.equals(a, b)) {
                return;
            }
            if (a instanceof Value.Obj x && b instanceof Value.Obj y) {
                for (String name : Comparison.names(x, y)) {
                    visit(
                            path.child(name),
                            node.field(name),
                            x.fields().get(name),
                            y.fields().get(name));
                }
            } else if (!(a instanceof Value.Array x && b instanceof Value.Array y && entered(path, node, x, y))
                    && !Comparison.same(node, a, b)) {
                changes.add(new FieldChange(path, a, b));
            }
        }

        private boolean entered(FieldPath path, Comparison.Node node, Value.Array a, Value.Array b) {
            if (node.how() instanceof Comparison.How.AsSet) {
                return false;
            }
            if (node.how() instanceof Comparison.How.Keyed keyed) {
                Optional<Map<Step.Keyed, Value>> mine = Elements.byKey(a, keyed.fields());
                Optional<Map<Step.Keyed, Value>> theirs = Elements.byKey(b, keyed.fields());
                if (mine.isPresent() && theirs.isPresent()) {
                    Set<Step.Keyed> keys = new LinkedHashSet<>(mine.get().keySet());
                    keys.addAll(theirs.get().keySet());
                    keys.forEach(key -> visit(
                            path.plus(key),
                            node.element(),
                            mine.get().get(key),
                            theirs.get().get(key)));
                    return true;
                }
            }
            if (arrays == Arrays.WHOLE) {
                return false;
            }
            for (int i = 0; i < Math.max(a.items().size(), b.items().size()); i++) {
                visit(path.plus(new Step.Index(i)), node.element(), item(a, i), item(b, i));
            }
            return true;
        }

        private static @Nullable Value item(Value.Array array, int index) {
            return index < array.items().size() ? array.items().get(index) : null;
        }
    }

    private static final Value.Obj NONE = Value.Obj.of(Map.of());
}
