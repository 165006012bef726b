package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table whose columns are others than when it was captured: what was captured is lifted, or nothing is written. */
class SchemaMovedOnTest {
    @TempDir
    Path folder;

    private StoryForTests story;

    @BeforeEach
    void three_orders() throws IOException {
        story = new StoryForTests(folder);
        workspace("");
        rules("{id: total, dataset: orders, field: total, min: 0}");
        StoryForTests.sql("""
            drop schema if exists moved cascade;
            create schema moved;
            create table moved.orders (id int primary key, total int, note text, street text);
            insert into moved.orders select i, i * 10, 'n' || i, 'Elm ' || i from generate_series(1, 3) i;
            """);
        story.run(0, "snapshot", "take");
    }

    private void workspace(String more) throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: moved
                store: store
                rules: [rules.yaml]
                sources:
                  db: {jdbc: '${env:STORY_DB}', user: '${env:STORY_USER}', confirm: never, write: {user: '${env:STORY_USER}'}}
                datasets:
                  orders:
                    source: db
                    table: moved.orders
                    key: [id]
                    restore: {write: in_place}
                """ + more.indent(4));
    }

    private void rules(String rule) throws IOException {
        Files.writeString(folder.resolve("rules.yaml"), "rules:\n  - " + rule + "\n");
    }

    private static String orders() {
        return StoryForTests.rows("select string_agg(o::text, ' ' order by id) from moved.orders o")
                .get(0);
    }

    private void restored(String expected) {
        story.run(1, "audit");
        String plan = story.run(0, "restore", "plan").get("plan").asText();
        story.run(0, "restore", "approve", plan);
        story.run(0, "restore", "apply", plan, "--yes");
        assertThat(orders()).isEqualTo(expected);
        assertThat(story.run(0, "audit").get("verdict").asText()).isEqualTo("PASS");
    }

    @Test
    void columns_that_were_added_dropped_or_widened_stay_as_they_are() {
        StoryForTests.sql("""
            alter table moved.orders add column extra int default 5;
            alter table moved.orders drop column note;
            alter table moved.orders alter column total type bigint;
            update moved.orders set total = -total where id <= 2;
            """);

        restored("(1,10,\"Elm 1\",5) (2,20,\"Elm 2\",5) (3,30,\"Elm 3\",5)");
    }

    @Test
    void a_column_that_was_renamed_is_put_back_under_its_new_name() throws IOException {
        StoryForTests.sql("""
            alter table moved.orders rename column total to amount;
            update moved.orders set amount = -amount where id <= 2;
            """);
        workspace("map: [{until: '2026-11-22T04:00:00Z', rename: {total: amount}}]");
        rules("{id: amount, dataset: orders, field: amount, min: 0}");

        restored("(1,10,n1,\"Elm 1\") (2,20,n2,\"Elm 2\") (3,30,n3,\"Elm 3\")");
    }

    @Test
    void a_column_that_was_split_is_put_back_from_what_it_was() throws IOException {
        StoryForTests.sql("""
            alter table moved.orders add column house int;
            update moved.orders set house = split_part(street, ' ', 2)::int, street = split_part(street, ' ', 1);
            update moved.orders set house = -house where id <= 2;
            """);
        workspace("""
            map:
              - until: '2026-11-22T04:00:00Z'
                upgrade:
                  house: cast(split(street, ' ')[1] as int)
                  street: split(street, ' ')[0]
            """);
        rules("{id: house, dataset: orders, field: house, min: 0}");

        restored("(1,10,n1,Elm,1) (2,20,n2,Elm,2) (3,30,n3,Elm,3)");
    }

    @Test
    void a_number_that_is_a_text_by_now_is_put_back_as_one() throws IOException {
        StoryForTests.sql("""
            alter table moved.orders alter column total type text using total::text;
            update moved.orders set total = '-' || total where id <= 2;
            """);
        rules("{id: total, dataset: orders, assert: cast(total as int) >= 0, fields: [total]}");

        restored("(1,10,n1,\"Elm 1\") (2,20,n2,\"Elm 2\") (3,30,n3,\"Elm 3\")");
    }

    @Test
    void a_column_of_a_type_that_cannot_hold_what_was_captured_is_not_written() throws IOException {
        StoryForTests.sql("""
            alter table moved.orders alter column total type double precision;
            update moved.orders set total = -total where id <= 2;
            """);
        String before = orders();
        story.run(1, "audit");

        JsonNode plan = story.run(1, "restore", "plan");

        assertThat(plan.get("records").asInt()).isZero();
        assertThat(plan.get("conflicts").toString()).isEqualTo("{\"SCHEMA_DRIFT\":2}");
        assertThat(orders()).isEqualTo(before);
    }

    /** Keys that are two texts are one number: what was captured of it is found, and cannot be written with its key. */
    @Test
    void a_key_that_was_a_text_is_found_in_what_was_captured_of_it() throws IOException {
        StoryForTests.sql("alter table moved.orders alter column id type text using '00' || id");
        story.run(0, "snapshot", "take");
        StoryForTests.sql("""
            alter table moved.orders alter column id type bigint using id::bigint;
            update moved.orders set total = -total where id <= 2;
            """);
        story.run(1, "audit");

        JsonNode plan = story.run(1, "restore", "plan");

        assertThat(plan.get("unrecoverable").asInt()).isZero();
        assertThat(plan.get("conflicts").toString()).isEqualTo("{\"SCHEMA_DRIFT\":2}");
    }
}
