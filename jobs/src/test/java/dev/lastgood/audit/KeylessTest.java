package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Records without a key are compared as a multiset, by what is not ignored of them. */
@ExtendWith(SparkForTests.class)
class KeylessTest {
    @TempDir
    Path folder;

    @Test
    void what_is_ignored_is_no_part_of_a_record_without_a_key() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                logs: {source: here, path: logs.csv, format: csv, key: [], json: [j], ignore: [loaded, j.at]}
                """)
                .file("logs.csv", "what,loaded,j", "x,1,\"{\"\"at\"\":1}\"", "x,1,\"{\"\"at\"\":1}\"", "y,1,", "z,1,");
        bench.take();
        bench.file("logs.csv", "what,loaded,j", "x,2,\"{\"\"at\"\":2}\"", "x,3,\"{\"\"at\"\":3}\"", "y,2,", "w,2,");

        WorkspaceForTests.Audited audited = bench.audit();

        assertThat(audited.changes("logs")).containsExactlyInAnyOrder(" removed unattributed", " added unattributed");
        assertThat(counts(audited)).isEqualTo("4 4 1 1 0 3");
    }

    @Test
    void copies_are_counted_and_maps_are_compared(SparkSession spark) {
        WorkspaceForTests bench =
                WorkspaceForTests.in(folder, "bags: {source: here, path: bags, format: parquet, key: []}\n");
        write(spark, "select map('a', id, 'b', 1) as m, 'x' as t from values 1, 1, 2, 3 as v(id)");
        bench.take();
        write(spark, "select map('b', 1, 'a', id) as m, 'x' as t from values 1, 1, 1, 2, 4 as v(id)");

        WorkspaceForTests.Audited audited = bench.audit();

        assertThat(audited.changes("bags"))
                .containsExactlyInAnyOrder(" changed unattributed", " removed unattributed", " added unattributed");
        assertThat(counts(audited))
                .as("the three alike are one line, and none is unchanged")
                .isEqualTo("4 5 1 1 1 1");
    }

    private void write(SparkSession spark, String sql) {
        spark.sql(sql)
                .coalesce(1)
                .write()
                .mode("overwrite")
                .parquet(folder.resolve("data/bags").toString());
    }

    /** Before, after, added, removed, changed, unchanged. */
    private static String counts(WorkspaceForTests.Audited audited) {
        JsonNode counts = audited.audit().document().get("datasets").get(0);
        return "%s %s %s %s %s %s"
                .formatted(
                        counts.get("before"),
                        counts.get("after"),
                        counts.get("added"),
                        counts.get("removed"),
                        counts.get("changed"),
                        counts.get("unchanged"));
    }
}
