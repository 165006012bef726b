package dev.lastgood.record;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import java.io.Serializable;
import java.math.BigDecimal;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What makes two values of a field the same: by default the canonical form, else what a dataset declares under
 * {@code compare} and {@code ignore}. Paths are schema paths, with {@code []} for the elements of an array. Immutable.
 */
public final class Comparison implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Nothing declared: values are the same if they are equal in canonical form. */
    public static final Comparison EXACT = new Comparison(Node.PLAIN, new TreeMap<>());

    /** How values of one path are compared. */
    sealed interface How extends Serializable {
        record Exact() implements How {}

        record Ignored() implements How {}

        /** Numbers no further apart than a distance, or than a share of the greater magnitude; null: no such bound. */
        record Near(@Nullable BigDecimal abs, @Nullable BigDecimal rel) implements How {}

        /** Times and dates no further apart than this. */
        record Within(Duration tolerance) implements How {}

        /**
         * Texts that are one in a form without what does not count: upper and lower case, blanks around it and more than
         * one between words, and how accents are composed.
         */
        record Alike(boolean caseless, boolean blanks, boolean unicode) implements How {
            private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}]+");

            /** The same text for all that are the same. */
            String form(String text) {
                String form = unicode ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
                if (caseless) {
                    // Both ways, as some letters are alike in one case only.
                    form = form.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
                    form = unicode ? Normalizer.normalize(form, Normalizer.Form.NFC) : form;
                }
                return blanks ? BLANKS.matcher(form).replaceAll(" ").strip() : form;
            }
        }

        /** An array whose order does not count; how often an element occurs does. */
        record AsSet() implements How {}

        /** An array whose elements are known by key fields; their order does not count. */
        record Keyed(List<String> fields) implements How {
            public Keyed {
                fields = List.copyOf(fields);
                if (fields.isEmpty()) {
                    throw new IllegalArgumentException("an array is keyed by at least one field");
                }
            }
        }
    }

    /** A path's settings, and those of the paths below. */
    record Node(How how, Map<String, Node> fields, @Nullable Node each) implements Serializable {
        static final Node PLAIN = new Node(new How.Exact(), Map.of(), null);

        Node field(String name) {
            return fields.getOrDefault(name, PLAIN);
        }

        Node element() {
            return each == null ? PLAIN : each;
        }

        boolean isPlain() {
            return how instanceof How.Exact && fields.isEmpty() && each == null;
        }

        boolean isIgnored() {
            return how instanceof How.Ignored;
        }

        boolean isTolerant() {
            return how instanceof How.Near || how instanceof How.Within;
        }
    }

    private final Node root;
    private final SortedMap<String, How> settings;

    private Comparison(Node root, SortedMap<String, How> settings) {
        this.root = root;
        this.settings = settings;
    }

    Node root() {
        return root;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Whether the two values of that path are the same; null means absent. */
    public boolean same(FieldPath path, @Nullable Value a, @Nullable Value b) {
        return same(node(path), a, b);
    }

    /** Whether two images are the same; null means that there is no record. */
    public boolean same(@Nullable Image a, @Nullable Image b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return same(root, a.object(), b.object());
    }

    /** Whether nothing at this path or above is compared. */
    public boolean ignores(FieldPath path) {
        Node node = root;
        for (Step step : path.steps()) {
            node = next(node, step);
            if (node.isIgnored()) {
                return true;
            }
        }
        return false;
    }

    /** The same tolerances and arrays, with nothing ignored: a field ignored when comparing can still be accused. */
    public Comparison ignoringNothing() {
        Builder builder = new Builder();
        settings.forEach((path, how) -> {
            if (!(how instanceof How.Ignored)) {
                builder.put(FieldPath.valueOf(path), how);
            }
        });
        return builder.build();
    }

    /**
     * The part of a record that is compared exactly, in a form that is equal if and only if that part is the same:
     * ignored and tolerated fields left out, texts without what does not count of them, arrays whose order does not count in
     * canonical order. Tolerated fields inside the elements of a {@code set} stay, and are compared exactly.
     */
    public Value.Obj exactPart(Value.Obj record) {
        return (Value.Obj) Objects.requireNonNull(normal(root, record, Tolerated.LEFT_OUT));
    }

    /** The declared settings in a stable text form, for digests. */
    @Override
    public String toString() {
        return settings.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Comparison that && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return settings.hashCode();
    }

    private Node node(FieldPath path) {
        Node node = root;
        for (Step step : path.steps()) {
            node = next(node, step);
        }
        return node;
    }

    private static Node next(Node node, Step step) {
        return step instanceof Step.Name name ? node.field(name.name()) : node.element();
    }

    static boolean same(Node node, @Nullable Value a, @Nullable Value b) {
        if (node.isIgnored() || Objects.equals(a, b)) {
            return true;
        }
        if (a == null || b == null || node.isPlain()) {
            return false;
        }
        if (a instanceof Value.Obj x && b instanceof Value.Obj y) {
            return sameFields(node, x, y);
        }
        if (a instanceof Value.Array x && b instanceof Value.Array y) {
            return sameItems(node, x, y);
        }
        return close(node.how(), a, b);
    }

    private static boolean sameFields(Node node, Value.Obj a, Value.Obj b) {
        return names(a, b).stream()
                .allMatch(name ->
                        same(node.field(name), a.fields().get(name), b.fields().get(name)));
    }

    static Set<String> names(Value.Obj a, Value.Obj b) {
        Set<String> names = new TreeSet<>(a.fields().keySet());
        names.addAll(b.fields().keySet());
        return names;
    }

    private static boolean sameItems(Node node, Value.Array a, Value.Array b) {
        if (node.how() instanceof How.AsSet) {
            return Objects.equals(normal(node, a, Tolerated.EXACT), normal(node, b, Tolerated.EXACT));
        }
        if (node.how() instanceof How.Keyed keyed) {
            var mine = Elements.byKey(a, keyed.fields());
            var theirs = Elements.byKey(b, keyed.fields());
            if (mine.isPresent() && theirs.isPresent()) {
                return mine.get().keySet().equals(theirs.get().keySet())
                        && mine.get().entrySet().stream()
                                .allMatch(element -> same(
                                        node.element(),
                                        element.getValue(),
                                        theirs.get().get(element.getKey())));
            }
        }
        if (a.items().size() != b.items().size()) {
            return false;
        }
        for (int i = 0; i < a.items().size(); i++) {
            if (!same(node.element(), a.items().get(i), b.items().get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean close(How how, Value a, Value b) {
        if (how instanceof How.Alike alike) {
            return a instanceof Value.Text x
                    && b instanceof Value.Text y
                    && alike.form(x.value()).equals(alike.form(y.value()));
        }
        if (how instanceof How.Near near) {
            return near(near, decimal(a), decimal(b));
        }
        if (how instanceof How.Within within) {
            Instant x = instant(a);
            Instant y = instant(b);
            return x != null
                    && y != null
                    && a.getClass() == b.getClass()
                    && Duration.between(x, y).abs().compareTo(within.tolerance()) <= 0;
        }
        return false;
    }

    private static boolean near(How.Near near, @Nullable BigDecimal a, @Nullable BigDecimal b) {
        if (a == null || b == null) {
            return false;
        }
        BigDecimal apart = a.subtract(b).abs();
        return (near.abs() != null && apart.compareTo(near.abs()) <= 0)
                || (near.rel() != null && apart.compareTo(a.abs().max(b.abs()).multiply(near.rel())) <= 0);
    }

    private static @Nullable BigDecimal decimal(Value value) {
        if (value instanceof Value.Num number) {
            return number.value();
        }
        return value instanceof Value.Real real && Double.isFinite(real.value()) ? new BigDecimal(real.value()) : null;
    }

    private static @Nullable Instant instant(Value value) {
        if (value instanceof Value.Moment moment) {
            return moment.value();
        }
        if (value instanceof Value.LocalMoment local) {
            return local.value().toInstant(ZoneOffset.UTC);
        }
        return value instanceof Value.Day day ? day.value().atStartOfDay().toInstant(ZoneOffset.UTC) : null;
    }

    private enum Tolerated {
        LEFT_OUT,
        EXACT
    }

    private static @Nullable Value normal(Node node, Value value, Tolerated tolerated) {
        if (node.isIgnored() || (tolerated == Tolerated.LEFT_OUT && node.isTolerant())) {
            return null;
        }
        if (node.isPlain()) {
            return value;
        }
        if (value instanceof Value.Obj object) {
            Map<String, Value> fields = new HashMap<>();
            object.fields().forEach((name, field) -> {
                Value normal = normal(node.field(name), field, tolerated);
                if (normal != null) {
                    fields.put(name, normal);
                }
            });
            return Value.Obj.of(fields);
        }
        if (node.how() instanceof How.Alike alike && value instanceof Value.Text text) {
            return new Value.Text(alike.form(text.value()));
        }
        return value instanceof Value.Array array ? normalArray(node, array, tolerated) : value;
    }

    private static Value normalArray(Node node, Value.Array array, Tolerated tolerated) {
        boolean set = node.how() instanceof How.AsSet;
        List<Value> items = new ArrayList<>(array.items().size());
        for (Value item : inKeyOrder(node, array)) {
            Value normal = normal(node.element(), item, set ? Tolerated.EXACT : tolerated);
            // The number of elements counts even where nothing in them does.
            items.add(normal == null ? Value.NULL : normal);
        }
        if (set) {
            items.sort(Canonical::compare);
        }
        return new Value.Array(items);
    }

    private static List<Value> inKeyOrder(Node node, Value.Array array) {
        if (node.how() instanceof How.Keyed keyed) {
            var byKey = Elements.byKey(array, keyed.fields());
            if (byKey.isPresent()) {
                return byKey.get().entrySet().stream()
                        .sorted(Comparator.comparing(element -> element.getKey().toString()))
                        .map(Map.Entry::getValue)
                        .toList();
            }
        }
        return array.items();
    }

    /** Collects settings; the last one for a path counts. */
    public static final class Builder {
        private final TreeMap<String, How> settings = new TreeMap<>();

        private Builder() {}

        /** Neither the path nor anything below is compared. */
        public Builder ignore(FieldPath path) {
            return put(path, new How.Ignored());
        }

        /** Numbers are the same if they are no further apart than this. */
        public Builder abs(FieldPath path, BigDecimal tolerance) {
            return near(path, tolerance, null);
        }

        /** Numbers are the same if they are no further apart than this share of the greater magnitude. */
        public Builder rel(FieldPath path, BigDecimal share) {
            return near(path, null, share);
        }

        /** Numbers are the same if one of the bounds holds; null: no such bound. */
        public Builder near(FieldPath path, @Nullable BigDecimal abs, @Nullable BigDecimal rel) {
            if ((abs != null && abs.signum() < 0) || (rel != null && rel.signum() < 0)) {
                throw new IllegalArgumentException("a tolerance is not negative: " + path);
            }
            return put(path, new How.Near(abs, rel));
        }

        /** Times and dates are the same if they are no further apart than this. */
        public Builder within(FieldPath path, Duration tolerance) {
            if (tolerance.isNegative()) {
                throw new IllegalArgumentException("a tolerance is not negative: " + path);
            }
            return put(path, new How.Within(tolerance));
        }

        /** Texts are the same that differ in nothing but case, blanks, or the composition of characters. */
        public Builder alike(FieldPath path, boolean caseless, boolean blanks, boolean unicode) {
            return put(path, new How.Alike(caseless, blanks, unicode));
        }

        /** The order of the array's elements does not count. */
        public Builder set(FieldPath path) {
            return put(path, new How.AsSet());
        }

        /** The array's elements are known by these fields of theirs; their order does not count. */
        public Builder keyed(FieldPath path, List<String> fields) {
            return put(path, new How.Keyed(fields));
        }

        public Comparison build() {
            return settings.isEmpty() ? EXACT : new Comparison(tree(), new TreeMap<>(settings));
        }

        private Builder put(FieldPath path, How how) {
            settings.put(Paths.schema(path).toString(), how);
            return this;
        }

        private Node tree() {
            Growing root = new Growing();
            settings.forEach((path, how) -> {
                Growing node = root;
                for (Step step : FieldPath.valueOf(path).steps()) {
                    node = node.next(step);
                }
                node.how = how;
            });
            return root.node();
        }

        private static final class Growing {
            How how = Node.PLAIN.how();
            final Map<String, Growing> fields = new HashMap<>();

            @Nullable
            Growing each;

            Growing next(Step step) {
                if (step instanceof Step.Name name) {
                    return fields.computeIfAbsent(name.name(), any -> new Growing());
                }
                Growing element = each == null ? new Growing() : each;
                each = element;
                return element;
            }

            Node node() {
                Map<String, Node> finished = new HashMap<>();
                fields.forEach((name, field) -> finished.put(name, field.node()));
                return new Node(how, Map.copyOf(finished), each == null ? null : each.node());
            }
        }
    }
}
