package dev.lastgood.audit;

import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Differ;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Paths;
import dev.lastgood.record.Value;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Decides what is the matter with one record, from its two images and what the rules say of them. Pure. */
public final class Examiner implements Serializable {
    private static final long serialVersionUID = 1;

    private final Comparison comparison;
    private final Comparison ignored;
    private final List<RuleInfo> rules;

    /** @param ignore paths that are left out where records can only be compared as a whole */
    public Examiner(Comparison comparison, List<FieldPath> ignore, List<RuleInfo> rules) {
        Comparison.Builder left = Comparison.builder();
        ignore.forEach(left::ignore);
        this.comparison = comparison;
        this.ignored = left.build();
        this.rules = List.copyOf(rules);
    }

    /** What a record, or a field of it, is found to be; a record is the worst of its fields. */
    public enum Fault {
        /** No rule objects, which is not proof. */
        CONSISTENT,
        /** Changed, and read by no rule that examined it. */
        UNATTRIBUTED,
        /** At fault in the same rule before and after: look in older snapshots. */
        PRE_EXISTING,
        /** Changed or added, and at fault in a broken rule. */
        CORRUPT;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        Fault worse(Fault other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    /** How a record differs between the two sides. */
    public enum Change {
        ADDED,
        REMOVED,
        CHANGED,
        NONE;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * What the rules say of a record.
     *
     * @param after by the number of the rule, the code of the record after, or of the pair
     * @param before the code of the record before; OUTSIDE for rules about pairs
     * @param elements of rules over array elements those after that are not TRUE, else null
     * @param elementsBefore the same of the record before
     * @param accusations by relations, and only those that still stand
     * @param staged of rules whose records must be {@link CompiledRule#isRecounted counted again} whether the record after was
     *     counted; of the others null
     */
    public record Rulings(
            List<Code> after,
            List<Code> before,
            List<@Nullable List<Element>> elements,
            List<@Nullable List<Element>> elementsBefore,
            List<Accusation> accusations,
            List<@Nullable Boolean> staged) {}

    /** An element of an array, by the indexes that lead to it, and what a rule says of it. */
    public record Element(List<Integer> at, Code code) {}

    /**
     * What a relation says against the record, or an element of it.
     *
     * @param at indexes that lead to the element; null if it is about the record
     * @param detail JSON by path that shows more; null if there is none
     * @param before whether it said the same of the record in the baseline
     */
    public record Accusation(
            int rule,
            Code code,
            @Nullable List<Integer> at,
            @Nullable String detail,
            boolean before) {}

    /**
     * A rule that is broken by the record, in one place of it.
     *
     * @param detail JSON by path that shows more; null if there is none
     * @param accepted whether somebody has accepted it
     */
    public record Finding(
            int rule,
            @Nullable FieldPath path,
            Code code,
            boolean preExisting,
            @Nullable String detail,
            boolean accepted) {}

    /** A field that differs. */
    public record Field(FieldChange change, Fault fault) {}

    /** How many more records a rule has examined, or fewer, than was counted. */
    public record Recount(int rule, int by) {}

    /** What is the matter. */
    public record Examined(
            Change change, Fault fault, List<Field> fields, List<Finding> findings, List<Recount> recounts) {
        public Examined {
            fields = List.copyOf(fields);
            findings = List.copyOf(findings);
            recounts = List.copyOf(recounts);
        }

        /** Whether there is anything to write down. */
        public boolean isNotable() {
            return change != Change.NONE || !findings.isEmpty() || !recounts.isEmpty();
        }
    }

    /**
     * Examines a record; null where there is none.
     *
     * @param key as {@link RuleInfo.AcceptedAt} has it; empty if records have none
     */
    public Examined examine(String key, @Nullable Image before, @Nullable Image after, Rulings judged) {
        List<FieldChange> changes =
                before == null || after == null ? List.of() : Differ.changes(before, after, comparison);
        List<FieldChange> all = before == null || after == null
                ? List.of()
                : Differ.changes(before, after, comparison.ignoringNothing());
        Change change = before == null
                ? Change.ADDED
                : after == null ? Change.REMOVED : changes.isEmpty() ? Change.NONE : Change.CHANGED;
        boolean stayed = before != null && after != null && compared(before).equals(compared(after));
        Rulings rulings = stayed ? unchanged(judged) : judged;
        List<Finding> findings = findings(key, before, after, rulings);
        Set<Integer> excused = allOf(findings, Finding::accepted);
        Set<Integer> old = allOf(findings, Finding::preExisting);
        List<Field> fields = new ArrayList<>();
        for (FieldChange field : changes) {
            fields.add(new Field(field, fault(field.path(), rulings, excused, old)));
        }
        Fault fault = fields.stream().map(Field::fault).reduce(Fault.CONSISTENT, Fault::worse);
        for (Finding finding : findings) {
            fault = fault.worse(fault(finding, change, all));
        }
        if (change == Change.ADDED || change == Change.REMOVED) {
            boolean examined = IntStream.range(0, rules.size())
                    .anyMatch(i ->
                            rulings.after().get(i) == Code.TRUE && !rules.get(i).byField());
            fault = fault.worse(examined ? Fault.CONSISTENT : Fault.UNATTRIBUTED);
        }
        return new Examined(change, fault, fields, findings, recounts(rulings));
    }

    private static List<Recount> recounts(Rulings rulings) {
        List<Recount> recounts = new ArrayList<>();
        for (int i = 0; i < rulings.staged().size(); i++) {
            Boolean counted = rulings.staged().get(i);
            Code code = rulings.after().get(i);
            boolean counts = code == Code.TRUE || code.accuses();
            if (counted != null && counted != counts) {
                recounts.add(new Recount(i, counts ? 1 : -1));
            }
        }
        return recounts;
    }

    /**
     * A record that stayed as it was breaks no rule about how records change. Whether it is looked at here at all depends on
     * the other rules, and what one rule finds must not depend on another.
     */
    private Rulings unchanged(Rulings judged) {
        List<Code> after = new ArrayList<>(judged.after());
        for (int i = 0; i < after.size(); i++) {
            if (rules.get(i).kind() == CompiledRule.Kind.PAIR && after.get(i) != Code.OUTSIDE) {
                after.set(i, Code.TRUE);
            }
        }
        return new Rulings(
                after,
                judged.before(),
                judged.elements(),
                judged.elementsBefore(),
                judged.accusations(),
                judged.staged());
    }

    /** The rules of which all findings are such. */
    private static Set<Integer> allOf(List<Finding> findings, Predicate<Finding> such) {
        Set<Integer> rules = new HashSet<>();
        findings.stream().filter(such).forEach(finding -> rules.add(finding.rule()));
        findings.stream().filter(such.negate()).forEach(finding -> rules.remove(finding.rule()));
        return rules;
    }

    /** A finding on a record that did not change in what the rule blames was there before. */
    private Fault fault(Finding finding, Change change, List<FieldChange> changes) {
        if (finding.accepted()) {
            return Fault.CONSISTENT;
        }
        if (finding.preExisting()) {
            return Fault.PRE_EXISTING;
        }
        boolean onOneSide = change == Change.ADDED || change == Change.REMOVED;
        // What is about a change cannot have been there before it.
        if (onOneSide || rules.get(finding.rule()).acrossTime()) {
            return Fault.CORRUPT;
        }
        List<String> blamed = blamed(finding);
        boolean changed = blamed.isEmpty()
                ? !changes.isEmpty()
                : changes.stream().anyMatch(field -> touches(blamed, field.path()));
        return changed ? Fault.CORRUPT : Fault.PRE_EXISTING;
    }

    private List<String> blamed(Finding finding) {
        RuleInfo rule = rules.get(finding.rule());
        FieldPath path = finding.path();
        return rule.byField() && path != null ? List.of(path.toString()) : rule.footprint();
    }

    private Fault fault(FieldPath path, Rulings rulings, Set<Integer> excused, Set<Integer> old) {
        Fault fault = Fault.UNATTRIBUTED;
        for (int i = 0; i < rules.size(); i++) {
            Code code = rulings.after().get(i);
            if (code == Code.OUTSIDE || code == Code.ERROR || !touches(blamed(i, rulings), path)) {
                continue;
            }
            if (code == Code.TRUE || excused.contains(i)) {
                fault = fault == Fault.UNATTRIBUTED ? Fault.CONSISTENT : fault;
            } else {
                Fault found = old.contains(i) ? Fault.PRE_EXISTING : Fault.CORRUPT;
                fault = fault == Fault.UNATTRIBUTED ? found : fault.worse(found);
            }
        }
        return fault;
    }

    /** That a value fits its type says nothing of whether it is right. */
    private List<String> blamed(int rule, Rulings rulings) {
        List<String> footprint = rules.get(rule).footprint();
        List<Element> fields = rulings.elements().get(rule);
        if (!rules.get(rule).byField()) {
            return footprint;
        }
        return fields == null
                ? List.of()
                : fields.stream().map(field -> footprint.get(field.at().get(0))).toList();
    }

    private static boolean touches(List<String> footprint, FieldPath path) {
        FieldPath schema = Paths.schema(path);
        return footprint.stream().anyMatch(blamed -> Paths.touch(FieldPath.valueOf(blamed), schema));
    }

    List<Finding> findings(String key, @Nullable Image before, @Nullable Image after, Rulings rulings) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            Code code = rulings.after().get(i);
            if (code.accuses() || code == Code.ERROR) {
                findings.addAll(findings(i, code, before, after, rulings));
            }
        }
        return findings.stream()
                .map(finding -> isAccepted(finding, key) ? accepted(finding) : finding)
                .toList();
    }

    private List<Finding> findings(
            int rule, Code code, @Nullable Image before, @Nullable Image after, Rulings rulings) {
        RuleInfo info = rules.get(rule);
        boolean known = rulings.before().get(rule).accuses();
        // What cannot be evaluated says nothing of what was there.
        boolean preExisting = known && code.accuses();
        List<Accusation> accusations =
                rulings.accusations().stream().filter(one -> one.rule() == rule).toList();
        if (!accusations.isEmpty()) {
            return accusations.stream()
                    .map(one -> finding(
                            rule,
                            element(info, one.at()),
                            one.code(),
                            one.before() || (known && one.code().accuses()),
                            one.detail()))
                    .toList();
        }
        List<String> fields = blamed(rule, rulings);
        if (info.byField() && !fields.isEmpty()) {
            Set<String> then = known(info, rulings.elementsBefore().get(rule));
            return fields.stream()
                    .map(field ->
                            finding(rule, FieldPath.valueOf(field), code, preExisting && then.contains(field), null))
                    .toList();
        }
        List<Element> elements = rulings.elements().get(rule);
        if (info.array() == null || elements == null || elements.isEmpty()) {
            return List.of(finding(rule, place(info), code, preExisting, null));
        }
        List<Value> old = known(info, before, rulings.elementsBefore().get(rule));
        return elements.stream()
                .map(element -> finding(
                        rule,
                        element(info, element.at()),
                        element.code(),
                        // Elements move: what counts is that one like this was at fault before.
                        element.code().accuses() && old.remove(whole(info, after, element)),
                        null))
                .toList();
    }

    private static Finding finding(
            int rule, @Nullable FieldPath path, Code code, boolean preExisting, @Nullable String detail) {
        return new Finding(rule, path, code, preExisting, detail, false);
    }

    /** The fields that were at fault before, of a rule by field. */
    private static Set<String> known(RuleInfo rule, @Nullable List<Element> fields) {
        Set<String> known = new HashSet<>();
        if (fields != null) {
            fields.forEach(field -> known.add(rule.footprint().get(field.at().get(0))));
        }
        return known;
    }

    /** The elements that were at fault before. */
    private static List<Value> known(RuleInfo rule, @Nullable Image before, @Nullable List<Element> elements) {
        List<Value> known = new ArrayList<>();
        if (before != null && elements != null) {
            elements.stream()
                    .filter(element -> element.code().accuses())
                    .forEach(element -> known.add(whole(rule, before, element)));
        }
        return known;
    }

    private static Value whole(RuleInfo rule, @Nullable Image image, Element element) {
        FieldPath path = within(Objects.requireNonNull(rule.array()), element.at());
        Value value = image == null ? null : Patch.at(image, path).value();
        return value == null ? Value.NULL : value;
    }

    private boolean isAccepted(Finding finding, String key) {
        String path = finding.path() == null ? null : finding.path().toString();
        return rules.get(finding.rule()).accepted().stream()
                .anyMatch(one -> one.key().equals(key)
                        && (one.path() == null || one.path().equals(path)));
    }

    private static Finding accepted(Finding finding) {
        return new Finding(
                finding.rule(), finding.path(), finding.code(), finding.preExisting(), finding.detail(), true);
    }

    private static @Nullable FieldPath place(RuleInfo rule) {
        return rule.kind() == CompiledRule.Kind.RELATION
                        || rule.byField()
                        || rule.footprint().size() != 1
                ? null
                : FieldPath.valueOf(rule.footprint().get(0));
    }

    /** {@code lines[7].amount} if the rule blames one field of the element, else {@code lines[7]}. */
    private static @Nullable FieldPath element(RuleInfo rule, @Nullable List<Integer> at) {
        String array = rule.array();
        if (array == null || at == null) {
            return place(rule);
        }
        FieldPath element = within(array, at);
        boolean whole = FieldPath.valueOf(array).steps().stream()
                        .filter(Step.Each.class::isInstance)
                        .count()
                == at.size();
        String each = array + ".";
        List<String> inside =
                rule.footprint().stream().filter(path -> path.startsWith(each)).toList();
        return whole && inside.size() == 1
                ? element.resolve(FieldPath.valueOf(inside.get(0).substring(each.length())))
                : element;
    }

    /** The path of every element as that of one; where there are fewer indexes, of the inner array that is missing. */
    private static FieldPath within(String array, List<Integer> at) {
        List<Step> steps = new ArrayList<>();
        int index = 0;
        for (Step step : FieldPath.valueOf(array).steps()) {
            if (!(step instanceof Step.Each)) {
                steps.add(step);
            } else if (index == at.size()) {
                break;
            } else {
                steps.add(new Step.Index(at.get(index++)));
            }
        }
        return new FieldPath(steps);
    }

    /** The values a finding shows: the one at its path, or those of the whole footprint by path. Absent is left out. */
    public @Nullable Value shown(Finding finding, @Nullable Image image) {
        if (image == null) {
            return null;
        }
        FieldPath path = finding.path();
        if (path != null && !path.toString().contains("[]")) {
            return Patch.at(image, path).value();
        }
        Map<String, Value> values = new TreeMap<>();
        for (String blamed : rules.get(finding.rule()).footprint()) {
            FieldPath field = FieldPath.valueOf(blamed);
            Value value = blamed.contains("[]")
                    ? image.field(field.root())
                    : Patch.at(image, field).value();
            if (value != null) {
                values.put(blamed.contains("[]") ? field.root() : blamed, value);
            }
        }
        return values.isEmpty() ? null : Value.Obj.of(values);
    }

    /** The record without what is ignored. */
    Image compared(Image image) {
        return ignored.equals(Comparison.EXACT) ? image : new Image(ignored.exactPart(image.object()));
    }

    public List<RuleInfo> rules() {
        return rules;
    }
}
