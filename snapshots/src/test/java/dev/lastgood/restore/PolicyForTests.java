package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.workspace.RestorePolicy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Policies that differ from another one in what a test is about. */
final class PolicyForTests {
    private final String dataset;
    private Comparison comparison;
    private @Nullable FieldPath version;
    private List<FieldPath> never = List.of();
    private List<FieldPath> bump = List.of();
    private @Nullable FieldPath stamp;
    private List<FieldPath> monotonic = List.of();
    private Map<String, FieldPath> groups = Map.of();
    private RestorePolicy.Write write;
    private List<RestorePolicy.Consumer> consumers = List.of();
    private RestorePolicy.Limits limits;

    private PolicyForTests(Policy like) {
        this.dataset = like.dataset();
        this.comparison = like.comparison();
        this.write = like.write();
        this.limits = like.limits();
    }

    /** Of that one its dataset, comparison, way of writing and limits, and nothing else. */
    static PolicyForTests bare(Policy like) {
        return new PolicyForTests(like);
    }

    /** That one, but for what is said otherwise. */
    static PolicyForTests like(Policy policy) {
        return bare(policy)
                .version(policy.version())
                .never(policy.never())
                .bump(policy.bump())
                .stamp(policy.stamp())
                .monotonic(policy.monotonic())
                .groups(policy.groups())
                .consumers(policy.consumers());
    }

    PolicyForTests comparison(Comparison compared) {
        comparison = compared;
        return this;
    }

    PolicyForTests version(@Nullable FieldPath counter) {
        version = counter;
        return this;
    }

    PolicyForTests never(List<FieldPath> paths) {
        never = paths;
        return this;
    }

    PolicyForTests bump(List<FieldPath> paths) {
        bump = paths;
        return this;
    }

    PolicyForTests stamp(@Nullable FieldPath path) {
        stamp = path;
        return this;
    }

    PolicyForTests monotonic(List<FieldPath> paths) {
        monotonic = paths;
        return this;
    }

    PolicyForTests groups(Map<String, FieldPath> byName) {
        groups = byName;
        return this;
    }

    PolicyForTests write(RestorePolicy.Write how) {
        write = how;
        return this;
    }

    PolicyForTests consumers(List<RestorePolicy.Consumer> who) {
        consumers = who;
        return this;
    }

    PolicyForTests limits(RestorePolicy.Limits most) {
        limits = most;
        return this;
    }

    Policy policy() {
        return new Policy(
                dataset, comparison, version, never, bump, stamp, monotonic, groups, write, consumers, limits);
    }
}
