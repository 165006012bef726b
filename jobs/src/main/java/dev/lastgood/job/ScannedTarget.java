package dev.lastgood.job;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A dataset that nobody may write from here: plans are made and exported. Its records are read as an audit reads them, by
 * one scan for all keys asked for. It keeps no tombstones.
 */
final class ScannedTarget implements Target {
    private final SparkSession session;
    private final Sources sources;
    private final DatasetSpec dataset;
    private final String address;
    private final String why;

    /**
     * Such a dataset.
     *
     * @param address where it lies
     * @param why it cannot be written, as a clause
     */
    ScannedTarget(SparkSession session, Sources sources, DatasetSpec dataset, String address, String why) {
        this.session = session;
        this.sources = sources;
        this.dataset = dataset;
        this.address = address;
        this.why = why;
    }

    @Override
    public String identity() {
        return "scan of " + address;
    }

    @Override
    public String schema() {
        return Sha256.of(sources.live(dataset).shape().stored().toDDL().getBytes(StandardCharsets.UTF_8))
                .hex();
    }

    @Override
    public Map<Key, Seen> read(List<Key> keys) {
        Map<Key, Seen> seen = new LinkedHashMap<>();
        keys.forEach(key -> seen.put(key, Seen.ABSENT));
        if (keys.isEmpty()) {
            return seen;
        }
        Frame frame = sources.live(dataset);
        Shape shape = frame.shape();
        StructType type = Keys.type(dataset, shape);
        List<Row> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(
                RowFactory.create(RowFactory.create(Keys.cells(key, type).toArray()))));
        Dataset<Row> wanted = session.createDataFrame(rows, new StructType().add("_wanted", type, true));
        Column[] stored = Arrays.stream(shape.stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        frame.records()
                .select(
                        Keys.column(dataset, shape).alias("_key"),
                        struct(stored).alias("_record"))
                .join(broadcast(wanted), Keys.same(col("_key"), col("_wanted"), type), "left_semi")
                .collectAsList()
                .forEach(row -> {
                    Image image = shape.image(row.getStruct(1));
                    seen.merge(
                            Keys.key(row.getStruct(0)),
                            new Seen(image, Canonical.hex(image.object()).substring(0, 32)),
                            (before, now) -> before.absent() ? now : Seen.several(image));
                });
        return seen;
    }

    @Override
    public Batch open(List<Key> keys) {
        throw refusal();
    }

    /** Why it is not written, and what to do instead. */
    Refusal refusal() {
        return new Refusal(
                "dataset '%s' %s; nothing was applied".formatted(dataset.name(), why),
                "Write down what is to be done, with 'lastgood restore export'.");
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
