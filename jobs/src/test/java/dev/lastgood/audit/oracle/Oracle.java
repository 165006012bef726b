package dev.lastgood.audit.oracle;

import dev.lastgood.audit.oracle.Sentence.Failed;
import dev.lastgood.audit.oracle.Sentence.Scope;
import dev.lastgood.audit.oracle.Sentence.Tolerance;
import dev.lastgood.audit.oracle.Sentence.Value;
import dev.lastgood.audit.oracle.Shop.Item;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges by looping over records, as the reference of the rule language reads. It shares nothing with what it judges: not a
 * line, and not an idea of how to be fast.
 */
final class Oracle {
    private final @Nullable Shop before;
    private final Shop after;

    /** @param before null if there is no baseline */
    Oracle(@Nullable Shop before, Shop after) {
        this.before = before;
        this.after = after;
    }

    /** What a rule says of a record. */
    enum Code {
        TRUE,
        FALSE,
        UNKNOWN,
        ERROR,
        OUTSIDE;

        boolean accuses() {
            return this == FALSE || this == UNKNOWN;
        }

        static Code worst(Set<Code> codes) {
            return List.of(ERROR, FALSE, UNKNOWN).stream()
                    .filter(codes::contains)
                    .findFirst()
                    .orElse(TRUE);
        }
    }

    /**
     * What all rules have in common.
     *
     * @param where null for all records
     * @param names the fields that the constraint names, or that the rule says it blames
     */
    record Rule(String dataset, @Nullable Sentence where, boolean nullPasses, Set<String> names) {
        String place() {
            return names.size() == 1 ? names.iterator().next() : "-";
        }

        Code unknown() {
            return nullPasses ? Code.TRUE : Code.UNKNOWN;
        }
    }

    /** A finding. */
    record Found(String dataset, String key, String path, Code code, boolean before) {
        @Override
        public String toString() {
            return dataset + " " + key + " " + path + " " + code.name().toLowerCase(java.util.Locale.ROOT)
                    + (before ? " pre-existing" : "");
        }
    }

    /**
     * What becomes of a rule.
     *
     * @param broken of a metric whether its number breaks a bound; null for other rules
     * @param open whether something could not be compared
     * @param failed whether it could not be evaluated at all
     */
    record Judgement(
            long examined, List<Found> findings, @Nullable Boolean broken, boolean open, boolean failed) {

        static Judgement of(long examined, List<Found> findings) {
            return new Judgement(examined, findings, null, false, false);
        }

        /** {@code FAIL 3/5 pre-existing 1}: violations of examined. */
        String outcome(Allow allow, boolean brokenBefore) {
            long violations = broken == null
                    ? findings.stream().filter(one -> one.code() != Code.ERROR).count()
                    : broken ? 1 : 0;
            long known = broken == null
                    ? findings.stream()
                            .filter(one -> one.code() != Code.ERROR && one.before())
                            .count()
                    : broken && brokenBefore ? 1 : 0;
            boolean errors = failed || findings.stream().anyMatch(one -> one.code() == Code.ERROR);
            String outcome = errors
                    ? "ERROR"
                    : !allow.covers(violations, examined) ? "FAIL" : examined == 0 || open ? "SKIP" : "PASS";
            return outcome + " " + violations + "/" + examined + (known == 0 ? "" : " pre-existing " + known);
        }
    }

    /** How many findings are fine; null for no such bound. */
    record Allow(@Nullable Long count, @Nullable BigDecimal ratio) {
        static final Allow NONE = new Allow(0L, null);

        boolean covers(long violations, long examined) {
            return (count == null || violations <= count)
                    && (ratio == null
                            || BigDecimal.valueOf(violations).compareTo(ratio.multiply(BigDecimal.valueOf(examined)))
                                    <= 0);
        }
    }

    // ---- sentences

    static Code code(Value sentence, Scope scope, Code unknown) {
        try {
            Object value = sentence.of(scope);
            return value == null ? unknown : Boolean.TRUE.equals(value) ? Code.TRUE : Code.FALSE;
        } catch (Failed e) {
            return Code.ERROR;
        }
    }

    /** TRUE, OUTSIDE or ERROR. */
    private static Code inside(Rule rule, Scope scope) {
        if (rule.where() == null) {
            return Code.TRUE;
        }
        Code code = code(rule.where().value(), scope, Code.OUTSIDE);
        return code == Code.FALSE ? Code.OUTSIDE : code;
    }

    private static boolean isTrue(Value sentence, Scope scope) {
        return Boolean.TRUE.equals(sentence.of(scope));
    }

    // ---- one record

    Judgement assertion(Rule rule, Value sentence) {
        return records(rule, scope -> code(sentence, scope, rule.unknown()));
    }

    private Judgement records(Rule rule, Function<Scope, Code> judge) {
        long examined = 0;
        List<Found> found = new ArrayList<>();
        for (Item item : after.of(rule.dataset())) {
            Code code = of(rule, Scope.of("", item), judge);
            examined += code == Code.TRUE || code.accuses() ? 1 : 0;
            if (code.accuses() || code == Code.ERROR) {
                Item then = then(rule.dataset(), item.key());
                boolean was = code.accuses()
                        && then != null
                        && of(rule, Scope.of("", then), judge).accuses();
                found.add(new Found(rule.dataset(), item.key(), rule.place(), code, was));
            }
        }
        return Judgement.of(examined, found);
    }

    private static Code of(Rule rule, Scope scope, Function<Scope, Code> judge) {
        Code inside = inside(rule, scope);
        return inside == Code.TRUE ? judge.apply(scope) : inside;
    }

    private @Nullable Item then(String dataset, String key) {
        return before == null ? null : before.item(dataset, key);
    }

    /** An element of an array: where it is, what it is; of an inner array that is absent where that would be. */
    private record Element(String at, @Nullable Object value, boolean absent) {}

    /** The elements at a path like {@code lines[].taxes[]}; null if there is no array. */
    private static @Nullable List<Element> elements(@Nullable Object from, String path, String prefix) {
        int end = path.indexOf("[]");
        String name = path.substring(0, end);
        String rest = path.substring(end + 2);
        Object array = Shop.at(from, name);
        if (array == null) {
            return null;
        }
        List<Element> elements = new ArrayList<>();
        int index = 0;
        for (Object value : Shop.list(array)) {
            String at = prefix + name + "[" + index++ + "]";
            if (rest.isEmpty()) {
                elements.add(new Element(at, value, false));
                continue;
            }
            List<Element> inner = elements(value, rest.substring(1), at + ".");
            if (inner == null) {
                String missing = rest.substring(1, rest.indexOf("[]"));
                elements.add(new Element(at + "." + missing, null, true));
            } else {
                elements.addAll(inner);
            }
        }
        return elements;
    }

    /** @param sentence knows the record by the name "" and the element by "element" */
    Judgement each(Rule rule, String array, Value sentence) {
        long examined = 0;
        List<Found> found = new ArrayList<>();
        for (Item item : after.of(rule.dataset())) {
            Scope scope = Scope.of("", item);
            Item then = then(rule.dataset(), item.key());
            Scope thenScope = Scope.of("", then);
            Code whole = of(rule, scope, any -> worst(rule, scope, elements(item.fields(), array, ""), sentence));
            examined += whole == Code.TRUE || whole.accuses() ? 1 : 0;
            if (whole == Code.TRUE || whole == Code.OUTSIDE) {
                continue;
            }
            List<Element> elements = elements(item.fields(), array, "");
            if (inside(rule, scope) != Code.TRUE || elements == null) {
                List<Element> old = then == null ? null : elements(then.fields(), array, "");
                boolean was = whole.accuses()
                        && then != null
                        && of(rule, thenScope, any -> worst(rule, thenScope, old, sentence))
                                .accuses();
                found.add(new Found(rule.dataset(), item.key(), rule.place(), whole, was));
                continue;
            }
            // Elements move: one like it was at fault before, and as many of them.
            List<@Nullable Object> known = new ArrayList<>();
            if (then != null && inside(rule, thenScope) == Code.TRUE) {
                for (Element old : orNone(elements(then.fields(), array, ""))) {
                    if (code(rule, thenScope, old, sentence).accuses()) {
                        known.add(old.value());
                    }
                }
            }
            for (Element element : elements) {
                Code code = code(rule, scope, element, sentence);
                if (code != Code.TRUE) {
                    found.add(new Found(
                            rule.dataset(),
                            item.key(),
                            path(rule, array, element),
                            code,
                            code.accuses() && known.remove(element.value())));
                }
            }
        }
        return Judgement.of(examined, found);
    }

    private static List<Element> orNone(@Nullable List<Element> elements) {
        return elements == null ? List.of() : elements;
    }

    private static Code worst(Rule rule, Scope scope, @Nullable List<Element> elements, Value sentence) {
        return elements == null
                ? rule.unknown()
                : Code.worst(elements.stream()
                        .map(element -> code(rule, scope, element, sentence))
                        .collect(Collectors.toSet()));
    }

    private static Code code(Rule rule, Scope scope, Element element, Value sentence) {
        return element.absent()
                ? rule.unknown()
                : code(sentence, scope.with("element", element.value()), rule.unknown());
    }

    /** {@code lines[7].amount} if the rule blames one field of the element. */
    private static String path(Rule rule, String array, Element element) {
        List<String> inside = rule.names().stream()
                .filter(name -> name.startsWith(array + "."))
                .toList();
        return element.absent() || inside.size() != 1
                ? element.at()
                : element.at() + inside.get(0).substring(array.length());
    }

    // ---- before and after

    /** What a rule says of a record before and after; null where there is none. */
    interface Pair {
        Code of(@Nullable Item before, @Nullable Item after);
    }

    private Judgement pairs(Rule rule, Pair judge) {
        if (before == null) {
            return Judgement.of(0, List.of());
        }
        long examined = 0;
        List<Found> found = new ArrayList<>();
        Set<String> keys = new LinkedHashSet<>();
        before.of(rule.dataset()).forEach(item -> keys.add(item.key()));
        after.of(rule.dataset()).forEach(item -> keys.add(item.key()));
        for (String key : keys) {
            Item then = before.item(rule.dataset(), key);
            Item now = after.item(rule.dataset(), key);
            Code code = judge.of(then, now);
            if (then != null
                    && now != null
                    && code != Code.OUTSIDE
                    && counting(then).equals(counting(now))) {
                code = Code.TRUE; // What stayed as it was breaks no rule about how records change.
            }
            examined += code == Code.TRUE || code.accuses() ? 1 : 0;
            if (code.accuses() || code == Code.ERROR) {
                found.add(new Found(rule.dataset(), key, rule.place(), code, false));
            }
        }
        return Judgement.of(examined, found);
    }

    private static Scope sides(Item then, Item now) {
        return Scope.of("", now).with("after", now).with("before", then);
    }

    /** Of records there are on both sides. */
    private Judgement changes(Rule rule, java.util.function.BiFunction<Item, Item, Code> judge) {
        return pairs(
                rule,
                (then, now) -> then == null || now == null
                        ? Code.OUTSIDE
                        : of(rule, sides(then, now), scope -> judge.apply(then, now)));
    }

    Judgement unchanged(Rule rule, List<String> fields) {
        return changes(rule, (then, now) -> {
            boolean same = fields.stream().allMatch(path -> Objects.equals(seen(then.at(path)), seen(now.at(path))));
            return same ? Code.TRUE : Code.FALSE;
        });
    }

    /** A value as rules see it: a field that is absent is null. */
    private static @Nullable Object seen(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> there = new HashMap<>();
            map.forEach((name, member) -> {
                Object inner = seen(member);
                if (inner != null) {
                    there.put((String) name, inner);
                }
            });
            return there;
        } else if (value instanceof List<?> list) {
            return list.stream().map(Oracle::seen).collect(Collectors.toCollection(ArrayList::new));
        }
        return value;
    }

    Judgement transition(Rule rule, String field, Map<String, List<String>> allow, boolean reachable) {
        return changes(rule, (then, now) -> {
            Object from = then.at(field);
            Object to = now.at(field);
            if (Objects.equals(from, to)) {
                return Code.TRUE;
            } else if (from == null || to == null) {
                return rule.unknown();
            }
            Set<String> reached = new HashSet<>(allow.getOrDefault((String) from, List.of()));
            for (int steps = 0; reachable && steps < Shop.STATES.size(); steps++) {
                Set.copyOf(reached).forEach(state -> reached.addAll(allow.getOrDefault(state, List.of())));
            }
            return reached.contains((String) to) ? Code.TRUE : Code.FALSE;
        });
    }

    Judgement increasing(Rule rule, String field, boolean strictWhenChanged) {
        return changes(rule, (then, now) -> {
            Object was = then.at(field);
            Object is = now.at(field);
            boolean changed = !sameBut(then, now, Set.of());
            if (was == null && is == null) {
                return strictWhenChanged && changed ? rule.unknown() : Code.TRUE;
            } else if (was == null || is == null) {
                return rule.unknown();
            }
            int order = Sentence.compare(was, is);
            boolean grown = order < 0 || (order == 0 && !(strictWhenChanged && changed));
            return grown ? Code.TRUE : Code.FALSE;
        });
    }

    /** Whether nothing changed that counts, but these fields. */
    private static boolean sameBut(Item then, Item now, Set<String> except) {
        return without(then, except).equals(without(now, except));
    }

    /** What counts of it. */
    private static Object counting(Item item) {
        Object copy = Objects.requireNonNull(Shop.copy(item.fields()));
        remove(copy, Shop.IGNORED);
        return copy;
    }

    private static Object without(Item item, Set<String> except) {
        Object copy = counting(item);
        except.forEach(path -> remove(copy, path));
        return Objects.requireNonNull(seen(copy));
    }

    /** Takes away what is at a path like {@code lines[].qty}. */
    private static void remove(@Nullable Object from, String path) {
        String[] parts = path.split("\\.", 2);
        boolean each = parts[0].endsWith("[]");
        String name = each ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
        if (!(from instanceof Map<?, ?> map)) {
            return;
        }
        if (parts.length == 1) {
            map.remove(name);
        } else if (each && map.get(name) instanceof List<?> list) {
            list.forEach(element -> remove(element, parts[1]));
        } else if (!each) {
            remove(map.get(name), parts[1]);
        }
    }

    Judgement appendOnly(Rule rule, String path) {
        return changes(rule, (then, now) -> {
            Object was = seen(then.at(path));
            Object is = seen(now.at(path));
            if (was == null) {
                return Code.TRUE;
            }
            List<?> open = new ArrayList<>(Shop.list(was));
            for (Object element : is == null ? List.of() : Shop.list(is)) {
                if (!open.isEmpty() && Objects.equals(open.get(0), element)) {
                    open.remove(0);
                }
            }
            return open.isEmpty() ? Code.TRUE : Code.FALSE;
        });
    }

    Judgement noDelete(Rule rule, @Nullable Value unless) {
        return pairs(
                rule,
                (then, now) -> then == null
                        ? Code.OUTSIDE
                        : of(rule, Scope.of("", then), scope -> vanished(rule, now == null, unless, scope)));
    }

    Judgement noInsert(Rule rule, @Nullable Value unless) {
        return pairs(
                rule,
                (then, now) -> now == null
                        ? Code.OUTSIDE
                        : of(rule, Scope.of("", now), scope -> vanished(rule, then == null, unless, scope)));
    }

    private static Code vanished(Rule rule, boolean alone, @Nullable Value unless, Scope scope) {
        return !alone ? Code.TRUE : unless == null ? Code.FALSE : code(unless, scope, rule.unknown());
    }

    Judgement frozenWhen(Rule rule, Value condition, Set<String> except) {
        return changes(rule, (then, now) -> {
            Code frozen = code(condition, Scope.of("", then), Code.UNKNOWN);
            if (frozen == Code.FALSE) {
                return Code.OUTSIDE;
            } else if (frozen == Code.ERROR) {
                return Code.ERROR;
            } else if (sameBut(then, now, except)) {
                return Code.TRUE;
            }
            return frozen == Code.TRUE ? Code.FALSE : rule.unknown();
        });
    }

    Judgement silentChange(Rule rule, String version) {
        return changes(rule, (then, now) -> {
            boolean silent = Objects.equals(then.at(version), now.at(version)) && !sameBut(then, now, Set.of(version));
            return silent ? Code.FALSE : Code.TRUE;
        });
    }

    /** @param sentence knows the sides by the names "before" and "after", and the one after by "" too */
    Judgement assertChange(Rule rule, Value sentence) {
        return changes(rule, (then, now) -> code(sentence, sides(then, now), rule.unknown()));
    }

    // ---- several records

    /** A record that a relation accuses, and what for, by which it is known again. */
    private record Accused(String dataset, String key, String path, Code code, Object what) {}

    /** What a relation says of one moment. */
    private interface Relation {
        List<Accused> of(Shop now, @Nullable Shop then);
    }

    private Judgement relation(Rule rule, Function<Shop, Long> examined, Relation relation) {
        List<Found> found = new ArrayList<>(outOfSight(rule, after));
        List<Object> known = new ArrayList<>();
        try {
            if (before != null) {
                relation.of(before, null).stream()
                        .filter(one -> one.code().accuses())
                        .forEach(one -> known.add(List.of(one.dataset(), one.key(), one.what())));
            }
        } catch (Failed e) {
            known.clear(); // What nobody can tell of the baseline was not there.
        }
        try {
            for (Accused one : relation.of(after, before)) {
                boolean was = one.code().accuses() && known.remove(List.of(one.dataset(), one.key(), one.what()));
                found.add(new Found(one.dataset(), one.key(), one.path(), one.code(), was));
            }
        } catch (Failed e) {
            return new Judgement(examined.apply(after), outOfSight(rule, after), null, false, true);
        }
        return Judgement.of(examined.apply(after), found);
    }

    /** Records of which nobody can tell whether the rule is about them. */
    private static List<Found> outOfSight(Rule rule, Shop shop) {
        return shop.of(rule.dataset()).stream()
                .filter(item -> inside(rule, Scope.of("", item)) == Code.ERROR)
                .map(item -> new Found(rule.dataset(), item.key(), "-", Code.ERROR, false))
                .toList();
    }

    private static List<Item> inside(Rule rule, Shop shop) {
        return shop.of(rule.dataset()).stream()
                .filter(item -> inside(rule, Scope.of("", item)) == Code.TRUE)
                .toList();
    }

    private static @Nullable List<Object> tuple(Item item, List<String> fields) {
        return tuple(item, null, fields);
    }

    /** NULL if one of the values is: fields of the record, and of an element where a path leads through an array. */
    private static @Nullable List<Object> tuple(Item item, @Nullable Object element, List<String> fields) {
        List<Object> tuple = new ArrayList<>();
        for (String field : fields) {
            int end = field.indexOf("[]");
            Object value = end < 0
                    ? item.at(field)
                    : field.endsWith("[]") ? element : Shop.at(element, field.substring(end + 3));
            if (value == null) {
                return null;
            }
            tuple.add(value);
        }
        return tuple;
    }

    private static List<Item> taking(Rule rule, Shop shop, List<String> fields) {
        return inside(rule, shop).stream()
                .filter(item -> tuple(item, fields) != null)
                .toList();
    }

    private static Map<List<Object>, List<Item>> groups(List<Item> items, List<String> fields) {
        return items.stream()
                .collect(Collectors.groupingBy(
                        item -> Objects.requireNonNull(tuple(item, fields)), LinkedHashMap::new, Collectors.toList()));
    }

    private static Accused accused(Rule rule, Item item, Code code) {
        return new Accused(rule.dataset(), item.key(), "-", code, "");
    }

    Judgement unique(Rule rule, List<String> fields) {
        return relation(
                rule,
                shop -> (long) taking(rule, shop, fields).size(),
                (now, then) -> groups(taking(rule, now, fields), fields).values().stream()
                        .filter(group -> group.size() > 1)
                        .flatMap(List::stream)
                        .map(item -> accused(rule, item, Code.FALSE))
                        .toList());
    }

    Judgement depends(Rule rule, List<String> from, List<String> to, String blame) {
        List<String> all = new ArrayList<>(from);
        all.addAll(to);
        return relation(rule, shop -> (long) taking(rule, shop, all).size(), (now, then) -> {
            List<Accused> accused = new ArrayList<>();
            for (List<Item> group : groups(taking(rule, now, all), from).values()) {
                Map<List<Object>, List<Item>> said = groups(group, to);
                if (said.size() > 1) {
                    atFault(rule, blame, group, said, all, then)
                            .forEach(item -> accused.add(accused(rule, item, Code.FALSE)));
                }
            }
            return accused;
        });
    }

    private static List<Item> atFault(
            Rule rule,
            String blame,
            List<Item> group,
            Map<List<Object>, List<Item>> said,
            List<String> all,
            @Nullable Shop then) {
        if (blame.equals("minority")) {
            int most = said.values().stream().mapToInt(List::size).max().orElseThrow();
            List<List<Item>> usual =
                    said.values().stream().filter(one -> one.size() == most).toList();
            return usual.size() > 1
                    ? group
                    : group.stream()
                            .filter(item -> !usual.get(0).contains(item))
                            .toList();
        } else if (blame.equals("changed") && then != null) {
            List<Item> took = taking(rule, then, all);
            List<Item> changed = group.stream()
                    .filter(item -> took.stream()
                            .noneMatch(old ->
                                    old.key().equals(item.key()) && Objects.equals(tuple(old, all), tuple(item, all))))
                    .toList();
            return changed.isEmpty() ? group : changed;
        }
        return group;
    }

    /** @param join never fails */
    Judgement deny(Rule rule, String one, String other, Value join, Value condition) {
        return relation(rule, shop -> (long) inside(rule, shop).size(), (now, then) -> {
            Map<Item, Set<Code>> said = new LinkedHashMap<>();
            for (Item a : inside(rule, now)) {
                for (Item b : inside(rule, now)) {
                    Scope scope = Scope.of(one, a).with(other, b);
                    if (!a.key().equals(b.key()) && isTrue(join, scope)) {
                        Code code = code(condition, scope, Code.FALSE);
                        if (code != Code.FALSE) {
                            Code finding = code == Code.TRUE ? Code.FALSE : Code.ERROR;
                            said.computeIfAbsent(a, any -> new HashSet<>()).add(finding);
                            said.computeIfAbsent(b, any -> new HashSet<>()).add(finding);
                        }
                    }
                }
            }
            return worst(rule, said);
        });
    }

    private static List<Accused> worst(Rule rule, Map<Item, Set<Code>> said) {
        return said.entrySet().stream()
                .map(entry -> accused(rule, entry.getKey(), Code.worst(entry.getValue())))
                .filter(one -> one.code() != Code.TRUE)
                .toList();
    }

    /**
     * A number about a dataset: null if it is NULL; throws {@link Failed}.
     */
    interface Aggregate {
        @Nullable
        BigDecimal of(List<Item> items);
    }

    /** Bounds; null for none. */
    record Bounds(
            @Nullable BigDecimal min,
            @Nullable BigDecimal max,
            @Nullable BigDecimal minRatio,
            @Nullable BigDecimal maxRatio) {
        boolean isRelative() {
            return minRatio != null || maxRatio != null;
        }

        boolean isBrokenBy(BigDecimal value) {
            return (min != null && value.compareTo(min) < 0) || (max != null && value.compareTo(max) > 0);
        }

        /** Of a number below 0 the bounds change sides: it is the quotient that is bounded. */
        boolean isBrokenBy(BigDecimal value, BigDecimal was) {
            BigDecimal low = times(was, was.signum() < 0 ? maxRatio : minRatio);
            BigDecimal high = times(was, was.signum() < 0 ? minRatio : maxRatio);
            return new Bounds(low, high, null, null).isBrokenBy(value);
        }

        private static @Nullable BigDecimal times(BigDecimal number, @Nullable BigDecimal ratio) {
            return ratio == null ? null : number.multiply(ratio);
        }
    }

    /** What a metric comes to, and whether it broke its bounds in the baseline. */
    record Measured(Judgement judgement, boolean before) {}

    Measured metric(Rule rule, Aggregate aggregate, Bounds bounds) {
        long examined = after.of(rule.dataset()).size();
        List<Found> found = outOfSight(rule, after);
        Measured failed = new Measured(new Judgement(examined, found, false, false, true), false);
        BigDecimal now;
        try {
            now = aggregate.of(inside(rule, after));
        } catch (Failed e) {
            return failed;
        }
        BigDecimal then = null;
        boolean known = before != null;
        try {
            then = before == null ? null : aggregate.of(inside(rule, before));
            if (before != null && !outOfSight(rule, before).isEmpty()) {
                throw new Failed();
            }
        } catch (Failed e) {
            known = false;
            if (bounds.isRelative()) {
                return failed;
            }
        }
        if (now == null) {
            boolean broken = !rule.nullPasses();
            return new Measured(new Judgement(examined, found, broken, false, false), known && then == null);
        }
        Bounds low = new Bounds(bounds.min(), null, null, null);
        Bounds high = new Bounds(null, bounds.max(), null, null);
        boolean atFaultThen = known
                && then != null
                && (!low.isBrokenBy(now) || low.isBrokenBy(then))
                && (!high.isBrokenBy(now) || high.isBrokenBy(then));
        boolean open = bounds.isRelative() && then == null;
        boolean moved = bounds.isRelative() && then != null && bounds.isBrokenBy(now, then);
        boolean broken = bounds.isBrokenBy(now) || moved;
        return new Measured(new Judgement(examined, found, broken, open, false), atFaultThen && !moved);
    }

    // ---- several datasets

    /** What refers to a parent. */
    private record Child(Item item, String path, List<Object> names) {}

    private static List<Child> children(Rule rule, Shop shop, List<String> fields) {
        List<Child> children = new ArrayList<>();
        String array = fields.stream()
                .filter(field -> field.contains("[]"))
                .map(field -> field.substring(0, field.indexOf("[]") + 2))
                .findFirst()
                .orElse("");
        for (Item item : inside(rule, shop)) {
            if (array.isEmpty()) {
                List<Object> names = tuple(item, fields);
                if (names != null) {
                    children.add(new Child(item, rule.place(), names));
                }
                continue;
            }
            for (Element element : orNone(elements(item.fields(), array, ""))) {
                List<Object> names = tuple(item, element.value(), fields);
                if (names != null) {
                    children.add(new Child(item, path(rule, array, element), names));
                }
            }
        }
        return children;
    }

    private static List<Item> named(Shop shop, String dataset, List<String> key, List<Object> names) {
        return shop.of(dataset).stream()
                .filter(parent -> names.equals(tuple(parent, key)))
                .toList();
    }

    Judgement reference(Rule rule, List<String> fields, String to, List<String> key, String cardinality) {
        boolean ofElements = fields.stream().anyMatch(field -> field.contains("[]"));
        if (cardinality.equals("1..n")) {
            return relation(rule, shop -> parents(shop, to, key).count(), (now, then) -> {
                Set<List<Object>> taken =
                        children(rule, now, fields).stream().map(Child::names).collect(Collectors.toSet());
                return parents(now, to, key)
                        .filter(parent -> !taken.contains(tuple(parent, key)))
                        .map(parent -> new Accused(to, parent.key(), "-", Code.FALSE, "parent"))
                        .toList();
            });
        }
        Function<Shop, Long> examined = shop -> children(rule, shop, fields).stream()
                .map(Child::item)
                .distinct()
                .count();
        return relation(rule, examined, (now, then) -> {
            Set<List<Object>> missing = new HashSet<>();
            List<Child> orphans = new ArrayList<>();
            for (Child child : children(rule, now, fields)) {
                int parents = named(now, to, key, child.names()).size();
                if (parents > 1 || (parents == 0 && cardinality.equals("1"))) {
                    orphans.add(child);
                    // The child named it before as it does now, and it was there.
                    if (parents == 0
                            && then != null
                            && !named(then, to, key, child.names()).isEmpty()
                            && children(rule, then, fields).stream()
                                    .anyMatch(old ->
                                            old.item().key().equals(child.item().key())
                                                    && old.names().equals(child.names()))) {
                        missing.add(child.names());
                    }
                }
            }
            List<Accused> accused = new ArrayList<>();
            for (List<Object> names : missing) {
                named(Objects.requireNonNull(then), to, key, names)
                        .forEach(parent -> accused.add(new Accused(to, parent.key(), "-", Code.FALSE, "parent")));
            }
            for (Child child : orphans) {
                if (!missing.contains(child.names())) {
                    accused.add(new Accused(
                            rule.dataset(),
                            child.item().key(),
                            ofElements ? child.path() : "-",
                            Code.FALSE,
                            child.names()));
                }
            }
            return accused;
        });
    }

    private static java.util.stream.Stream<Item> parents(Shop shop, String to, List<String> key) {
        return shop.of(to).stream().filter(parent -> tuple(parent, key) != null);
    }

    /** @param on which never fails */
    record Joined(String alias, String dataset, Value on) {}

    Judgement join(Rule rule, List<Joined> joined, Value sentence) {
        return relation(rule, shop -> (long) inside(rule, shop).size(), (now, then) -> {
            Map<Item, Set<Code>> said = new LinkedHashMap<>();
            for (Item item : inside(rule, now)) {
                List<Scope> together = List.of(Scope.of("", item));
                for (Joined one : joined) {
                    together = together.stream()
                            .flatMap(scope -> with(scope, one, now).stream())
                            .toList();
                }
                said.put(
                        item,
                        together.stream()
                                .map(scope -> code(sentence, scope, rule.unknown()))
                                .collect(Collectors.toSet()));
            }
            return worst(rule, said);
        });
    }

    private static List<Scope> with(Scope scope, Joined joined, Shop shop) {
        List<Scope> together = shop.of(joined.dataset()).stream()
                .map(other -> scope.with(joined.alias(), other))
                .filter(both -> isTrue(joined.on(), both))
                .toList();
        return together.isEmpty() ? List.of(scope) : together;
    }

    /** One side of a reconciliation. */
    record Side(String dataset, @Nullable Value where, List<String> key, Value sum) {}

    Judgement reconcile(Rule rule, Side left, Side right, Tolerance tolerance) {
        return relation(rule, shop -> (long) counted(inside(rule, shop), left).size(), (now, then) -> {
            Map<List<Object>, List<Item>> ours = groups(counted(inside(rule, now), left), left.key());
            Map<List<Object>, List<Item>> theirs = groups(counted(now.of(right.dataset()), right), right.key());
            Set<List<Object>> keys = new LinkedHashSet<>(ours.keySet());
            keys.addAll(theirs.keySet());
            List<Accused> accused = new ArrayList<>();
            for (List<Object> key : keys) {
                List<Item> our = ours.getOrDefault(key, List.of());
                List<Item> their = theirs.getOrDefault(key, List.of());
                Code code = agree(rule, Sum.of(our, left), Sum.of(their, right), tolerance);
                if (code != Code.TRUE) {
                    our.forEach(item -> accused.add(accused(rule, item, code)));
                    (our.isEmpty() ? their : List.<Item>of())
                            .forEach(item -> accused.add(new Accused(right.dataset(), item.key(), "-", code, "other")));
                }
            }
            return accused;
        });
    }

    /** Those that count, or of which nobody can tell. */
    private static List<Item> counted(List<Item> items, Side side) {
        return items.stream()
                .filter(item -> tuple(item, side.key()) != null)
                .filter(item -> side.where() == null
                        || Set.of(Code.TRUE, Code.ERROR).contains(code(side.where(), Scope.of("", item), Code.FALSE)))
                .toList();
    }

    /** What values add up to. */
    private record Sum(BigDecimal sum, boolean unknown, boolean failed) {

        static Sum of(List<Item> items, Side side) {
            BigDecimal sum = BigDecimal.ZERO;
            boolean unknown = false;
            boolean failed = false;
            for (Item item : items) {
                try {
                    Scope scope = Scope.of("", item);
                    if (side.where() != null) {
                        isTrue(side.where(), scope);
                    }
                    Object value = side.sum().of(scope);
                    unknown |= value == null;
                    sum = value == null ? sum : sum.add((BigDecimal) value);
                } catch (Failed e) {
                    failed = true;
                }
            }
            return new Sum(sum, unknown, failed);
        }
    }

    private static Code agree(Rule rule, Sum one, Sum other, Tolerance tolerance) {
        if (one.failed() || other.failed()) {
            return Code.ERROR;
        } else if (one.unknown() || other.unknown()) {
            return rule.unknown();
        }
        return tolerance.covers(one.sum(), other.sum()) ? Code.TRUE : Code.FALSE;
    }

    /**
     * @param goesWith whether a record of the other dataset goes with a record
     * @param moved whether others go with a record than went with it before
     */
    Judgement explained(
            Rule rule,
            String delta,
            String dataset,
            BiPredicate<Item, Item> goesWith,
            BiPredicate<Item, Item> moved,
            Value sum,
            Tolerance tolerance) {
        if (before == null) {
            return Judgement.of(0, List.of());
        }
        List<Found> found = new ArrayList<>(outOfSight(rule, after));
        List<Item> both = inside(rule, after).stream()
                .filter(item -> before.item(rule.dataset(), item.key()) != null)
                .toList();
        found.removeIf(one -> before.item(rule.dataset(), one.key()) == null);
        for (Item now : both) {
            Item then = Objects.requireNonNull(before.item(rule.dataset(), now.key()));
            Side by = new Side(dataset, null, List.of(), sum);
            List<Item> added = new ArrayList<>(after.of(dataset).stream()
                    .filter(other -> goesWith.test(now, other))
                    .toList());
            List<Item> removed = new ArrayList<>(before.of(dataset).stream()
                    .filter(other -> goesWith.test(now, other))
                    .toList());
            // What stayed as it was accounts for no change; what is absent now and was null did not.
            List<Item> stayed = added.stream()
                    .filter(item -> removed.stream()
                            .anyMatch(old -> old.key().equals(item.key())
                                    && counting(old).equals(counting(item))))
                    .toList();
            Set<String> keys = stayed.stream().map(Item::key).collect(Collectors.toSet());
            added.removeIf(item -> keys.contains(item.key()));
            removed.removeIf(item -> keys.contains(item.key()));
            Sum plus = Sum.of(added, by);
            Sum minus = Sum.of(removed, by);
            Sum net = new Sum(
                    plus.sum().subtract(minus.sum()),
                    plus.unknown() || minus.unknown(),
                    plus.failed() || minus.failed() || Sum.of(stayed, by).failed());
            boolean open = now.at(delta) == null || then.at(delta) == null || moved.test(then, now);
            BigDecimal grown = open
                    ? BigDecimal.ZERO
                    : ((BigDecimal) Objects.requireNonNull(now.at(delta)))
                            .subtract((BigDecimal) Objects.requireNonNull(then.at(delta)));
            Code code = agree(rule, new Sum(grown, open, false), net, tolerance);
            if (code != Code.TRUE) {
                found.add(new Found(rule.dataset(), now.key(), "-", code, false));
            }
        }
        return Judgement.of(both.size(), found);
    }

    /** Keys at fault, as they are written in findings. */
    interface Query {
        List<String> of(Shop shop);
    }

    Judgement query(Rule rule, Query query) {
        return relation(rule, shop -> (long) inside(rule, shop).size(), (now, then) -> {
            Set<String> faulty = new LinkedHashSet<>(query.of(now));
            if (faulty.stream().anyMatch(key -> now.item(rule.dataset(), key) == null)) {
                throw new Failed();
            }
            return inside(rule, now).stream()
                    .filter(item -> faulty.contains(item.key()))
                    .map(item -> accused(rule, item, Code.FALSE))
                    .toList();
        });
    }

    static <T> List<T> sorted(List<T> items) {
        List<T> sorted = new ArrayList<>(items);
        sorted.sort(java.util.Comparator.comparing(Object::toString));
        return Collections.unmodifiableList(sorted);
    }
}
