package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Paths;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Three-way merge with the bad image as base: undoes the change from good to bad and keeps every other one, as {@code git
 * revert} does. Live is overwritten only where it still is what the damage left. Pure.
 */
final class Merge {
    private Merge() {}

    /** What is at fault in a record: that it is not there, that it is there, or values of it. */
    enum Fault {
        ABSENCE,
        EXISTENCE,
        VALUES,
        NOTHING
    }

    /** Whether a later legitimate value than the good image's is known of a place, or, of null, of any in the record. */
    interface Later {
        boolean isKnown(@Nullable FieldPath place);

        Later NOTHING = place -> false;
    }

    /** The three images; null means that there was, or is, no record. */
    record Images(
            @Nullable Image good,
            @Nullable Image bad,
            @Nullable Image live) {}

    sealed interface Result {
        /** Live stays as it is, and nothing is wrong with that. */
        record Keep(Why why) implements Result {}

        /** Live is written; places in conflict are kept. */
        record Write(Action action, List<FieldChange> fields, List<Clash> clashes) implements Result {}

        /** Live stays as it is, though something is wrong with it. */
        record Clashed(List<Clash> clashes) implements Result {}

        /** There is nothing to put back. */
        record NoGoodImage() implements Result {}
    }

    enum Why {
        NOT_ACCUSED,
        HEALED,
        GONE
    }

    /** What keeps the record, or a place of it, from being put back. */
    record Clash(Conflict.Type type, @Nullable FieldPath path, String explanation) {
        static Clash of(Conflict.Type type) {
            return new Clash(type, null, type.meaning());
        }

        static Clash of(Conflict.Type type, FieldPath path) {
            return new Clash(type, path, type.meaning());
        }
    }

    /**
     * Merges.
     *
     * @param damaged places in which the bad image differs from the good one and is at fault, as {@link
     *     dev.lastgood.record.Differ#units} gives them
     * @param later where a later legitimate value is known
     */
    static Result merge(
            Images images, Fault fault, Collection<FieldPath> damaged, Coupling coupling, Later later, Policy policy) {
        Comparison comparison = policy.comparison();
        Image good = images.good();
        Image bad = images.bad();
        Image live = images.live();
        if (good == null && bad == null) {
            return new Result.Keep(Why.NOT_ACCUSED);
        }
        if (good == null) {
            return spurious(Objects.requireNonNull(bad), live, fault, comparison);
        }
        if (bad == null) {
            return vanished(good, live, fault, later, comparison);
        }
        if (live == null) {
            return fault == Fault.NOTHING || damaged.isEmpty()
                    ? new Result.Keep(Why.NOT_ACCUSED)
                    : clashed(Conflict.Type.LATER_DELETE);
        }
        return fields(good, bad, live, damaged, coupling, later, policy.manner());
    }

    private static Result vanished(Image good, @Nullable Image live, Fault fault, Later later, Comparison comparison) {
        if (fault != Fault.ABSENCE) {
            return new Result.Keep(Why.NOT_ACCUSED);
        }
        if (live != null) {
            return comparison.same(good, live) ? new Result.Keep(Why.HEALED) : clashed(Conflict.Type.RECREATED);
        }
        return later.isKnown(null)
                ? clashed(Conflict.Type.STALE_GOOD)
                : new Result.Write(Action.INSERT, wholly(null, good), List.of());
    }

    private static Result spurious(Image bad, @Nullable Image live, Fault fault, Comparison comparison) {
        if (fault != Fault.EXISTENCE) {
            return fault == Fault.NOTHING ? new Result.Keep(Why.NOT_ACCUSED) : new Result.NoGoodImage();
        }
        if (live == null) {
            return new Result.Keep(Why.GONE);
        }
        return comparison.same(bad, live)
                ? new Result.Write(Action.DELETE, wholly(live, null), List.of())
                : clashed(Conflict.Type.SPURIOUS_EDITED);
    }

    private static Result clashed(Conflict.Type type) {
        return new Result.Clashed(List.of(Clash.of(type)));
    }

    /** All top-level fields, appearing or vanishing. */
    static List<FieldChange> wholly(@Nullable Image before, @Nullable Image after) {
        Image record = Objects.requireNonNull(before == null ? after : before);
        return record.fields().entrySet().stream()
                .map(field -> new FieldChange(
                        FieldPath.of(field.getKey()),
                        before == null ? null : field.getValue(),
                        after == null ? null : field.getValue()))
                .toList();
    }

    private static Result fields(
            Image good,
            Image bad,
            Image live,
            Collection<FieldPath> damaged,
            Coupling coupling,
            Later later,
            Manner manner) {
        List<FieldChange> restored = new ArrayList<>();
        List<Clash> clashes = new ArrayList<>();
        boolean healed = false;
        for (FieldPath place : damaged.stream().sorted().toList()) {
            switch (place(good, bad, live, place, manner)) {
                case UNTOUCHED -> {}
                case HEALED -> healed = true;
                case LATER_WRITE -> clashes.add(Clash.of(Conflict.Type.LATER_WRITE, place));
                case GREATER -> clashes.add(new Clash(Conflict.Type.UNSAFE_MERGE, place, GREATER));
                case RESTORE -> {
                    if (later.isKnown(place)) {
                        clashes.add(Clash.of(Conflict.Type.STALE_GOOD, place));
                    } else {
                        restored.add(new FieldChange(
                                place,
                                Patch.at(live, place).value(),
                                Patch.at(good, place).value()));
                    }
                }
            }
        }
        hold(coupling, restored, clashes);
        if (!restored.isEmpty()) {
            return new Result.Write(Action.UPDATE, restored, clashes);
        }
        return clashes.isEmpty() ? new Result.Keep(healed ? Why.HEALED : Why.NOT_ACCUSED) : new Result.Clashed(clashes);
    }

    private static void hold(Coupling coupling, List<FieldChange> restored, List<Clash> clashes) {
        Set<FieldPath> blocked = new HashSet<>();
        clashes.forEach(clash -> blocked.add(Objects.requireNonNull(clash.path())));
        Set<FieldPath> held = coupling.heldBackBy(blocked);
        List<FieldChange> kept =
                restored.stream().filter(change -> held.contains(change.path())).toList();
        kept.forEach(change -> clashes.add(new Clash(
                Conflict.Type.LATER_WRITE, change.path(), "a field that a rule couples with it cannot be put back")));
        restored.removeAll(kept);
    }

    /** What becomes of one damaged place. */
    enum Fate {
        UNTOUCHED,
        HEALED,
        RESTORE,
        LATER_WRITE,
        /** It only grows, and the damage has made it greater than the good image has it. */
        GREATER
    }

    /**
     * How places are compared and merged.
     *
     * @param monotonic places, and all below them, whose values only grow
     */
    record Manner(Comparison comparison, List<FieldPath> monotonic) {
        Manner {
            monotonic = List.copyOf(monotonic);
        }

        boolean isMonotonic(FieldPath place) {
            return monotonic.stream().anyMatch(Paths.schema(place)::startsWith);
        }
    }

    private static final String GREATER = "it is declared to grow only, and the good image has less";

    /** The field rule. */
    static Fate place(Image good, Image bad, Image live, FieldPath place, Manner manner) {
        Comparison comparison = manner.comparison();
        Patch.Spot g = Patch.at(good, place);
        Patch.Spot b = Patch.at(bad, place);
        Patch.Spot l = Patch.at(live, place);
        if (comparison.same(place, g.value(), b.value())) {
            return Fate.UNTOUCHED;
        }
        if (comparison.same(place, l.value(), g.value())) {
            return Fate.HEALED;
        }
        if (manner.isMonotonic(place)) {
            return grown(g, b, l, place, comparison);
        }
        // Where there is nothing to hold the value, its absence is not the absence the damage left.
        return l.reachable() && comparison.same(place, l.value(), b.value()) ? Fate.RESTORE : Fate.LATER_WRITE;
    }

    /** Of a value that only grows, the greater one of good and live; what cannot be told apart is nobody's to decide. */
    private static Fate grown(
            Patch.Spot good, Patch.Spot bad, Patch.Spot live, FieldPath place, Comparison comparison) {
        OptionalInt order = order(live.value(), good.value());
        if (!live.reachable() || order.isEmpty()) {
            return Fate.LATER_WRITE;
        }
        if (order.getAsInt() < 0) {
            return Fate.RESTORE;
        }
        return order.getAsInt() > 0 && comparison.same(place, live.value(), bad.value()) ? Fate.GREATER : Fate.HEALED;
    }

    /** Whether a value that only grows is still what was written, or has grown since. */
    static boolean isGrown(@Nullable Value from, @Nullable Value to) {
        OptionalInt order = order(to, from);
        return order.isPresent() && order.getAsInt() >= 0;
    }

    private static final Pattern DIGITS = Pattern.compile("-?\\d{1,40}(\\.\\d{1,40})?");

    /** How two values stand to each other, if they have an order; nothing is less than anything. Files hold numbers as texts. */
    private static OptionalInt order(@Nullable Value one, @Nullable Value other) {
        boolean isNothing = one == null || one.isNull();
        boolean isOtherNothing = other == null || other.isNull();
        if (isNothing || isOtherNothing) {
            return OptionalInt.of(Boolean.compare(isOtherNothing, isNothing));
        }
        Optional<BigDecimal> number = number(one);
        Optional<BigDecimal> otherNumber = number(other);
        if (number.isPresent() && otherNumber.isPresent()) {
            return OptionalInt.of(number.get().compareTo(otherNumber.get()));
        }
        if (one instanceof Value.Moment a && other instanceof Value.Moment b) {
            return OptionalInt.of(a.value().compareTo(b.value()));
        }
        if (one instanceof Value.LocalMoment a && other instanceof Value.LocalMoment b) {
            return OptionalInt.of(a.value().compareTo(b.value()));
        }
        return one instanceof Value.Day a && other instanceof Value.Day b
                ? OptionalInt.of(a.value().compareTo(b.value()))
                : OptionalInt.empty();
    }

    private static Optional<BigDecimal> number(@Nullable Value value) {
        if (value instanceof Value.Num number) {
            return Optional.of(number.value());
        }
        if (value instanceof Value.Real real && Double.isFinite(real.value())) {
            return Optional.of(BigDecimal.valueOf(real.value()));
        }
        return value instanceof Value.Text text && DIGITS.matcher(text.value()).matches()
                ? Optional.of(new BigDecimal(text.value()))
                : Optional.empty();
    }
}
