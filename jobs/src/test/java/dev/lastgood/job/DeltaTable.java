package dev.lastgood.job;

import dev.lastgood.Workspaces;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.Workspace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** A Delta table of tests, with the application that writes it. */
record DeltaTable(SparkSession session, Path folder, Path path) {
    static DeltaTable made(SparkSession session, Path folder, String name, String more) {
        DeltaTable table = new DeltaTable(session, folder, folder.resolve(name));
        session.sql(
                "CREATE TABLE " + table.sql() + " (id int, name string, note string, total int) USING delta" + more);
        return table;
    }

    /** One that shows what others append. */
    static DeltaTable serializable(SparkSession session, Path folder, String name) {
        return made(session, folder, name, " TBLPROPERTIES (delta.isolationLevel = 'Serializable')");
    }

    String sql() {
        return "delta.`" + path + "`";
    }

    /** @param more of its declaration as a dataset */
    Target target(String more) {
        Workspace workspace = Workspaces.in(folder, """
                format: 1
                workspace: shop
                store: store
                sources: {lake: {files: '%s', write: {}}}
                datasets:
                  things: {source: lake, path: '%s', format: delta, %s, restore: {write: in_place}}
                """.formatted(folder, path, more));
        return new DeltaTarget(
                session,
                new Sources(session, workspace),
                workspace.dataset("things").orElseThrow(),
                path.toString());
    }

    /** Null deletes. */
    void write(Key key, @Nullable Image image) {
        session.sql("DELETE FROM %s WHERE id = %s".formatted(sql(), key.parts().get("id")));
        if (image != null) {
            StructType schema = session.read().table(sql()).schema();
            session.createDataFrame(List.of(Shape.of(schema).row(image)), schema)
                    .write()
                    .format("delta")
                    .mode("append")
                    .save(path.toString());
        }
    }

    Map<Key, Image> everything() {
        Map<Key, Image> all = new TreeMap<>();
        session.read().table(sql()).collectAsList().forEach(row -> {
            Image image = Shape.of(row.schema()).image(row);
            all.put(Key.of("id", Objects.requireNonNull(image.field("id"))), image);
        });
        return all;
    }
}
