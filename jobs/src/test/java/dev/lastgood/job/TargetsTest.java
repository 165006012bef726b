package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which datasets are written in one transaction. */
final class TargetsTest {
    @TempDir
    Path folder;

    @Test
    void two_datasets_that_may_be_of_one_table_are_never_written_in_one_transaction() throws IOException {
        Path file = folder.resolve("lastgood.yaml");
        Files.writeString(file, """
            format: 1
            workspace: shop
            store: store
            rules: [rules.yaml]
            sources:
              db: {jdbc: 'jdbc:h2:mem:targets', user: sa}
              other: {jdbc: 'jdbc:h2:mem:targets2', user: sa}
            datasets:
              orders: {source: db, table: orders, key: [id]}
              same: {source: db, table: orders, key: [no]}
              by_schema: {source: db, table: Public.ORDERS, key: [id]}
              lines: {source: db, table: order_lines, key: [id]}
              north: {source: db, table: north.stock, key: [id]}
              south: {source: db, table: south.stock, key: [id]}
              elsewhere: {source: other, table: orders, key: [id]}
            """);
        Files.writeString(folder.resolve("rules.yaml"), "rules: []\n");
        Workspace workspace = Workspace.read(file, Map.of());

        Map<String, String> stores = new TreeMap<>();
        workspace
                .datasets()
                .keySet()
                .forEach(name -> stores.put(
                        name,
                        Targets.store(
                                workspace,
                                Objects.requireNonNull(workspace.datasets().get(name)))));

        assertThat(stores)
                .hasToString("{by_schema=db by_schema, elsewhere=other, lines=db, north=db, orders=db orders,"
                        + " same=db same, south=db}");
    }

    @Test
    void one_name_may_be_the_end_of_another() {
        assertThat(Targets.mayBeOne("`shop`.`Orders`", "orders")).isTrue();
        assertThat(Targets.mayBeOne("\"orders\"", "db.public.orders")).isTrue();
        assertThat(Targets.mayBeOne("orders", "old_orders")).isFalse();
        assertThat(Targets.mayBeOne("a.orders", "b.orders")).isFalse();
    }
}
