package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.workspace.Workspace;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of one folder that differ in their columns are refused, never read as if they did not. */
@ExtendWith(SparkForTests.class)
class FootersTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"parquet", "orc"})
    void files_that_differ_in_their_columns_are_refused_by_name(String format) {
        SparkSession spark = SparkForTests.session();
        write(spark, format, "same", "id", "id as n", "named_struct('a', id) as s");
        write(spark, format, "same", "named_struct('a', id) as s", "if(id = 0, null, id) as n", "id");
        assertThat(records(spark, format, "same")).isEqualTo(4);

        write(spark, format, "fewer", "id", "id as n");
        write(spark, format, "fewer", "id");
        refused(spark, format, "fewer", "'n' is (bigint|not there) in .* and (bigint|not there) in .*");

        write(spark, format, "retyped", "id", "id as n");
        write(spark, format, "retyped", "id", "string(id) as n");
        refused(spark, format, "retyped", "'n' is (bigint|string) in .* and (bigint|string) in .*");

        write(spark, format, "nested", "id", "named_struct('a', id) as s");
        write(spark, format, "nested", "id", "named_struct('a', id, 'b', id) as s");
        refused(spark, format, "nested", "'s' is struct<a:bigint.*> in .* and struct<a:bigint.*> in .*");
    }

    private void refused(SparkSession spark, String format, String name, String reason) {
        assertThatThrownBy(() -> records(spark, format, name))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessageMatching("(?s)(error: )?dataset 'd': its files have different columns: " + reason + ".*");
    }

    private long records(SparkSession spark, String format, String name) {
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: w
            store: store
            sources: {here: {files: %s}}
            datasets:
              d: {source: here, path: %s-%s, format: %s, key: [id]}
            """.formatted(folder, format, name, format));
        return new Sources(spark, workspace)
                .live(workspace.dataset("d").orElseThrow())
                .records()
                .count();
    }

    private void write(SparkSession spark, String format, String name, String... columns) {
        spark.range(0, 2, 1, 1)
                .selectExpr(columns)
                .write()
                .format(format)
                .mode("append")
                .save(folder.resolve(format + "-" + name).toString());
    }
}
