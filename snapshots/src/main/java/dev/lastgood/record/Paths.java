package dev.lastgood.record;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import java.util.List;

/** How paths into one record relate to paths into the schema, in which every element of an array is {@code []}. */
public final class Paths {
    private Paths() {}

    private static final Step EACH = new Step.Each();

    /** The path with every element of an array written {@code []}. */
    public static FieldPath schema(FieldPath path) {
        return path.isPlain()
                ? path
                : new FieldPath(path.steps().stream().map(Paths::schema).toList());
    }

    private static Step schema(Step step) {
        return step instanceof Step.Name ? step : EACH;
    }

    /** Whether the second path is what the first one names, or lies within it; {@code []} names every element. */
    public static boolean covers(FieldPath wide, FieldPath narrow) {
        return wide.steps().size() <= narrow.steps().size() && agree(wide, narrow);
    }

    /** Whether one of the two paths covers the other. */
    public static boolean touch(FieldPath one, FieldPath other) {
        return agree(one, other);
    }

    private static boolean agree(FieldPath one, FieldPath other) {
        List<Step> a = one.steps();
        List<Step> b = other.steps();
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            boolean elements = !(a.get(i) instanceof Step.Name) && !(b.get(i) instanceof Step.Name);
            boolean any = elements && (a.get(i).equals(EACH) || b.get(i).equals(EACH));
            if (!any && !a.get(i).equals(b.get(i))) {
                return false;
            }
        }
        return true;
    }
}
