package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A customer who was deleted after the audit does not come back with an order of theirs that the bug has deleted. */
class LaterDeleteTest {
    @TempDir
    Path folder;

    @Test
    void what_was_deleted_since_the_audit_does_not_come_back_as_a_parent() throws IOException {
        StoryForTests story = new StoryForTests(folder);
        Files.writeString(folder.resolve("lastgood.yaml"), """
            format: 1
            workspace: later
            store: store
            rules: [rules.yaml]
            sources:
              db: {jdbc: '${env:STORY_DB}', user: '${env:STORY_USER}', confirm: never, write: {user: '${env:STORY_USER}'}}
            datasets:
              customers:
                source: db
                table: later.customers
                key: [id]
                deletes: {table: later.gone, key: {id: customer}, at: at}
                restore: {write: in_place}
              orders: {source: db, table: later.orders, key: [id], restore: {write: in_place}}
            """);
        Files.writeString(folder.resolve("rules.yaml"), """
            rules:
              - {id: stays, dataset: orders, no_delete: true}
              - {id: of-a-customer, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
            """);
        StoryForTests.sql("""
            drop schema if exists later cascade;
            create schema later;
            create table later.customers (id int primary key, name text);
            create table later.orders (id int primary key, customer int);
            create table later.gone (customer int, at timestamptz);
            insert into later.customers values (1, 'Ann'), (2, 'Bob'), (3, 'Cid');
            insert into later.orders values (1, 1), (2, 2), (3, 3);
            """);
        story.run(0, "snapshot", "take"); // at three
        StoryForTests.sql("""
            delete from later.orders where id in (1, 2);
            delete from later.customers where id = 2;
            insert into later.gone values (2, '2026-11-22 03:30:00+00');
            """);
        story.run(1, "audit"); // at four
        StoryForTests.sql("""
            delete from later.customers where id = 1;
            insert into later.gone values (1, '2026-11-22 04:30:00+00');
            """);

        JsonNode plan = story.run(1, "restore", "plan", "--rule", "stays", "--with-parents");

        assertThat(plan.get("conflicts").toString()).isEqualTo("{\"LATER_DELETE\":1,\"MISSING_REFERENCE\":1}");
        assertThat(plan.get("steps").toString()).isEqualTo("{\"insert\":2,\"update\":0,\"delete\":0}");
        assertThat(plan.get("insertsWithoutEvidence").asInt())
                .as("of the order alone")
                .isEqualTo(1);
    }
}
