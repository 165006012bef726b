package dev.lastgood.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Side;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two sides of other types are compared by what their values are, and nothing else is a change. */
@ExtendWith(SparkForTests.class)
class SchemaChangeTest {
    @TempDir
    Path folder;

    @Test
    void values_are_compared_and_not_how_their_types_write_them(SparkSession spark) throws Exception {
        DatasetSpec things = Workspaces.dataset(folder, "key: [id]");
        String before = "select id, string(id) as n, cast(id as decimal(10,2)) as m, cast(id as decimal(38,0)) as w,"
                + " named_struct('a', id, 'x', named_struct('q', int(id))) as s,"
                + " array(named_struct('a', int(id)), null) as l, map('k', int(id)) as p,"
                + " named_struct('a', if(id = 1, null, 7)) as j from range(3)";
        String after = "select id, cast(if(id = 2, 2.01, id) as decimal(10,2)) as n, string(id) as m,"
                + " cast(id as decimal(38,10)) as w,"
                + " named_struct('x', named_struct('r', 9, 'q', id), 'a', id, 'b', 5) as s,"
                + " array(named_struct('b', 5, 'a', id + if(id = 0, 1, 0)), null) as l, map('k', id) as p,"
                + " if(id = 1, '{\"a\":null}', '{\"a\":7}') as j from range(3)";
        SchemaChange.Aligned aligned = SchemaChange.align(things, frame(spark, before, "n"), frame(spark, after, "m"));

        assertThat(changes(spark, things, aligned)).containsExactlyInAnyOrder("0 changed [l[0].a]", "2 changed [n]");
        assertThat(aligned.after().shape().numbers()).containsExactlyInAnyOrder("n", "m", "w");
        assertThat(aligned.after().shape().view().apply("n").dataType().simpleString())
                .as("rules see it as live has it")
                .isEqualTo("decimal(10,2)");
        assertThat(aligned.changes())
                .extracting(change -> change.kind() + " " + change.field())
                .containsExactly(
                        "RETYPED n", "RETYPED m", "RETYPED w", "RETYPED s", "RETYPED l", "RETYPED p", "RETYPED j");
    }

    @Test
    void one_odd_id_leaves_all_other_documents_the_ones_they_were() {
        WorkspaceForTests bench = WorkspaceForTests.in(
                        folder, "docs: {source: here, path: docs.jsonl, format: json, key: [id]}\n")
                .file("docs.jsonl", "{\"id\":1}", "{\"id\":2,\"v\":1}");
        bench.take();
        bench.file("docs.jsonl", "{\"id\":1}", "{\"id\":2,\"v\":2}", "{\"id\":10.5}");
        assertThat(bench.audit().changes("docs"))
                .containsExactlyInAnyOrder("2.0 changed unattributed v:unattributed", "10.5 added unattributed");

        bench.file("docs.jsonl", "{\"id\":1}", "{\"id\":\"x\"}");
        assertThat(bench.audit().changes("docs"))
                .containsExactlyInAnyOrder("2 removed unattributed", "x added unattributed");
    }

    private static Frame frame(SparkSession spark, String sql, String number) {
        Dataset<Row> records = spark.sql(sql);
        StructType stored = new StructType();
        for (StructField field : records.schema().fields()) {
            stored = field.name().equals(number)
                    ? stored.add(field.name(), field.dataType(), true, Shape.number())
                    : stored.add(field);
        }
        return new Frame(records, Shape.of(stored));
    }

    private List<String> changes(SparkSession spark, DatasetSpec dataset, SchemaChange.Aligned aligned)
            throws Exception {
        Auditor.Findings found = new Auditor(
                        spark,
                        Files.createTempDirectory(folder, "a").toUri().toString(),
                        java.time.Instant.EPOCH,
                        Auditor.History.NONE)
                .run(List.of(new Side(dataset, aligned.after(), aligned.before(), null, 3)), List.of());
        return spark
                .read()
                .parquet(found.records().get(dataset.name()))
                .selectExpr("concat(get_json_object(key, '$.id'), ' ', change, ' ', string(fields.path))")
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList();
    }
}
