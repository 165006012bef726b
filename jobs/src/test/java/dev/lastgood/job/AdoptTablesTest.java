package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.capture.Adopter;
import dev.lastgood.capture.TableVersion;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.source.SourceUnreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.types.Types;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.actions.DeletionVectorDescriptor;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArray;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArrayFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions of Delta and Iceberg tables, adopted with the files they are made of, or refused if there is more to them. */
final class AdoptTablesTest {
    private static SparkSession session;

    @TempDir
    Path folder;

    @BeforeAll
    static void a_session_that_knows_tables() {
        session = TablesForTests.open();
    }

    @AfterAll
    static void the_others_have_theirs_again() {
        TablesForTests.close();
    }

    private Instant now = Instant.parse("2100-12-01T02:00:00Z");

    private Workplace workplace() throws IOException {
        Path file = folder.resolve("lastgood.yaml");
        Files.writeString(file, """
                format: 1
                workspace: shop
                store: store
                sources: {lake: {files: live}}
                datasets:
                  things: {source: lake, path: things, format: parquet, key: [id]}
                """);
        now = now.plusSeconds(3600);
        return new Workplace(
                Workplace.read(file, Map.of()), Clock.fixed(now, ZoneOffset.UTC), "test", "local[2]", Map.of());
    }

    private static Adopter.Adopted adopt(Workplace workplace, String address) {
        return new AdoptJob(workplace)
                .adopt(
                        workplace.datasets(List.of("things")).get(0),
                        new AdoptJob.Said(address, null, null, null, null, Map.of(), null));
    }

    private static Dataset<Row> records(SparkSession session, int version) {
        return BackupFormat.records(session, version, 30);
    }

    private static void verify(Workplace workplace, Manifest manifest) {
        List<VerifyJob.Verified> verified = new VerifyJob(workplace)
                .verify(
                        workplace.datasets(List.of("things")),
                        manifest.snapshot().text(),
                        Level.L3);
        assertThat(verified)
                .extracting(one -> one.report().level() + " " + one.report().damages())
                .containsExactly("L0 []", "L1 []", "L2 []", "L3 []");
    }

    /** Equal to the table's own records at that time. */
    private static void assertHolds(Workplace workplace, Manifest manifest, Dataset<Row> records) throws IOException {
        Path live = workplace.workspace().folder().resolve("live/things");
        records.write().mode("overwrite").parquet(live.toString());
        List<String> lines = new java.util.ArrayList<>();
        new DiffJob(workplace)
                .diff(
                        workplace.datasets(List.of("things")),
                        manifest.snapshot().text(),
                        "live",
                        line -> lines.add(line.toString()));
        assertThat(lines).isEmpty();
    }

    @Test
    void a_version_of_a_delta_table_is_its_files_and_no_others() throws IOException {
        String table = folder.resolve("table").toString();
        records(session, 1).write().format("delta").partitionBy("day").save(table);
        records(session, 2).write().format("delta").mode("overwrite").save(table);
        Workplace workplace = workplace();

        Manifest first = adopt(workplace, "delta:" + table + "@v0").manifest();
        Manifest current = adopt(workplace, "delta:file:" + table).manifest();

        assertThat(first.source()).isEqualTo(new Manifest.Source("delta", "file:" + table, "v0"));
        assertThat(first.capture().consistency())
                .isEqualTo("a version of a table; the time is that of its entry in the log");
        assertThat(first.reading())
                .isEqualTo(new Reading(
                        Reading.Format.PARQUET, Reading.Compression.NONE, "file:" + table, null, List.of("day")));
        assertThat(first.counts().records()).isEqualTo(30);
        assertThat(current.source().object()).isEqualTo("current");
        assertThat(first.files()).doesNotContainAnyElementsOf(current.files());
        verify(workplace, first);
        verify(workplace, current);
        assertHolds(workplace, first, records(session, 1));
        assertHolds(workplace, current, records(session, 2));
    }

    @Test
    void a_delta_version_with_rows_deleted_in_place_is_refused() throws IOException {
        String table = folder.resolve("table").toString();
        records(session, 1)
                .coalesce(1)
                .write()
                .format("delta")
                .option("delta.enableDeletionVectors", "true")
                .save(table);
        deleteInPlace(Path.of(table), 0, 3, 7);
        Workplace workplace = workplace();

        assertThat(adopt(workplace, "delta:" + table + "@v0")
                        .manifest()
                        .counts()
                        .records())
                .isEqualTo(30);
        assertThatThrownBy(() -> adopt(workplace, "delta:" + table + "@v1"))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("the files of file:%s do not hold the records of that version: rows were deleted or values"
                                .formatted(table)
                        + " are kept outside of them");
        assertThat(changes(workplace, "delta:" + table + "@v0", "delta:" + table + "@v1"))
                .as("a diff reads as the table's own reader does")
                .containsExactly("removed", "removed", "removed");
    }

    /** What became of each record that differs. */
    private static List<String> changes(Workplace workplace, String base, String other) {
        List<String> changes = new java.util.ArrayList<>();
        new DiffJob(workplace)
                .diff(
                        workplace.datasets(List.of("things")),
                        base,
                        other,
                        line -> changes.add(
                                WorkspaceForTests.json(line).get("change").asText()));
        return changes;
    }

    /** What a delete does that writes no file anew: the entry of the one file says which of its rows are no more. */
    private static void deleteInPlace(Path table, long... rows) throws IOException {
        Path log = table.resolve("_delta_log");
        RoaringBitmapArray deleted = new RoaringBitmapArray();
        for (long row : rows) {
            deleted.add(row);
        }
        DeletionVectorDescriptor vector = DeletionVectorDescriptor.inlineInLog(
                deleted.serializeAsByteArray(RoaringBitmapArrayFormat.Portable()), rows.length);
        ObjectNode add = null;
        for (String line : Files.readAllLines(log.resolve("00000000000000000000.json"))) {
            ObjectNode action = (ObjectNode) JsonValues.MAPPER.readTree(line);
            add = action.has("add") ? action : add;
        }
        ObjectNode file = (ObjectNode) Objects.requireNonNull(add).get("add");
        ObjectNode remove = JsonValues.MAPPER.createObjectNode();
        remove.putObject("remove")
                .put("path", file.get("path").asText())
                .put("deletionTimestamp", 1L)
                .put("dataChange", true);
        file.putObject("deletionVector")
                .put("storageType", "i")
                .put("pathOrInlineDv", vector.pathOrInlineDv())
                .put("sizeInBytes", vector.sizeInBytes())
                .put("cardinality", vector.cardinality());
        Files.writeString(log.resolve("00000000000000000001.json"), remove + "\n" + add + "\n");
    }

    private static Table icebergTable(String location) {
        Schema schema = new Schema(
                Types.NestedField.optional(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "name", Types.StringType.get()),
                Types.NestedField.optional(3, "amount", Types.DecimalType.of(12, 2)),
                Types.NestedField.optional(4, "at", Types.TimestampType.withZone()),
                Types.NestedField.optional(5, "day", Types.StringType.get()));
        return new HadoopTables(new Configuration())
                .create(schema, PartitionSpec.builderFor(schema).identity("day").build(), Map.of(), location);
    }

    @Test
    void a_snapshot_of_an_iceberg_table_is_its_files_and_no_others() throws IOException {
        String location = folder.resolve("table").toString();
        Table table = icebergTable(location);
        records(session, 1).sort("day").write().format("iceberg").mode("append").save(location);
        table.refresh();
        long first = table.currentSnapshot().snapshotId();
        records(session, 2)
                .sort("day")
                .write()
                .format("iceberg")
                .mode("overwrite")
                .save(location);
        Workplace workplace = workplace();

        Manifest then =
                adopt(workplace, "iceberg:%s@%d".formatted(location, first)).manifest();
        Manifest current = adopt(workplace, "iceberg:" + location).manifest();

        assertThat(then.source()).isEqualTo(new Manifest.Source("iceberg", "file:" + location, Long.toString(first)));
        assertThat(then.capture().to())
                .isEqualTo(Instant.ofEpochMilli(table.snapshot(first).timestampMillis()));
        assertThat(then.files()).doesNotContainAnyElementsOf(current.files());
        verify(workplace, then);
        verify(workplace, current);
        assertHolds(workplace, then, records(session, 1));
        assertHolds(workplace, current, records(session, 2));
        assertThat(changes(
                        workplace,
                        "iceberg:%s@%d".formatted(location, first),
                        then.snapshot().text()))
                .isEmpty();
    }

    @Test
    void an_iceberg_snapshot_with_delete_files_is_refused() throws IOException {
        String location = folder.resolve("table").toString();
        Table table = icebergTable(location);
        records(session, 1)
                .where("day = '2026-11-01'")
                .write()
                .format("iceberg")
                .mode("append")
                .save(location);
        table.refresh();
        table.newRowDelta()
                .addDeletes(FileMetadata.deleteFileBuilder(table.spec())
                        .ofPositionDeletes()
                        .withPath(location + "/data/deletes.parquet")
                        .withPartitionPath("day=2026-11-01")
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(100)
                        .withRecordCount(1)
                        .build())
                .commit();
        table.refresh();
        Workplace workplace = workplace();

        assertThatThrownBy(() -> adopt(workplace, "iceberg:" + location))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage(
                        "snapshot %d of the Iceberg table at file:%s has rows that are deleted by files of their own: %s"
                                .formatted(
                                        table.currentSnapshot().snapshotId(),
                                        location,
                                        location + "/data/deletes.parquet"));
        assertThatThrownBy(() -> adopt(workplace, "iceberg:" + location + "@7"))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("the Iceberg table at file:%s has no snapshot 7".formatted(location));
    }

    @Test
    void without_a_reader_of_such_tables_it_is_said_which_to_bring() {
        ClassLoader none = ClassLoader.getPlatformClassLoader();
        assertThatThrownBy(() -> TableVersion.at("delta:/nowhere@v1", session, none))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining(
                        "tables of Delta cannot be read: io.delta:delta-spark_4.1_2.13:4.1.0 is not on the class path");
        assertThatThrownBy(() -> TableVersion.at("iceberg:/nowhere", session, none))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("tables of Iceberg cannot be read:"
                        + " org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0 is not on the class path");
    }
}
