package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Differ;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a planner has found out about one candidate so far. */
final class Case {
    final Candidate candidate;
    final Policy policy;
    /** The accusing rules that may be acted on. */
    final List<RuleFacts> accusing;
    /** Where good and bad image differ, except in fields that are the machinery's own; empty if one is absent. */
    final List<FieldChange> units;

    final Map<String, Ruling> onGood;
    final Map<String, Ruling> onBad;
    final Map<String, Ruling> onLive;

    Damage damage = Damage.NONE;

    /** What may be overwritten beyond the bad image, because a person has decided so. */
    private @Nullable Image overruled;

    Case(
            Candidate candidate,
            Policy policy,
            List<RuleFacts> accusing,
            Map<String, Ruling> onGood,
            Map<String, Ruling> onBad,
            Map<String, Ruling> onLive) {
        this.candidate = candidate;
        this.policy = policy;
        this.accusing = List.copyOf(accusing);
        this.onGood = onGood;
        this.onBad = onBad;
        this.onLive = onLive;
        this.units = units();
    }

    private List<FieldChange> units() {
        Image good = good();
        Image bad = bad();
        if (good == null || bad == null) {
            return List.of();
        }
        return Differ.units(good, bad, policy.comparison().ignoringNothing()).stream()
                .filter(change -> !policy.isOwn(change.path()))
                .toList();
    }

    @Nullable
    Image good() {
        return candidate.history().goodImage();
    }

    @Nullable
    Image bad() {
        return candidate.history().bad();
    }

    /** A later legitimate value of a place than the good image's; of null, of any place of the record. The latest counts. */
    Optional<History.Later> later(@Nullable FieldPath place) {
        Image good = good();
        return good == null
                ? Optional.empty()
                : candidate.history().later().stream()
                        .filter(later ->
                                place == null || Patch.at(later.image(), place).reachable())
                        .findFirst()
                        .filter(later ->
                                place == null ? isOther(good, later.image()) : isOther(good, later.image(), place));
    }

    private boolean isOther(Image good, Image later) {
        return Differ.units(good, later, policy.comparison()).stream().anyMatch(change -> !policy.isOwn(change.path()));
    }

    /** What the damage left is no later value, whenever it was seen. */
    private boolean isOther(Image good, Image later, FieldPath place) {
        Comparison values = policy.comparison().ignoringNothing();
        Patch.Spot then = Patch.at(later, place);
        Image bad = bad();
        return !values.same(place, then.value(), Patch.at(good, place).value())
                && (bad == null
                        || !values.same(
                                place, then.value(), Patch.at(bad, place).value()));
    }

    /** What may be overwritten: what the damage left, or what a person has decided about. */
    @Nullable
    Image toOverwrite() {
        return overruled == null ? bad() : overruled;
    }

    void overrule(@Nullable Image image) {
        overruled = image;
    }

    @Nullable
    Image live() {
        return candidate.live().image();
    }

    /** A counter that moved by one between two images moved by the damaging write, so nothing else was written. */
    boolean isProved() {
        FieldPath version = policy.version();
        Image good = good();
        Image bad = bad();
        return version != null
                && good != null
                && bad != null
                && isNext(
                        Patch.at(good, version).value(), Patch.at(bad, version).value());
    }

    private static boolean isNext(@Nullable Value from, @Nullable Value to) {
        BigDecimal first = number(from);
        BigDecimal second = number(to);
        return first != null && second != null && second.subtract(first).compareTo(BigDecimal.ONE) == 0;
    }

    /** Files hold counters as texts. */
    private static @Nullable BigDecimal number(@Nullable Value value) {
        if (value instanceof Value.Text text && text.value().matches("-?\\d{1,18}")) {
            return new BigDecimal(text.value());
        }
        return value instanceof Value.Num number ? number.value() : null;
    }

    boolean isNamedWhole() {
        return candidate.named() instanceof Candidate.Named.Whole;
    }

    boolean isNamed() {
        return !(candidate.named() instanceof Candidate.Named.Nobody);
    }

    /** The accusing rules that the bad image breaks: relational ones are taken at the audit's word. */
    List<RuleFacts> broken() {
        return accusing.stream()
                .filter(rule -> {
                    Ruling ruling = onBad.get(rule.id());
                    return ruling == null || !ruling.isFine();
                })
                .toList();
    }

    /** Of those, the ones a judge can say more about. */
    List<RuleFacts> brokenLocal() {
        return broken().stream()
                .filter(rule -> rule.scope() == RuleFacts.Scope.LOCAL && onBad.containsKey(rule.id()))
                .toList();
    }

    /** What is at fault in the record as a whole. */
    Merge.Fault fault() {
        boolean absence = isNamedWhole() || broken().stream().anyMatch(this::accusesAbsence);
        boolean existence = candidate.named().equals(Candidate.Named.WHOLE_OR_GONE)
                || broken().stream().anyMatch(rule -> rule.accuses() == RuleFacts.Accuses.EXISTENCE);
        if (bad() == null) {
            return absence ? Merge.Fault.ABSENCE : Merge.Fault.NOTHING;
        }
        // That a record is not in a capture says nothing if no capture is old enough to hold it.
        if (good() == null && existence && candidate.history().good() != null) {
            return Merge.Fault.EXISTENCE;
        }
        if (good() == null
                && isNamedWhole()
                && broken().isEmpty()
                && candidate.history().good() != null) {
            return Merge.Fault.NOTHING;
        }
        return broken().isEmpty() && !isNamed() && damage.places().isEmpty() ? Merge.Fault.NOTHING : Merge.Fault.VALUES;
    }

    private boolean accusesAbsence(RuleFacts rule) {
        return rule.accuses() == RuleFacts.Accuses.ABSENCE || rule.parent().equals(candidate.dataset());
    }

    /** Whether every rule that accused it passes on live, and nothing but rules accused it. */
    boolean isHealed() {
        return live() != null
                && bad() != null
                && good() != null
                && !isNamed()
                && !accusing.isEmpty()
                && accusing.stream().allMatch(rule -> onLive.get(rule.id()) == Ruling.PASS);
    }

    /** Why it is to be restored, for people and the journal. */
    List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        broken().forEach(rule -> reasons.add(rule.id()));
        if (damage.byPattern()) {
            reasons.add(Step.PATTERN);
        }
        if (isNamed()) {
            reasons.add(Step.NAMED);
        }
        if (overruled != null) {
            reasons.add(Step.DECIDED);
        }
        return reasons.stream().distinct().sorted().toList();
    }

    /** Places that changed and that nothing accuses. */
    List<FieldChange> unattributed() {
        return units.stream()
                .filter(unit -> !damage.places().contains(unit.path()))
                .toList();
    }

    @Override
    public String toString() {
        return candidate.dataset() + ", " + candidate.key();
    }

    /**
     * The places of a record that are at fault.
     *
     * @param undecided why the rules do not say which places those are; null if they do
     */
    record Damage(
            Set<FieldPath> places,
            boolean byPattern,
            @Nullable String undecided) {
        static final Damage NONE = new Damage(Set.of(), false, null);

        Damage {
            places = java.util.Collections.unmodifiableSet(new TreeSet<>(places));
        }

        Damage plus(Set<FieldPath> more) {
            Set<FieldPath> all = new TreeSet<>(places);
            all.addAll(more);
            return new Damage(all, byPattern, undecided);
        }

        static Damage unknown(String why) {
            return new Damage(Set.of(), false, Objects.requireNonNull(why));
        }
    }
}
