package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Differ;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Paths;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which of the places that changed between the good and the bad image are at fault. Changed is not enough: captures are
 * hours apart, and legitimate writes lie between. A place is at fault if (a) a rule about that field alone is broken,
 * (b) it changed the way the incident changes things, (c) it belongs to the one smallest set of declared fields that,
 * put back, satisfies every broken rule, or (d) a person named it.
 *
 * <p>Two of these say what is at fault only if nothing but the damage was written between the images, which a version
 * counter can prove. A rule about how a field may move ({@code transition}, {@code increasing}) is broken as well by what a
 * legitimate writer made of the damaged value: SHIPPED was set back to NEW, and somebody then paid it. And where several
 * declared fields have changed, one of them may have changed rightly before the damage: an {@code end >= start} whose two
 * fields were moved before the bug broke the one is satisfied by the old value of the other.
 *
 * <p>Rules see values, not writers. Somebody may have worked on with the damaged value before it was captured: a balance lost
 * its sign, and then a refund was added. The value still breaks the rule, and is not the bug's any more. So where a version
 * counter says that more than the damage was written between the images, a place is at fault by a rule only if it holds the
 * value that most accused records hold there: what a bug stamps everywhere, nobody arrives at by chance.
 */
final class DamagedFields {
    /** 2¹⁰ sets at most are tried for one record. */
    private static final int MOST_OPEN_PLACES = 10;

    private final Judge judge;
    private final ChangePattern pattern;

    DamagedFields(Judge judge, ChangePattern pattern) {
        this.judge = judge;
        this.pattern = pattern;
    }

    /** Sets the damage of each case. All are of one dataset. */
    void decide(String dataset, List<Case> cases) {
        learnStamps(cases);
        cases.forEach(one -> one.damage = certain(one));
        search(dataset, cases.stream().map(this::amongElements).toList());
        search(dataset, cases.stream().map(this::amongDeclared).toList());
    }

    private void search(String dataset, List<Search> all) {
        List<Search> searches = new ArrayList<>();
        for (Search search : all) {
            if (search.open.size() > MOST_OPEN_PLACES && search.isNeeded()) {
                search.one.damage = Case.Damage.unknown(
                        "%d changed fields could be the damaged ones; at most %d are tried"
                                .formatted(search.open.size(), MOST_OPEN_PLACES));
            } else if (search.isNeeded()) {
                searches.add(search);
            }
        }
        for (int size = 0; !searches.isEmpty(); size++) {
            searches = narrowed(dataset, searches, size);
        }
    }

    /** The value that most accused records of the dataset hold at a schema path, where there is one. */
    private final Map<FieldPath, Value> stamps = new HashMap<>();

    private static final int FEWEST_STAMPED = 5;

    private void learnStamps(List<Case> cases) {
        stamps.clear();
        Map<FieldPath, Map<Value, Integer>> held = new HashMap<>();
        for (Case one : cases) {
            for (FieldChange unit : one.units) {
                if (unit.after() != null && isBlamed(one, unit)) {
                    held.computeIfAbsent(Paths.schema(unit.path()), path -> new HashMap<>())
                            .merge(unit.after(), 1, Integer::sum);
                }
            }
        }
        held.forEach((path, values) -> {
            int all = values.values().stream().mapToInt(Integer::intValue).sum();
            values.forEach((value, count) -> {
                if (count >= FEWEST_STAMPED && 2 * count > all) {
                    stamps.put(path, value);
                }
            });
        });
    }

    private static boolean isBlamed(Case one, FieldChange unit) {
        return one.broken().stream()
                .filter(rule -> rule.accuses() == RuleFacts.Accuses.VALUES)
                .flatMap(rule -> Stream.concat(rule.alone().stream(), rule.declared().stream()))
                .anyMatch(field -> Paths.touch(field, Paths.schema(unit.path())));
    }

    private boolean isStamped(FieldChange unit) {
        Value stamp = stamps.get(Paths.schema(unit.path()));
        return stamp != null && stamp.equals(unit.after());
    }

    /** Whether it is the damage that wrote the bad value, and not somebody who worked on with it. */
    private boolean isOfTheDamage(Case one, FieldChange unit) {
        return one.policy.version() == null || one.isProved() || isStamped(unit);
    }

    /** By (a), (b) and (d). */
    private Case.Damage certain(Case one) {
        Set<FieldPath> places = new TreeSet<>();
        boolean byPattern = false;
        for (FieldChange unit : one.units) {
            boolean matches = pattern.matches(
                    one.candidate.dataset(),
                    one.candidate.key(),
                    Paths.schema(unit.path()),
                    unit.before(),
                    unit.after());
            byPattern |= matches;
            if (matches || isNamed(one, unit)) {
                places.add(unit.path());
            }
        }
        for (RuleFacts rule : valueRules(one)) {
            List<FieldChange> accused = accusedAlone(one, rule);
            if (!isAmbiguous(one, rule, accused)) {
                accused.forEach(unit -> places.add(unit.path()));
            }
        }
        return new Case.Damage(places, byPattern, null);
    }

    private static boolean isNamed(Case one, FieldChange unit) {
        if (one.candidate.named() instanceof Candidate.Named.Fields fields) {
            return confined(unit)
                    .allMatch(place -> fields.paths().stream().anyMatch(field -> Paths.covers(field, place)));
        }
        // Whoever names a whole record does not mean what is declared not to matter.
        return one.isNamedWhole() && !one.policy.comparison().ignores(unit.path());
    }

    /** The broken rules about values. */
    private static List<RuleFacts> valueRules(Case one) {
        return one.broken().stream()
                .filter(rule -> rule.accuses() == RuleFacts.Accuses.VALUES)
                .toList();
    }

    /** The places of fields that the rule is about by themselves. */
    private List<FieldChange> accusedAlone(Case one, RuleFacts rule) {
        return one.units.stream()
                .filter(unit -> rule.aboutMoves() ? one.isProved() || isStamped(unit) : isOfTheDamage(one, unit))
                .filter(unit -> rule.alone().stream().anyMatch(field -> isAbout(unit, field, one, rule)))
                .toList();
    }

    /** Whether a rule about every element is broken, several elements have changed, and no finding says which is wrong. */
    private static boolean isAmbiguous(Case one, RuleFacts rule, List<FieldChange> accused) {
        boolean pinned = one.candidate.accusations().stream()
                .filter(accusation -> accusation.rule().equals(rule.id()))
                .allMatch(accusation -> accusation.place() != null);
        boolean ofElements = rule.alone().stream().anyMatch(field -> !field.isPlain());
        return ofElements && !pinned && accused.size() > 1 && one.brokenLocal().contains(rule);
    }

    /** For rules about every element: which of those that changed are wrong. Each is judged by its own value. */
    private Search amongElements(Case one) {
        Set<FieldChange> open = new LinkedHashSet<>();
        List<String> rules = new ArrayList<>();
        for (RuleFacts rule : valueRules(one)) {
            List<FieldChange> accused = accusedAlone(one, rule);
            if (isAmbiguous(one, rule, accused)) {
                rules.add(rule.id());
                accused.stream()
                        .filter(unit -> !one.damage.places().contains(unit.path()))
                        .forEach(open::add);
            }
        }
        return new Search(one, List.copyOf(open), rules, Set.of(), List.of());
    }

    /** By (c). */
    private Search amongDeclared(Case one) {
        List<RuleFacts> broken = one.brokenLocal().stream()
                .filter(rule -> rule.accuses() == RuleFacts.Accuses.VALUES)
                .toList();
        List<FieldChange> declared = one.units.stream()
                .filter(unit -> broken.stream().anyMatch(rule -> isDeclared(one, rule, unit)))
                .toList();
        List<FieldChange> open = declared.stream()
                .filter(unit -> !one.damage.places().contains(unit.path()))
                .filter(unit -> isOfTheDamage(one, unit))
                .toList();
        List<String> moves =
                broken.stream().filter(RuleFacts::aboutMoves).map(RuleFacts::id).toList();
        return new Search(one, open, broken.stream().map(RuleFacts::id).toList(), Set.copyOf(moves), declared);
    }

    private static boolean isDeclared(Case one, RuleFacts rule, FieldChange unit) {
        return rule.declared().stream()
                .anyMatch(field ->
                        confined(unit).allMatch(place -> Paths.covers(field, place) && isAccused(one, rule, place)));
    }

    private static boolean isAbout(FieldChange unit, FieldPath field, Case one, RuleFacts rule) {
        return confined(unit).allMatch(place -> Paths.covers(field, place) && isAccused(one, rule, place));
    }

    /**
     * The places within a unit that changed. An array that is put back as one must not take along changes in it that
     * nothing accuses.
     */
    private static Stream<FieldPath> confined(FieldChange unit) {
        if (!(unit.before() instanceof Value.Array before) || !(unit.after() instanceof Value.Array after)) {
            return Stream.of(unit.path());
        }
        Image a = Image.of(Map.of("array", before));
        Image b = Image.of(Map.of("array", after));
        return Differ.changes(a, b, Comparison.EXACT).stream()
                .map(change -> change.path().steps())
                .map(steps -> {
                    FieldPath place = unit.path();
                    for (var step : steps.subList(1, steps.size())) {
                        place = place.plus(step);
                    }
                    return place;
                });
    }

    /** Whether a finding of the rule is about this place: in its element, or in no one place. */
    private static boolean isAccused(Case one, RuleFacts rule, FieldPath place) {
        return one.candidate.accusations().stream()
                .filter(accusation -> accusation.rule().equals(rule.id()))
                .anyMatch(accusation -> accusation.place() == null || Paths.touch(accusation.place(), place));
    }

    /** The search for the one smallest set of places in one record that, put back, satisfies the rules. */
    private static final class Search {
        final Case one;
        /** What may be chosen. */
        final List<FieldChange> open;
        /** What must be satisfied. */
        final List<String> rules;
        /** Those of them that are about moves. */
        final Set<String> moves;
        /** Changed fields that broken rules couple. */
        final List<FieldChange> coupled;

        Search(Case one, List<FieldChange> open, List<String> rules, Set<String> moves, List<FieldChange> coupled) {
            this.one = one;
            this.open = open;
            this.rules = rules;
            this.moves = moves;
            this.coupled = coupled;
        }

        boolean isNeeded() {
            return !rules.isEmpty() && one.good() != null && one.bad() != null && one.damage.undecided() == null;
        }

        /** Whether a set that satisfies the rules may still hold a value that was rightly changed. */
        private boolean needsProof() {
            return (coupled.size() > 1 || !moves.isEmpty()) && !one.isProved();
        }

        /** The bad image with the certain damage and these places put back. */
        Image repaired(Collection<FieldChange> places) {
            Stream<FieldChange> certain =
                    one.units.stream().filter(unit -> one.damage.places().contains(unit.path()));
            return Patch.lay(
                    Objects.requireNonNull(one.bad()),
                    Stream.concat(certain, places.stream())
                            .map(FieldChange::inverse)
                            .toList(),
                    Objects.requireNonNull(one.good()));
        }

        /** Takes note of the sets of one size that satisfy the rules; false if larger ones must be tried. */
        boolean isSettledBy(List<List<FieldChange>> sufficient, int size) {
            if (sufficient.isEmpty() && size < open.size() && !needsProof()) {
                return false;
            }
            if (sufficient.size() == 1 && (size == 0 || !needsProof())) {
                one.damage = one.damage.plus(Set.copyOf(
                        sufficient.get(0).stream().map(FieldChange::path).toList()));
            } else if (needsProof() && !open.isEmpty()) {
                one.damage = Case.Damage.unknown(
                        "%d fields that the rules %s declare have changed, and other writes may lie between the images"
                                .formatted(Math.max(1, coupled.size()), rules));
            } else if (sufficient.size() > 1) {
                one.damage = Case.Damage.unknown("%d equally small sets of fields would satisfy the rules %s"
                        .formatted(sufficient.size(), rules));
            } else {
                one.damage =
                        Case.Damage.unknown("the good values of no set of declared fields satisfy the rules " + rules);
            }
            return true;
        }

        boolean satisfies(Map<String, Ruling> rulings) {
            return rules.stream()
                    .allMatch(rule -> Optional.ofNullable(rulings.get(rule))
                            .map(Ruling::isFine)
                            .orElse(false));
        }
    }

    /** Tries all sets of one size in all records with one question to the judge; what is still open comes back. */
    private List<Search> narrowed(String dataset, List<Search> searches, int size) {
        List<List<List<FieldChange>>> attempts =
                searches.stream().map(search -> subsets(search.open, size)).toList();
        List<Judge.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < searches.size(); i++) {
            Search search = searches.get(i);
            attempts.get(i).forEach(places -> pairs.add(new Judge.Pair(search.one.good(), search.repaired(places))));
        }
        Iterator<Map<String, Ruling>> rulings = judge.judge(dataset, pairs).iterator();
        List<Search> open = new ArrayList<>();
        for (int i = 0; i < searches.size(); i++) {
            Search search = searches.get(i);
            List<List<FieldChange>> sufficient = attempts.get(i).stream()
                    .filter(places -> search.satisfies(rulings.next()))
                    .toList();
            if (!search.isSettledBy(sufficient, size)) {
                open.add(search);
            }
        }
        return open;
    }

    private static List<List<FieldChange>> subsets(List<FieldChange> places, int size) {
        List<List<FieldChange>> subsets = new ArrayList<>();
        for (int bits = 0; bits < 1 << places.size(); bits++) {
            if (Integer.bitCount(bits) == size) {
                List<FieldChange> subset = new ArrayList<>();
                for (int i = 0; i < places.size(); i++) {
                    if ((bits & 1 << i) != 0) {
                        subset.add(places.get(i));
                    }
                }
                subsets.add(subset);
            }
        }
        return subsets;
    }
}
