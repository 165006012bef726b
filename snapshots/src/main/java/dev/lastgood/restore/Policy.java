package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.workspace.Comparisons;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.RestorePolicy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a workspace says of restoring a dataset. A plan is bound to its digest.
 *
 * @param version the counter that orders a record's states
 * @param never fields that are not written
 * @param bump fields that get their next value from live
 * @param stamp the field that says which run wrote this
 * @param monotonic fields of whose good and live value the greater one is restored
 * @param groups by group's name the field whose equal values are applied together
 */
public record Policy(
        String dataset,
        Comparison comparison,
        @Nullable FieldPath version,
        List<FieldPath> never,
        List<FieldPath> bump,
        @Nullable FieldPath stamp,
        List<FieldPath> monotonic,
        Map<String, FieldPath> groups,
        RestorePolicy.Write write,
        List<RestorePolicy.Consumer> consumers,
        RestorePolicy.Limits limits) {

    public Policy {
        never = List.copyOf(never);
        bump = List.copyOf(bump);
        monotonic = List.copyOf(monotonic);
        groups = Map.copyOf(groups);
        consumers = List.copyOf(consumers);
    }

    public static Policy of(DatasetSpec dataset) {
        RestorePolicy restore = dataset.restore();
        return new Policy(
                dataset.name(),
                Comparisons.of(dataset),
                dataset.version(),
                restore.never(),
                bumped(dataset),
                restore.stamp(),
                restore.monotonic(),
                dataset.group(),
                restore.write(),
                restore.consumers(),
                restore.limits());
    }

    /**
     * What every write moves on: what is declared, and the counter and the time of the last change. A write that left these as
     * they are would not be seen by those who read what has changed, nor by those who guard their own writes by them.
     */
    private static List<FieldPath> bumped(DatasetSpec dataset) {
        RestorePolicy restore = dataset.restore();
        Set<FieldPath> bumped = new LinkedHashSet<>(restore.bump());
        Stream.of(dataset.version(), dataset.changedAt())
                .flatMap(Stream::ofNullable)
                .filter(path -> restore.never().stream().noneMatch(path::startsWith)
                        && !path.equals(restore.stamp())
                        && !dataset.key().contains(path))
                .forEach(bumped::add);
        return List.copyOf(bumped);
    }

    /** Records may be written in place, nothing else is declared. */
    public static Policy plain(String dataset) {
        return new Policy(
                dataset,
                Comparison.EXACT,
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                Map.of(),
                RestorePolicy.Write.IN_PLACE,
                List.of(),
                RestorePolicy.Limits.NONE);
    }

    /** The same for who puts back what was before, be it less. */
    Policy takingBack() {
        return new Policy(
                dataset, comparison, version, never, bump, stamp, List.of(), groups, write, consumers, limits);
    }

    public Policy comparing(Comparison other) {
        return new Policy(dataset, other, version, never, bump, stamp, monotonic, groups, write, consumers, limits);
    }

    /** How the places of a record are compared and merged. */
    Merge.Manner manner() {
        return new Merge.Manner(comparison.ignoringNothing(), monotonic);
    }

    /** Whether a field is the machinery's own, so that no restored value goes there. */
    boolean isOwn(FieldPath path) {
        return own().anyMatch(path::startsWith);
    }

    private Stream<FieldPath> own() {
        return Stream.concat(Stream.concat(never.stream(), bump.stream()), Stream.ofNullable(stamp));
    }

    /** Changes with everything that decides what a step of this dataset writes. */
    public String digest() {
        return Sha256.of(String.join(
                "\n",
                dataset,
                comparison.toString(),
                String.valueOf(version),
                never.toString(),
                bump.toString(),
                String.valueOf(stamp),
                monotonic.toString(),
                new TreeMap<>(groups).toString(),
                write.toString(),
                consumers.toString(),
                limits.toString()));
    }
}
