package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Plans for what this program may not, or cannot, write. */
@ExtendWith(SparkForTests.class)
class RestoreExportTest {
    @TempDir
    Path folder;

    private StoryForTests story;

    @BeforeEach
    void begin() {
        story = new StoryForTests(folder);
    }

    private static List<String> orders() {
        return StoryForTests.rows(
                "select concat_ws(' ', id, trim_scale(total), version, note) from export.orders order by id");
    }

    /** Nobody may write from here; who may runs the statements, and what was written meanwhile stays. */
    @Test
    void statements_put_a_table_back_and_leave_alone_what_was_written_since() throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: export
                store: store
                rules: [rules.yaml]
                sources:
                  db: {jdbc: '${env:STORY_DB}', user: '${env:STORY_USER}', confirm: never}
                datasets:
                  orders:
                    source: db
                    table: export.orders
                    key: [id]
                    token: version
                    version: version
                    mask: {note: full}
                """);
        Files.writeString(folder.resolve("rules.yaml"), """
                rules:
                  - {id: total, dataset: orders, field: total, min: 0}
                  - {id: kept, dataset: orders, no_delete: true}
                """);
        StoryForTests.sql("""
            drop schema if exists export cascade;
            create schema export;
            create table export.orders (id int primary key, total numeric(10,2), version int not null, note text);
            insert into export.orders select i, i + 0.5, 1, 'it''s ' || i from generate_series(1, 20) i;
            """);
        List<String> before = orders();
        story.run(0, "snapshot", "take");
        StoryForTests.sql("""
            update export.orders set total = -total, version = version + 1 where id <= 5;
            delete from export.orders where id = 20;
            """);
        story.run(1, "audit");
        String plan = story.run(0, "restore", "plan").get("plan").asText();
        Path file = folder.resolve("steps.sql");

        JsonNode exported = story.run(0, "restore", "export", plan, "--format", "sql", "--out", file.toString());
        assertThat(exported.get("exported").asInt()).isEqualTo(6);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        StoryForTests.sql("update export.orders set note = 'called', version = version + 1 where id = 2");
        StoryForTests.sql(Files.readString(file));

        List<String> expected = new ArrayList<>(before);
        for (int id = 1; id <= 5; id++) {
            expected.set(id - 1, "%d %d.5 %d it's %d".formatted(id, id, 3, id));
        }
        expected.set(1, "2 -2.5 3 called");
        expected.set(19, "20 20.5 2 it's 20");
        assertThat(orders()).isEqualTo(expected);

        JsonNode rest = story.run(0, "restore", "export", plan, "--format", "sql", "--out", file.toString());
        assertThat(rest.get("exported").asInt()).isEqualTo(1);
        assertThat(rest.get("healed").asInt()).isEqualTo(5);
        StoryForTests.sql(Files.readString(file));
        expected.set(1, "2 2.5 4 called");
        assertThat(orders()).isEqualTo(expected);
        assertThat(story.run(0, "audit").get("verdict").asText()).isEqualTo("PASS");
    }

    /** Files that this program reads and cannot write. */
    @Test
    void avro_files_are_planned_and_exported(SparkSession spark) throws IOException {
        Path files = folder.resolve("items");
        String good = "select id, named_struct('name', concat('n', id), 'price', id * 10) item from range(1, 6)";
        spark.sql(good).write().format("avro").save(files.toString());
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: export
                store: store
                rules: [rules.yaml]
                sources:
                  lake: {files: ., write: {}}
                datasets:
                  items: {source: lake, path: items, format: avro, key: [id], restore: {write: in_place}}
                """);
        Files.writeString(folder.resolve("rules.yaml"), """
                rules:
                  - {id: price, dataset: items, field: item.price, min: 0}
                """);
        story.run(0, "snapshot", "take");
        spark.sql("select id, named_struct('name', concat('n', id), 'price', if(id = 3, -1, id * 10)) item"
                        + " from range(1, 6)")
                .write()
                .mode(SaveMode.Overwrite)
                .format("avro")
                .save(files.toString());
        story.run(1, "audit");
        String plan = story.run(0, "restore", "plan").get("plan").asText();
        Path out = folder.resolve("steps");

        story.run(0, "restore", "export", plan, "--out", out.toString());
        assertThat(Files.readAllLines(out))
                .containsExactly("{\"step\":1,\"dataset\":\"items\",\"key\":{\"id\":3},\"action\":\"update\","
                        + "\"live\":{\"id\":3,\"item\":{\"name\":\"n3\",\"price\":-1}},"
                        + "\"desired\":{\"id\":3,\"item\":{\"name\":\"n3\",\"price\":30}},\"fields\":[\"item\"]}");
        story.run(0, "restore", "export", plan, "--format", "patch", "--out", out.toString());
        assertThat(Files.readAllLines(out))
                .containsExactly("{\"step\":1,\"dataset\":\"items\",\"key\":{\"id\":3},\"action\":\"update\","
                        + "\"patch\":[{\"op\":\"test\",\"path\":\"/item/price\",\"value\":-1},"
                        + "{\"op\":\"replace\",\"path\":\"/item/price\",\"value\":30}]}");
        story.run(0, "restore", "approve", plan);
        Ended refused = story.ended(5, "restore", "apply", plan, "--yes");
        assertThat(refused.err())
                .contains(
                        "dataset 'items' is of avro files, which cannot be written by this version; nothing was applied");
    }

    /** One of two records with one key: nobody can say which is meant. */
    @Test
    void a_key_that_two_records_have_by_now_is_a_conflict(SparkSession spark) throws IOException {
        Path files = folder.resolve("items");
        spark.sql("select id, id * 10 price from range(1, 4)")
                .write()
                .format("avro")
                .save(files.toString());
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: export
                store: store
                rules: [rules.yaml]
                sources:
                  lake: {files: .}
                datasets:
                  items: {source: lake, path: items, format: avro, key: [id]}
                """);
        Files.writeString(folder.resolve("rules.yaml"), """
                rules:
                  - {id: price, dataset: items, field: price, min: 0}
                """);
        story.run(0, "snapshot", "take");
        String bad = "select id, if(id = 3, -1, id * 10) price from range(1, 4)";
        spark.sql(bad).write().mode(SaveMode.Overwrite).format("avro").save(files.toString());
        story.run(1, "audit");
        String plan = story.run(0, "restore", "plan").get("plan").asText();
        spark.sql("select 3L id, -1L price")
                .write()
                .mode(SaveMode.Append)
                .format("avro")
                .save(files.toString());

        JsonNode exported = story.run(
                1, "restore", "export", plan, "--out", folder.resolve("steps").toString());

        assertThat(exported.get("conflicts").toString()).isEqualTo("{\"DUPLICATE_KEY\":1}");
    }
}
