package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkOf;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.diff.WeakHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whether the hashes the baseline has kept tell what changed, or both sides are hashed and joined: an audit finds the same. */
@ExtendWith(SparkForTests.class)
class AuditWaysTest {
    @TempDir
    Path folder;

    private WorkspaceForTests things(String more) {
        return WorkspaceForTests.in(
                        folder.resolve("w" + more.length()),
                        "things: {source: here, path: things, format: csv, key: [id], schema: {n: int, z: int}%s}\n"
                                .formatted(more))
                .rules("""
                    - {id: positive, dataset: things, assert: n > 0}
                    - {id: same, dataset: things, unchanged: [n]}
                    - {id: kept, dataset: things, no_delete: true}
                    - {id: one, dataset: things, unique: [z], where: z > 3}
                    """)
                .file("things/1.csv", "id,n,z,y", "a,1,1,y", "b,2,2,y", "c,3,3,y", "d,-4,4,y", "e,5,5,y", "f,6,6,y")
                .file("things/2.csv", "id,n,z,y", "g,7,7,y");
    }

    private static void damage(WorkspaceForTests things) {
        things.file("things/1.csv", "id,n,z,y", "a,1,1,y", "b,22,2,y", "d,-4,4,y", "e,5,55,y", "f,6,6,y", "h,-8,8,y");
    }

    private static final List<String> FINDINGS = List.of(
            "b n false \"22\" <- \"2\"", "c - false", "d n false \"-4\" <- \"-4\" pre-existing", "h n false \"-8\"");
    private static final List<String> CHANGES = List.of(
            "b changed corrupt n:corrupt", "c removed corrupt", "e changed consistent z:consistent", "h added corrupt");

    private static void requireAll(WorkspaceForTests.Audited audited) {
        assertThat(Stream.of("positive", "same", "kept", "one")
                        .flatMap(rule -> audited.findings(rule).stream())
                        .sorted())
                .isEqualTo(FINDINGS);
        assertThat(audited.changes("things")).isEqualTo(CHANGES);
        assertThat(Stream.of("positive", "same", "kept", "one").map(audited::outcome))
                .containsExactly("FAIL 2/7 pre-existing 1", "FAIL 1/6", "FAIL 1/7", "PASS 0/5");
    }

    private static String remarks(WorkspaceForTests.Audited audited) {
        return audited.audit().document().get("remarks").toString();
    }

    @Test
    void the_baseline_is_read_for_what_differs_alone(SparkSession spark) {
        WorkspaceForTests kept = things("");
        kept.take();
        damage(kept);
        WorkOf.Done<WorkspaceForTests.Audited> held = WorkOf.done(spark, kept::audit);
        WorkspaceForTests ignoring = things(", ignore: [y]");
        ignoring.take();
        damage(ignoring);
        WorkOf.Done<WorkspaceForTests.Audited> joined = WorkOf.done(spark, ignoring::audit);

        requireAll(held.result());
        requireAll(joined.result());
        assertThat(held.work().scansOf("/snapshots/things/"))
                .isEqualTo(joined.work().scansOf("/snapshots/things/") - 1);
        assertThat(remarks(held.result())).doesNotContain("were not used");
    }

    @Test
    void keys_whose_hashes_collide_are_told_apart() {
        for (long bits : List.of(0L, 1L, 3L)) {
            WeakHash.of(bits, () -> {
                WorkspaceForTests things = things(" ".repeat((int) bits + 1));
                things.take();
                damage(things);
                requireAll(things.audit());
            });
        }
    }

    @Test
    void hashes_that_are_not_what_they_were_are_not_believed_and_told_of() throws IOException {
        WorkspaceForTests things = things("");
        things.take();
        damage(things);
        Path hashes;
        try (Stream<Path> files = Files.walk(things.folder().resolve("store/snapshots/things"))) {
            hashes = files.filter(file -> file.toString().contains("/thin/") && Files.isRegularFile(file))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(hashes);
        bytes[bytes.length - 1] ^= 1;
        Files.write(hashes, bytes);

        WorkspaceForTests.Audited audited = things.audit();

        requireAll(audited);
        assertThat(remarks(audited))
                .contains("the hashes that the baseline of dataset 'things' has kept were not used, ")
                .contains(hashes.getFileName() + " is not the file that was written")
                .contains("'lastgood snapshot verify' says more");
    }

    @Test
    void where_nothing_changed_only_what_is_accused_is_looked_at() {
        WorkspaceForTests things = things("");
        things.take();

        WorkspaceForTests.Audited audited = things.audit();

        assertThat(audited.findings("positive")).containsExactly("d n false \"-4\" <- \"-4\" pre-existing");
        assertThat(audited.changes("things")).isEmpty();
        assertThat(audited.outcome("same")).isEqualTo("PASS 0/7");
    }
}
