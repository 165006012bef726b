package dev.lastgood.audit.oracle;

import dev.lastgood.audit.oracle.Oracle.Allow;
import dev.lastgood.audit.oracle.Oracle.Bounds;
import dev.lastgood.audit.oracle.Oracle.Judgement;
import dev.lastgood.audit.oracle.Oracle.Measured;
import dev.lastgood.audit.oracle.Oracle.Rule;
import dev.lastgood.audit.oracle.Oracle.Side;
import dev.lastgood.audit.oracle.Sentence.Tolerance;
import dev.lastgood.audit.oracle.Sentence.Value;
import dev.lastgood.audit.oracle.Sentences.Known;
import dev.lastgood.audit.oracle.Shop.Field;
import dev.lastgood.audit.oracle.Shop.Item;
import dev.lastgood.audit.oracle.Shop.Scalar;
import dev.lastgood.audit.oracle.Shop.Table;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Random rules of every family about a {@link Shop}, each with what an {@link Oracle} is to be asked about it. */
final class RandomRules {

    /** A family of the language. */
    enum Family {
        ASSERT,
        FIELD,
        EACH,
        UNCHANGED,
        TRANSITION,
        INCREASING,
        APPEND_ONLY,
        NO_DELETE,
        NO_INSERT,
        FROZEN_WHEN,
        SILENT_CHANGE,
        ASSERT_CHANGE,
        UNIQUE,
        DEPENDS,
        DENY,
        METRIC,
        REFERENCE,
        JOIN,
        RECONCILE,
        EXPLAINED,
        QUERY;

        boolean isLocal() {
            return compareTo(UNIQUE) < 0;
        }
    }

    /** How an oracle judges a rule. */
    interface Judge {
        Measured of(Oracle oracle, Rule rule);
    }

    /** What a family is about: a dataset, YAML of the constraint, the fields it names, how it is judged. */
    private record Draft(Table table, List<String> yaml, Set<String> names, Known where, Judge judge) {

        static Draft of(Table table, String yaml, Set<String> names, PlainJudge judge) {
            return new Draft(table, List.of(yaml), names, Known.own(table), judge.measured());
        }
    }

    private interface PlainJudge {
        Judgement of(Oracle oracle, Rule rule);

        default Judge measured() {
            return (oracle, rule) -> new Measured(of(oracle, rule), false);
        }
    }

    /** A rule as it is written, and what becomes of it. */
    record Case(Family family, String id, String yaml, Rule rule, Allow allow, Judge judge) {

        List<String> findings(Oracle oracle) {
            return judge.of(oracle, rule).judgement().findings().stream()
                    .map(Oracle.Found::toString)
                    .sorted()
                    .toList();
        }

        String outcome(Oracle oracle) {
            Measured measured = judge.of(oracle, rule);
            return measured.judgement().outcome(allow, measured.before());
        }
    }

    private final Random random;

    RandomRules(Random random) {
        this.random = random;
    }

    private Draft draft(Family family) {
        return switch (family) {
            case ASSERT -> assertion();
            case FIELD -> field();
            case EACH -> each();
            case UNCHANGED -> unchanged();
            case TRANSITION -> transition();
            case INCREASING -> increasing();
            case APPEND_ONLY -> appendOnly();
            case NO_DELETE -> noDelete();
            case NO_INSERT -> noInsert();
            case FROZEN_WHEN -> frozenWhen();
            case SILENT_CHANGE -> silentChange();
            case ASSERT_CHANGE -> assertChange();
            case UNIQUE -> unique();
            case DEPENDS -> depends();
            case DENY -> deny();
            case METRIC -> metric();
            case REFERENCE -> reference();
            case JOIN -> join();
            case RECONCILE -> reconcile();
            case EXPLAINED -> explained();
            case QUERY -> query();
        };
    }

    private boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private <T> T any(T... of) {
        return any(Arrays.asList(of));
    }

    private <T> List<T> some(List<T> of, int most) {
        List<T> shuffled = new ArrayList<>(of);
        java.util.Collections.shuffle(shuffled, random);
        return shuffled.subList(0, Math.min(shuffled.size(), 1 + random.nextInt(most)));
    }

    /** Text as YAML takes it whatever is in it. */
    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String list(List<String> items) {
        return items.stream().map(RandomRules::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    private static Set<String> names(String... names) {
        return new LinkedHashSet<>(Arrays.asList(names));
    }

    // ---- a rule and its qualifiers

    Case rule(Family family, String id) {
        Draft draft = draft(family);
        List<String> yaml =
                new ArrayList<>(List.of("id: " + id, "dataset: " + draft.table().name()));
        yaml.addAll(draft.yaml());
        Sentence where = null;
        if (once(3)) {
            where = Sentences.about(random, draft.where()).condition();
            yaml.add("where: " + quoted(where.sql()));
        }
        boolean nullPasses = once(3);
        if (nullPasses) {
            yaml.add("on_null: pass");
        }
        Allow allow = allow(yaml);
        Set<String> names = draft.names();
        if (once(8)) {
            names = new LinkedHashSet<>(some(draft.table().roots(), 2));
            yaml.add("fields: " + list(List.copyOf(names)));
        }
        Rule rule = new Rule(draft.table().name(), where, nullPasses, names);
        String text = yaml.stream().collect(Collectors.joining("\n  ", "- ", "\n"));
        return new Case(family, id, text, rule, allow, draft.judge());
    }

    private Allow allow(List<String> yaml) {
        if (!once(6)) {
            return Allow.NONE;
        }
        Long count = once(2) ? (Long) (long) random.nextInt(4) : null;
        String ratio = any("0.1", "0.25", "0.5", "1");
        if (count != null && once(2)) {
            yaml.add("allow: {count: %d}".formatted(count));
            return new Allow(count, null);
        }
        yaml.add("allow: {%sratio: %s}".formatted(count == null ? "" : "count: " + count + ", ", ratio));
        return new Allow(count, new BigDecimal(ratio));
    }

    private Tolerance tolerance(List<String> yaml, int onceIn) {
        if (!once(onceIn)) {
            return Tolerance.NONE;
        }
        String abs = any("1", "0.01", "0.5");
        String rel = any("0.1", "0.25", "0.5");
        return switch (random.nextInt(3)) {
            case 0 -> {
                yaml.add("tolerance: {abs: %s}".formatted(abs));
                yield new Tolerance(new BigDecimal(abs), null);
            }
            case 1 -> {
                yaml.add("tolerance: {rel: %s}".formatted(rel));
                yield new Tolerance(null, new BigDecimal(rel));
            }
            default -> {
                yaml.add("tolerance: {abs: %s, rel: %s}".formatted(abs, rel));
                yield new Tolerance(new BigDecimal(abs), new BigDecimal(rel));
            }
        };
    }

    /** Mostly orders, which have everything. */
    private Table table() {
        return once(3) ? any(Shop.TABLES) : Shop.ORDERS;
    }

    // ---- one record

    private Draft assertion() {
        Table table = table();
        Sentence sentence = Sentences.about(random, Known.own(table)).condition();
        List<String> yaml = new ArrayList<>(List.of("assert: " + quoted(sentence.sql())));
        Value value = sentence.close().within(tolerance(yaml, 5));
        return new Draft(
                table,
                yaml,
                sentence.names(),
                Known.own(table),
                ((PlainJudge) (oracle, rule) -> oracle.assertion(rule, value)).measured());
    }

    /** Checks of a value, and what they say of it. */
    private record Checks(List<String> yaml, Check check) {}

    private interface Check {
        @Nullable
        Object of(@Nullable Object value);
    }

    private Draft field() {
        Table table = table();
        if (table.equals(Shop.ORDERS) && once(6)) {
            String array = any("lines", "tags");
            return checked(table, array, checks(lengths()));
        }
        Field field = any(table.fields());
        return checked(table, field.path(), checks(checksOf(field)));
    }

    private static Draft checked(Table table, String path, Checks checks) {
        List<String> yaml = new ArrayList<>(List.of("field: " + path));
        yaml.addAll(checks.yaml());
        Value value = scope -> checks.check().of(scope.at("", path));
        return new Draft(
                table,
                yaml,
                names(path),
                Known.own(table),
                ((PlainJudge) (oracle, rule) -> oracle.assertion(rule, value)).measured());
    }

    /** One or more of them, all of which must hold. */
    private Checks checks(Map<String, Check> possible) {
        List<String> chosen = some(List.copyOf(possible.keySet()), 3);
        Check all = value -> {
            Boolean holds = true;
            for (String one : chosen) {
                Object said = Objects.requireNonNull(possible.get(one)).of(value);
                if (Boolean.FALSE.equals(said)) {
                    return false;
                }
                holds = said == null ? null : holds;
            }
            return holds;
        };
        return new Checks(chosen, all);
    }

    private interface Known2 {
        boolean holds(Object value);
    }

    private static Check of(Known2 known) {
        return value -> value == null ? null : known.holds(value);
    }

    private Map<String, Check> lengths() {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("required: true", value -> value != null);
        int least = random.nextInt(3);
        int most = least + random.nextInt(2);
        checks.put("min_length: " + least, of(value -> length(value) >= least));
        checks.put("max_length: " + most, of(value -> length(value) <= most));
        return checks;
    }

    private static long length(Object value) {
        return value instanceof List<?> list
                ? list.size()
                : ((String) value).codePoints().count();
    }

    private Map<String, Check> checksOf(Field field) {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("required: true", value -> value != null);
        List<?> few = some(field.pool(), 3);
        List<?> others = some(field.pool(), 2);
        checks.put("in: " + literals(field, few), of(few::contains));
        checks.put("not_in: " + literals(field, others), of(value -> !others.contains(value)));
        if (field.type() != Scalar.FLAG) {
            Object one = any(field.pool());
            Object two = any(field.pool());
            Object min = Sentence.compare(one, two) <= 0 ? one : two;
            Object max = min == one ? two : one;
            if (!min.equals("")) {
                checks.put("min: " + literal(field, min), of(value -> Sentence.compare(value, min) >= 0));
            }
            if (!max.equals("")) {
                checks.put("max: " + literal(field, max), of(value -> Sentence.compare(value, max) <= 0));
            }
        }
        switch (field.type()) {
            case TEXT -> {
                checks.putAll(lengths());
                checks.put("matches: '[a-z]?[0-9]*'", of(value -> ((String) value).matches("[a-z]?[0-9]*")));
                checks.put("matches: 'a|NEW|.*@.*'", of(value -> ((String) value).matches("a|NEW|.*@.*")));
                checks.put(
                        "format: email",
                        of(value -> Set.of("a@b.de", "c@d.example.com").contains(value)));
                checks.put("format: json", of(value -> ((String) value).matches("[1-9][0-9]*")));
                checks.put("format: hostname", of(value -> ((String) value).matches("[a-zA-Z0-9]+")));
                checks.put("type: int", of(value -> ((String) value).matches("[0-9]+")));
                checks.put("format: date", of(value -> false));
            }
            case DECIMAL -> {
                checks.put("type: decimal(4,1)", value -> value == null || ((BigDecimal) value).scale() <= 1);
                checks.put("type: int", value -> value == null || ((BigDecimal) value).scale() <= 0);
            }
            case INT -> checks.put("type: tinyint", value -> true);
            case DAY -> checks.put("type: date", value -> true);
            case FLAG -> checks.put("type: boolean", value -> true);
        }
        if (checks.containsKey("type: int") && field.type() == Scalar.TEXT) {
            checks.put("type: int", value -> value == null || ((String) value).matches("[0-9]+"));
        }
        return oneEach(checks);
    }

    /** A key stands once. */
    private Map<String, Check> oneEach(Map<String, Check> checks) {
        Map<String, Check> left = new LinkedHashMap<>();
        List<String> texts = new ArrayList<>(checks.keySet());
        java.util.Collections.shuffle(texts, random);
        Set<String> keys = new LinkedHashSet<>();
        for (String text : texts) {
            if (keys.add(text.split(":", 2)[0])) {
                left.put(text, Objects.requireNonNull(checks.get(text)));
            }
        }
        return left;
    }

    private static String literals(Field field, List<?> values) {
        return values.stream().map(value -> literal(field, value)).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String literal(Field field, Object value) {
        return field.type() == Scalar.TEXT ? quoted((String) value) : Shop.text(value);
    }

    private Draft each() {
        String array = any("lines[]", "lines[]", "lines[].taxes[]", "tags[]");
        List<Field> fields = array.equals("lines[]") ? Shop.LINES : array.equals("tags[]") ? Shop.TAGS : Shop.TAXES;
        boolean plain = array.equals("tags[]");
        List<String> yaml = new ArrayList<>(List.of("each: " + quoted(array)));
        Set<String> names;
        Value value;
        if (once(2)) {
            Field field = any(fields);
            Checks checks = checks(checksOf(field));
            yaml.add("field: " + field.path());
            yaml.addAll(checks.yaml());
            names = names(plain ? array : array + "." + field.path());
            value = scope -> checks.check().of(inElement(scope, field.path(), plain));
        } else {
            Sentence sentence = ofElement(array, fields, plain);
            yaml.add("assert: " + quoted(sentence.sql()));
            names = sentence.names();
            value = sentence.close().within(tolerance(yaml, 4));
        }
        Value said = value;
        return new Draft(
                Shop.ORDERS,
                yaml,
                names,
                Known.own(Shop.ORDERS),
                ((PlainJudge) (oracle, rule) -> oracle.each(rule, array, said)).measured());
    }

    private static @Nullable Object inElement(Sentence.Scope scope, String path, boolean plain) {
        return plain ? scope.records().get("element") : scope.at("element", path);
    }

    /** Names start at the element; those that it does not have are the record's. */
    private Sentence ofElement(String array, List<Field> fields, boolean plain) {
        Set<String> ofElement = fields.stream().map(Field::path).collect(Collectors.toSet());
        Known element = new Known("", "element", array + ".", fields, false);
        Known record = new Known(
                "",
                "",
                "",
                Shop.ORDERS.fields().stream()
                        .filter(field -> !ofElement.contains(field.path()))
                        .toList(),
                false);
        Sentences about =
                once(4) ? Sentences.about(random, element, element, record) : Sentences.about(random, element);
        Sentence sentence = about.condition();
        if (!plain) {
            return sentence;
        }
        Set<String> names = sentence.names().stream()
                .map(name -> name.startsWith(array) ? array : name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Sentence(
                sentence.sql(),
                names,
                asElement(sentence.value()),
                tolerance -> asElement(sentence.close().within(tolerance)));
    }

    /** Of plain values: what is called element is the value itself. */
    private static Value asElement(Value value) {
        return scope -> {
            Map<String, Object> wrapped = new LinkedHashMap<>();
            Object element = scope.records().get("element");
            if (element != null) {
                wrapped.put("element", element);
            }
            return value.of(scope.with("element", (Object) wrapped));
        };
    }

    // ---- before and after

    /** Where both sides may be named. */
    private Known sides(Table table) {
        return once(3)
                ? Known.own("before.", "before", table)
                : once(2) ? Known.own("after.", "after", table) : Known.own(table);
    }

    private Draft pair(Table table, List<String> yaml, Set<String> names, PlainJudge judge) {
        return new Draft(table, yaml, names, sides(table), judge.measured());
    }

    private Draft unchanged() {
        Table table = table();
        List<String> fields = some(
                Stream.concat(
                                table.fields().stream().map(Field::path),
                                table.equals(Shop.ORDERS) ? Stream.of("lines", "tags", "contact") : Stream.of())
                        .toList(),
                2);
        return pair(
                table,
                List.of("unchanged: " + list(fields)),
                new LinkedHashSet<>(fields),
                (oracle, rule) -> oracle.unchanged(rule, fields));
    }

    private Draft transition() {
        Map<String, List<String>> allow = new LinkedHashMap<>();
        for (String state : some(Shop.STATES, 4)) {
            allow.put(state, once(5) ? List.of() : List.copyOf(some(Shop.STATES, 3)));
        }
        boolean reachable = once(2);
        String states = allow.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + list(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
        String yaml =
                "transition: {field: status, allow: %s%s}".formatted(states, reachable ? ", reachable: true" : "");
        return pair(
                Shop.ORDERS,
                List.of(yaml),
                names("status"),
                (oracle, rule) -> oracle.transition(rule, "status", allow, reachable));
    }

    private Draft increasing() {
        Table table = table();
        Field field = any(table.of(Scalar.INT, Scalar.DECIMAL, Scalar.TEXT, Scalar.DAY));
        if (table.equals(Shop.ORDERS) && once(2)) {
            field = table.field(any("version", Shop.IGNORED));
        }
        String path = field.path();
        boolean strict = once(2);
        List<String> yaml = strict && once(2)
                ? List.of("increasing: {field: %s, strict: when_changed}".formatted(path))
                : strict ? List.of("increasing: " + path, "strict: when_changed") : List.of("increasing: " + path);
        return pair(table, yaml, names(path), (oracle, rule) -> oracle.increasing(rule, path, strict));
    }

    private Draft appendOnly() {
        String path = any("lines", "tags");
        return pair(
                Shop.ORDERS,
                List.of("append_only: " + path),
                names(path),
                (oracle, rule) -> oracle.appendOnly(rule, path));
    }

    private Draft noDelete() {
        Table table = table();
        Sentence unless = once(2) ? Sentences.about(random, Known.own(table)).condition() : null;
        Value value = unless == null ? null : unless.value();
        return new Draft(
                table,
                unless("no_delete", unless),
                Set.of(),
                Known.own(table),
                ((PlainJudge) (oracle, rule) -> oracle.noDelete(rule, value)).measured());
    }

    private Draft noInsert() {
        Table table = table();
        Sentence unless = once(2) ? Sentences.about(random, Known.own(table)).condition() : null;
        Value value = unless == null ? null : unless.value();
        return new Draft(
                table,
                unless("no_insert", unless),
                Set.of(),
                Known.own(table),
                ((PlainJudge) (oracle, rule) -> oracle.noInsert(rule, value)).measured());
    }

    private List<String> unless(String keyword, @Nullable Sentence unless) {
        if (unless == null) {
            return List.of(keyword + ": true");
        }
        return once(2)
                ? List.of(keyword + ": {unless: " + quoted(unless.sql()) + "}")
                : List.of(keyword + ": true", "unless: " + quoted(unless.sql()));
    }

    private Draft frozenWhen() {
        Table table = table();
        Sentence condition = Sentences.about(random, Known.own(table)).condition();
        List<String> except = once(2) ? List.of() : except(table);
        List<String> yaml = new ArrayList<>(List.of("frozen_when: " + quoted(condition.sql())));
        if (!except.isEmpty()) {
            yaml.add("except: " + list(except));
        }
        return pair(
                table,
                yaml,
                allBut(table, except),
                (oracle, rule) -> oracle.frozenWhen(rule, condition.value(), new LinkedHashSet<>(except)));
    }

    private List<String> except(Table table) {
        return some(
                Stream.concat(
                                table.fields().stream().map(Field::path),
                                table.equals(Shop.ORDERS)
                                        ? Stream.of("lines", "tags", "lines[].qty", "lines[].taxes", "contact")
                                        : Stream.of())
                        .toList(),
                5);
    }

    /** The fields at the top that count in a comparison, but these. */
    private static Set<String> allBut(Table table, List<String> except) {
        return Stream.concat(
                        table.roots().stream(), table.equals(Shop.ORDERS) ? Stream.of("lines", "tags") : Stream.of())
                .filter(name -> !except.contains(name) && !(table.equals(Shop.ORDERS) && name.equals(Shop.IGNORED)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Draft silentChange() {
        Table table = table();
        String version = table.equals(Shop.ORDERS) && once(2)
                ? "version"
                : any(table.fields()).path();
        String yaml = once(2) ? "silent_change: " + version : "silent_change: {version: %s}".formatted(version);
        return pair(
                table,
                List.of(yaml),
                allBut(table, List.of(version)),
                (oracle, rule) -> oracle.silentChange(rule, version));
    }

    private Draft assertChange() {
        Table table = table();
        Known before = Known.own("before.", "before", table);
        Known after = Known.own("after.", "after", table);
        Sentence sentence =
                Sentences.about(random, before, after, after, Known.own(table)).condition();
        List<String> yaml = new ArrayList<>(List.of("assert_change: " + quoted(sentence.sql())));
        Value value = sentence.close().within(tolerance(yaml, 5));
        return pair(table, yaml, sentence.names(), (oracle, rule) -> oracle.assertChange(rule, value));
    }

    // ---- several records of a dataset

    private List<String> comparable(Table table, int most) {
        return some(table.fields().stream().map(Field::path).toList(), most);
    }

    private Draft unique() {
        Table table = table();
        List<String> fields = comparable(table, 3);
        return Draft.of(
                table,
                "unique: " + list(fields),
                new LinkedHashSet<>(fields),
                (oracle, rule) -> oracle.unique(rule, fields));
    }

    private Draft depends() {
        Table table = table();
        List<String> from = comparable(table, 2);
        List<String> to = some(
                table.fields().stream()
                        .map(Field::path)
                        .filter(path -> !from.contains(path))
                        .toList(),
                2);
        String blame = any("minority", "minority", "all", "changed");
        String said = blame.equals("minority") && once(2) ? "" : ", blame: " + blame;
        return Draft.of(
                table,
                "depends: {from: %s, to: %s%s}".formatted(list(from), list(to), said),
                Set.of(),
                (oracle, rule) -> oracle.depends(rule, from, to, blame));
    }

    private Draft deny() {
        Table table = table();
        Known a = Known.own("a.", "a", table);
        Known b = Known.own("b.", "b", table);
        String field = any(table.fields()).path();
        Sentence join = equal("a", field, "b", field);
        if (once(3)) {
            join = Sentence.and(
                    join, Sentences.about(random, a, b).thatNeverFail().condition());
        }
        Sentence condition = Sentences.about(random, a, b).condition();
        Value on = join.value();
        return Draft.of(
                table,
                "deny: {pair: [a, b], join: %s, if: %s}".formatted(quoted(join.sql()), quoted(condition.sql())),
                Set.of(),
                (oracle, rule) -> oracle.deny(rule, "a", "b", on, condition.value()));
    }

    private static Sentence equal(String one, String field, String other, String otherField) {
        String left = one.isEmpty() ? field : one + "." + field;
        String right = other.isEmpty() ? otherField : other + "." + otherField;
        return new Sentence(left + " = " + right, Set.of(), scope -> {
            Object a = scope.at(one, field);
            Object b = scope.at(other, otherField);
            return (a == null || b == null) ? null : a.equals(b);
        });
    }

    private Draft metric() {
        Table table = table();
        Aggregate aggregate = aggregate(table);
        List<String> yaml = new ArrayList<>(List.of("metric: " + quoted(aggregate.sql())));
        String low = any("-2", "0", "1", "2.5");
        String high = any("3", "6", "10", "20.5");
        boolean min = once(2);
        boolean max = once(2);
        boolean ratio = once(3) || (!min && !max);
        String least = any("0.5", "0.9", "1");
        String most = any("1", "1.1", "2");
        boolean both = once(2);
        if (min) {
            yaml.add("min: " + low);
        }
        if (max) {
            yaml.add("max: " + high);
        }
        if (ratio) {
            yaml.add("vs_baseline: {min_ratio: %s%s}".formatted(least, both ? ", max_ratio: " + most : ""));
        }
        Bounds bounds = new Bounds(
                min ? new BigDecimal(low) : null,
                max ? new BigDecimal(high) : null,
                ratio ? new BigDecimal(least) : null,
                ratio && both ? new BigDecimal(most) : null);
        return new Draft(
                table,
                yaml,
                Set.of(),
                Known.own(table),
                (oracle, rule) -> oracle.metric(rule, aggregate.value(), bounds));
    }

    private record Aggregate(String sql, Oracle.Aggregate value) {}

    private Aggregate aggregate(Table table) {
        Sentences about = Sentences.about(random, Known.own(table));
        Sentence number = about.number();
        return switch (random.nextInt(8)) {
            case 0 -> new Aggregate("count(*)", items -> BigDecimal.valueOf(items.size()));
            case 1 -> {
                String path = any(table.fields()).path();
                yield new Aggregate(
                        "count(" + path + ")",
                        items -> BigDecimal.valueOf(items.stream()
                                .filter(item -> item.at(path) != null)
                                .count()));
            }
            case 2 -> {
                String path = any(table.fields()).path();
                yield new Aggregate(
                        "count(distinct " + path + ")",
                        items -> BigDecimal.valueOf(items.stream()
                                .map(item -> item.at(path))
                                .filter(Objects::nonNull)
                                .distinct()
                                .count()));
            }
            case 3, 4 -> new Aggregate("sum(" + number.sql() + ")", items -> sum(numbers(number, items)));
            case 5 ->
                new Aggregate(
                        "max(" + number.sql() + ")",
                        items -> numbers(number, items).stream()
                                .max(BigDecimal::compareTo)
                                .orElse(null));
            case 6 -> {
                Sentence condition = about.condition();
                yield new Aggregate(
                        "count_if(" + condition.sql() + ")",
                        items -> BigDecimal.valueOf(items.stream()
                                .filter(item ->
                                        Boolean.TRUE.equals(condition.value().of(Sentence.Scope.of("", item))))
                                .count()));
            }
            default ->
                new Aggregate("max(" + number.sql() + ") - min(" + number.sql() + ")", items -> {
                    List<BigDecimal> all =
                            numbers(number, items).stream().sorted().toList();
                    return all.isEmpty() ? null : all.get(all.size() - 1).subtract(all.get(0));
                });
        };
    }

    private static List<BigDecimal> numbers(Sentence number, List<Item> items) {
        return items.stream()
                .map(item -> (BigDecimal) number.value().of(Sentence.Scope.of("", item)))
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable BigDecimal sum(List<BigDecimal> numbers) {
        return numbers.stream().reduce(BigDecimal::add).orElse(null);
    }

    // ---- several datasets

    /** What may refer to what. */
    private record Link(Table child, List<String> fields, Table parent, List<String> key) {}

    private static final List<Link> LINKS = List.of(
            new Link(Shop.ORDERS, List.of("region", "customer"), Shop.CUSTOMERS, List.of("region", "id")),
            new Link(Shop.ORDERS, List.of("customer"), Shop.CUSTOMERS, List.of("id")),
            new Link(Shop.ORDERS, List.of("parent"), Shop.ORDERS, List.of("id")),
            new Link(Shop.ORDERS, List.of("lines[].sku"), Shop.PRODUCTS, List.of("sku")),
            new Link(Shop.ORDERS, List.of("region", "lines[].sku"), Shop.PRODUCTS, List.of("family", "sku")),
            new Link(Shop.ORDERS, List.of("tags[]"), Shop.PRODUCTS, List.of("sku")),
            new Link(Shop.ORDERS, List.of("lines[].qty"), Shop.CUSTOMERS, List.of("level")),
            new Link(Shop.ORDERS, List.of("note"), Shop.CUSTOMERS, List.of("name")),
            new Link(Shop.ORDERS, List.of("qty"), Shop.CUSTOMERS, List.of("balance")),
            new Link(Shop.PAYMENTS, List.of("order_id"), Shop.ORDERS, List.of("id")),
            new Link(Shop.PAYMENTS, List.of("amount"), Shop.ORDERS, List.of("total")),
            new Link(Shop.PAYMENTS, List.of("customer", "region"), Shop.CUSTOMERS, List.of("id", "region")),
            new Link(Shop.MOVES, List.of("sku"), Shop.PRODUCTS, List.of("sku")),
            new Link(Shop.CUSTOMERS, List.of("name"), Shop.ORDERS, List.of("contact.email")));

    private Draft reference() {
        Link link = any(LINKS);
        String cardinality = any("1", "1", "0..1", "1..n");
        String said = cardinality.equals("1") && once(2) ? "" : ", cardinality: \"" + cardinality + "\"";
        String yaml = "reference: {fields: %s, to: %s, key: %s%s}"
                .formatted(list(link.fields()), link.parent().name(), list(link.key()), said);
        return Draft.of(
                link.child(),
                yaml,
                new LinkedHashSet<>(link.fields()),
                (oracle, rule) ->
                        oracle.reference(rule, link.fields(), link.parent().name(), link.key(), cardinality));
    }

    private Draft join() {
        Table table = any(Shop.ORDERS, Shop.ORDERS, Shop.PAYMENTS);
        List<Known> known = new ArrayList<>(List.of(Known.own(table)));
        List<String> written = new ArrayList<>();
        List<Oracle.Joined> joined = new ArrayList<>();
        for (Joinable one : some(table.equals(Shop.ORDERS) ? TO_ORDERS : TO_PAYMENTS, 2)) {
            Sentence on = one.on();
            if (once(4)) {
                Known other = Known.other(one.alias(), one.table());
                on = Sentence.and(
                        on,
                        Sentences.about(random, other, Known.own(table))
                                .thatNeverFail()
                                .condition());
            }
            written.add("%s: {dataset: %s, on: %s}"
                    .formatted(one.alias(), one.table().name(), quoted(on.sql())));
            joined.add(new Oracle.Joined(one.alias(), one.table().name(), on.value()));
            known.add(Known.other(one.alias(), one.table()));
        }
        if (once(3)
                && table.equals(Shop.ORDERS)
                && joined.size() == 1
                && !joined.get(0).alias().equals("m")) {
            String alias = joined.get(0).alias();
            Sentence on = equal("x", "region", alias, "region");
            written.add("x: {dataset: customers, on: %s}".formatted(quoted(on.sql())));
            joined.add(new Oracle.Joined("x", "customers", on.value()));
            known.add(Known.other("x", Shop.CUSTOMERS));
        }
        Sentence sentence = Sentences.about(random, known.toArray(Known[]::new)).condition();
        List<String> yaml = new ArrayList<>(
                List.of("join: {" + String.join(", ", written) + "}", "assert: " + quoted(sentence.sql())));
        Value value = sentence.close().within(tolerance(yaml, 4));
        return new Draft(
                table,
                yaml,
                sentence.names(),
                Known.own(table),
                ((PlainJudge) (oracle, rule) -> oracle.join(rule, joined, value)).measured());
    }

    private record Joinable(String alias, Table table, Sentence on) {}

    private static final List<Joinable> TO_ORDERS = List.of(
            new Joinable(
                    "c",
                    Shop.CUSTOMERS,
                    Sentence.and(equal("c", "region", "", "region"), equal("c", "id", "", "customer"))),
            new Joinable("d", Shop.CUSTOMERS, equal("", "customer", "d", "id")),
            new Joinable("p", Shop.PAYMENTS, equal("p", "order_id", "", "id")),
            new Joinable("o", Shop.ORDERS, equal("o", "id", "", "parent")));

    private static final List<Joinable> TO_PAYMENTS = List.of(
            new Joinable("o", Shop.ORDERS, equal("o", "id", "", "order_id")),
            new Joinable("q", Shop.PAYMENTS, equal("q", "amount", "", "amount")),
            new Joinable("c", Shop.CUSTOMERS, equal("", "customer", "c", "id")));

    private static final List<Link> SUMS = List.of(
            new Link(Shop.ORDERS, List.of("id"), Shop.PAYMENTS, List.of("order_id")),
            new Link(Shop.ORDERS, List.of("region", "customer"), Shop.PAYMENTS, List.of("region", "customer")),
            new Link(Shop.ORDERS, List.of("region", "customer"), Shop.CUSTOMERS, List.of("region", "id")),
            new Link(Shop.PRODUCTS, List.of("sku"), Shop.MOVES, List.of("sku")),
            new Link(Shop.PRODUCTS, List.of("family"), Shop.ORDERS, List.of("region")),
            new Link(Shop.PAYMENTS, List.of("order_id"), Shop.ORDERS, List.of("id")),
            new Link(Shop.ORDERS, List.of("parent"), Shop.ORDERS, List.of("id")));

    private Draft reconcile() {
        Link link = any(SUMS);
        Sum left = sum(link.child(), link.fields());
        Sum right = sum(link.parent(), link.key());
        List<String> yaml = new ArrayList<>();
        boolean named = once(2);
        List<String> by = named ? link.key() : link.fields();
        yaml.add("reconcile: {by: %s, left: {%s%s}, right: {dataset: %s, %s%s}}"
                .formatted(
                        list(by),
                        left.yaml(),
                        named ? ", key: " + list(link.fields()) : "",
                        link.parent().name(),
                        right.yaml(),
                        named ? "" : ", key: " + list(link.key())));
        Tolerance tolerance = tolerance(yaml, 3);
        return new Draft(
                link.child(),
                yaml,
                Set.of(),
                Known.own(link.child()),
                ((PlainJudge) (oracle, rule) -> oracle.reconcile(rule, left.side(), right.side(), tolerance))
                        .measured());
    }

    private record Sum(String yaml, Side side) {}

    private static final Map<String, String> AMOUNTS = Map.of(
            "orders", "total", "payments", "amount", "customers", "balance", "products", "stock", "moves", "delta");

    private Sum sum(Table table, List<String> key) {
        Sentences about = Sentences.about(random, Known.own(table));
        Sentence amount = once(3)
                ? about.number()
                : Sentences.column(Known.own(table), table.field(Objects.requireNonNull(AMOUNTS.get(table.name()))));
        if (once(3)) {
            amount = new Sentence("coalesce(" + amount.sql() + ", 0)", amount.names(), orZero(amount.value()));
        }
        Sentence where = once(4) ? about.condition() : null;
        String yaml = "sum: " + quoted(amount.sql()) + (where == null ? "" : ", where: " + quoted(where.sql()));
        return new Sum(yaml, new Side(table.name(), where == null ? null : where.value(), key, amount.value()));
    }

    private static Value orZero(Value value) {
        return scope -> {
            Object number = value.of(scope);
            return number == null ? BigDecimal.ZERO : number;
        };
    }

    private Draft explained() {
        Link link = any(
                new Link(Shop.PRODUCTS, List.of("sku"), Shop.MOVES, List.of("sku")),
                new Link(Shop.CUSTOMERS, List.of("id", "region"), Shop.PAYMENTS, List.of("customer", "region")),
                new Link(Shop.ORDERS, List.of("id"), Shop.PAYMENTS, List.of("order_id")),
                new Link(Shop.ORDERS, List.of("parent"), Shop.PAYMENTS, List.of("order_id")));
        String other = link.parent().name();
        String delta = Objects.requireNonNull(AMOUNTS.get(link.child().name()));
        Sentence sum = once(4)
                ? Sentences.about(random, Known.own(link.parent())).number()
                : Sentences.column(
                        Known.own(link.parent()), link.parent().field(Objects.requireNonNull(AMOUNTS.get(other))));
        String on = IntStream.range(0, link.fields().size())
                .mapToObj(i -> once(2)
                        ? other + "." + link.key().get(i) + " = "
                                + link.fields().get(i)
                        : link.fields().get(i) + " = " + other + "."
                                + link.key().get(i))
                .collect(Collectors.joining(" and "));
        BiPredicate<Item, Item> goesWith = (item, by) -> IntStream.range(
                        0, link.fields().size())
                .allMatch(i -> item.at(link.fields().get(i)) != null
                        && Objects.equals(
                                item.at(link.fields().get(i)), by.at(link.key().get(i))));
        BiPredicate<Item, Item> moved =
                (then, now) -> link.fields().stream().anyMatch(field -> !Objects.equals(then.at(field), now.at(field)));
        List<String> yaml = new ArrayList<>();
        yaml.add("explained: {delta: %s, by: {dataset: %s, on: %s, sum: %s}}"
                .formatted(delta, other, quoted(on), quoted(sum.sql())));
        Tolerance tolerance = tolerance(yaml, 3);
        return new Draft(
                link.child(),
                yaml,
                names(delta),
                Known.own(link.child()),
                ((PlainJudge) (oracle, rule) ->
                                oracle.explained(rule, delta, other, goesWith, moved, sum.value(), tolerance))
                        .measured());
    }

    private Draft query() {
        Table table = table();
        String key = String.join(", ", table.key());
        Sentence condition =
                Sentences.about(random, Known.own(table)).thatNeverFail().condition();
        Value value = condition.value();
        Supplier<Draft> plain = () -> queried(
                table,
                "select %s from %s where %s".formatted(key, table.name(), condition.sql()),
                shop -> shop.of(table.name()).stream()
                        .filter(item -> Boolean.TRUE.equals(value.of(Sentence.Scope.of("", item))))
                        .map(Item::key)
                        .toList());
        return switch (random.nextInt(5)) {
            case 0 ->
                queried(
                        Shop.ORDERS,
                        "select id from orders where total > (select avg(amount) * 0 from payments)"
                                + " and id not in (select order_id from payments where order_id is not null)",
                        shop -> shop.of("orders").stream()
                                .filter(item -> shop.of("payments").stream().anyMatch(one -> one.at("amount") != null))
                                .filter(item -> item.at("total") instanceof BigDecimal total && total.signum() > 0)
                                .map(Item::key)
                                .filter(id ->
                                        shop.of("payments").stream().noneMatch(one -> id.equals(one.at("order_id"))))
                                .toList());
            case 1 ->
                queried(
                        Shop.ORDERS,
                        "with paid as (select order_id, count(*) as n from payments group by order_id having count(*) > 1)"
                                + " select order_id as id, n from paid where order_id in (select id from orders)",
                        shop -> shop.of("orders").stream()
                                .map(Item::key)
                                .filter(id -> shop.of("payments").stream()
                                                .filter(one -> id.equals(one.at("order_id")))
                                                .count()
                                        > 1)
                                .toList());
            case 2 ->
                // Names customers that may not be there.
                queried(
                        Shop.CUSTOMERS,
                        "select distinct region, customer as id from orders"
                                + " where region is not null and customer is not null and qty > 3",
                        shop -> shop.of("orders").stream()
                                .filter(item -> item.at("region") != null && item.at("customer") != null)
                                .filter(item -> item.at("qty") instanceof BigDecimal qty
                                        && qty.compareTo(BigDecimal.valueOf(3)) > 0)
                                .map(item -> item.at("region") + "," + Shop.text(item.at("customer")))
                                .toList());
            default -> plain.get();
        };
    }

    private static Draft queried(Table table, String sql, Oracle.Query query) {
        return Draft.of(table, "query: " + quoted(sql), Set.of(), (oracle, rule) -> oracle.query(rule, query));
    }
}
