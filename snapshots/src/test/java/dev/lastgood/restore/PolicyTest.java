package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Comparison;
import dev.lastgood.workspace.RestorePolicy;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restore makes of a dataset as the workspace declares it. */
final class PolicyTest {
    @TempDir
    Path folder;

    private Policy policy(String key, String restore) throws IOException {
        Path file = folder.resolve("lastgood.yaml");
        Files.write(file, """
                format: 1
                workspace: shop
                store: store
                sources:
                  shop: {jdbc: 'jdbc:postgresql://db1/shop', user: a, write: {user: b}}
                datasets:
                  orders:
                    source: shop
                    table: orders
                    key: %s
                    version: v
                    changed_at: at
                    restore: %s
                """.formatted(key, restore).getBytes(StandardCharsets.UTF_8));
        Problems problems = new Problems();
        var workspace = WorkspaceReader.read(file, Map.of(), problems);
        problems.throwIfErrors();
        return Policy.of(
                Objects.requireNonNull(workspace.orElseThrow().datasets().get("orders")));
    }

    private static List<FieldPath> paths(String... names) {
        return java.util.stream.Stream.of(names).map(FieldPath::of).toList();
    }

    @Test
    void the_counter_and_the_time_of_the_last_change_move_on_with_every_write() throws IOException {
        assertThat(policy("[id]", "{write: in_place}").bump()).isEqualTo(paths("v", "at"));
        assertThat(policy("[id]", "{write: in_place, bump: [n]}").bump()).isEqualTo(paths("n", "v", "at"));
    }

    @Test
    void what_is_never_written_is_a_stamp_or_is_of_the_key_does_not() throws IOException {
        assertThat(policy("[id]", "{write: in_place, never: [at]}").bump()).isEqualTo(paths("v"));
        assertThat(policy("[id]", "{write: in_place, stamp: at}").bump()).isEqualTo(paths("v"));
        assertThat(policy("[id, v]", "{write: in_place}").bump()).isEqualTo(paths("at"));
    }

    @Test
    void its_digest_changes_with_all_that_decides_what_is_written() {
        Policy plain = Policy.plain("orders");
        RestorePolicy.Limits limits = new RestorePolicy.Limits(5L, null, null);
        List<RestorePolicy.Consumer> consumers = List.of(new RestorePolicy.Consumer("outbox", "a trigger", "mails"));
        Comparison set = Comparison.builder().set(FieldPath.of("tags")).build();
        List<Policy> others = List.of(
                Policy.plain("others"),
                plain.comparing(set),
                of(FieldPath.of("v"), none(), none(), null, none(), Map.of(), List.of(), plain.limits()),
                of(null, paths("a"), none(), null, none(), Map.of(), List.of(), plain.limits()),
                of(null, none(), paths("a"), null, none(), Map.of(), List.of(), plain.limits()),
                of(null, none(), none(), FieldPath.of("a"), none(), Map.of(), List.of(), plain.limits()),
                of(null, none(), none(), null, paths("a"), Map.of(), List.of(), plain.limits()),
                of(null, none(), none(), null, none(), Map.of("a", FieldPath.of("a")), List.of(), plain.limits()),
                of(null, none(), none(), null, none(), Map.of(), consumers, plain.limits()),
                of(null, none(), none(), null, none(), Map.of(), List.of(), limits));

        assertThat(others).extracting(Policy::digest).doesNotHaveDuplicates().doesNotContain(plain.digest());
        assertThat(of(null, none(), none(), null, none(), Map.of(), List.of(), plain.limits())
                        .digest())
                .isEqualTo(plain.digest());
    }

    private static List<FieldPath> none() {
        return List.of();
    }

    private static Policy of(
            @Nullable FieldPath version,
            List<FieldPath> never,
            List<FieldPath> bump,
            @Nullable FieldPath stamp,
            List<FieldPath> monotonic,
            Map<String, FieldPath> groups,
            List<RestorePolicy.Consumer> consumers,
            RestorePolicy.Limits limits) {
        return new Policy(
                "orders",
                Comparison.EXACT,
                version,
                never,
                bump,
                stamp,
                monotonic,
                groups,
                RestorePolicy.Write.IN_PLACE,
                consumers,
                limits);
    }
}
