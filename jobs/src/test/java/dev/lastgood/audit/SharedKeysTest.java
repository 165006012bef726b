package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Records that share a key: what is the matter with one of them is not hidden by another. */
@ExtendWith(SparkForTests.class)
class SharedKeysTest {
    @Test
    void each_copy_is_judged(@TempDir Path folder) {
        WorkspaceForTests bench = WorkspaceForTests.in(
                        folder, "rows: {source: here, path: rows.csv, format: csv, key: [id], schema: {q: int}}")
                .file("rows.csv", "id,by,q", "1,shop,5", "2,shop,5", "3,shop,5", "3,shop,6")
                .rules("""
                        - {id: inserted, dataset: rows, no_insert: {unless: "by = 'shop'"}}
                        - {id: deleted, dataset: rows, no_delete: {unless: q = 5}}
                        - {id: kept, dataset: rows, unchanged: [q], where: "by = 'script'"}
                        - {id: divided, dataset: rows, assert: 10 / q > 1, allow: {count: 1}}
                        """);
        bench.take();

        WorkspaceForTests.Audited audited = bench.file(
                        "rows.csv",
                        "id,by,q",
                        "1,shop,5",
                        "2,shop,5",
                        "4,shop,5",
                        "4,script,5",
                        "5,shop,0",
                        "5,shop,100")
                .audit();

        assertThat(audited.outcome("inserted")).startsWith("FAIL 1/");
        assertThat(audited.outcome("deleted")).startsWith("FAIL 1/");
        assertThat(audited.outcome("kept")).as("none was there before").startsWith("SKIP 0/0");
        assertThat(audited.outcome("divided")).startsWith("ERROR 0/");
    }
}
