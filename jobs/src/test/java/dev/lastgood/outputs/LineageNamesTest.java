package dev.lastgood.outputs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Workspaces;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LineageNamesTest {
    @TempDir
    Path folder;

    @Test
    void datasets_are_called_as_other_tools_call_them() {
        var workspace = Workspaces.in(folder, """
                format: 1
                workspace: shop
                store: store
                sources:
                  pg: {jdbc: "jdbc:postgresql://db1.internal/shop?ssl=true"}
                  maria: {jdbc: "jdbc:mariadb://db2:3307/shop"}
                  h2: {jdbc: "jdbc:h2:mem:x"}
                  lake: {files: "abfss://lake@acme.dfs.core.windows.net/shop/"}
                  here: {files: /data}
                datasets:
                  orders: {source: pg, table: orders, key: [id]}
                  bills: {source: pg, table: money.bills, key: [id]}
                  stock: {source: maria, table: stock, key: [id]}
                  other: {source: h2, table: OTHER, key: [ID]}
                  parcels: {source: lake, path: parcels, format: parquet, key: [id]}
                  notes: {source: here, path: notes, format: json, key: [id]}
                """);
        Map<String, String> names = new TreeMap<>();
        LineageNames.of(workspace).forEach((dataset, name) -> names.put(dataset, name.namespace() + " " + name.name()));

        assertThat(names)
                .isEqualTo(new TreeMap<>(Map.of(
                        "orders", "postgres://db1.internal:5432 shop.public.orders",
                        "bills", "postgres://db1.internal:5432 shop.money.bills",
                        "stock", "mysql://db2:3307 shop.stock",
                        "parcels", "abfss://lake@acme.dfs.core.windows.net shop/parcels",
                        "notes", "file /data/notes")));
    }
}
