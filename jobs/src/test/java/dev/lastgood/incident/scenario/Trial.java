package dev.lastgood.incident.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.Records;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** What the product makes of a story: its snapshots taken, its last state audited. */
final class Trial {
    private final Story story;
    private final List<String> snapshots;
    private final JsonNode document;
    private final Map<Long, List<String>> corrupt;
    private final @Nullable Map<Long, List<Member>> members;

    /**
     * A record of an incident, as the audit has it.
     *
     * @param good the number of the snapshot; null if there is none
     */
    record Member(String incident, String role, @Nullable Integer good, Set<String> marks) {}

    private Trial(
            Story story,
            List<String> snapshots,
            JsonNode document,
            Map<Long, List<String>> corrupt,
            @Nullable Map<Long, List<Member>> members) {
        this.story = story;
        this.snapshots = snapshots;
        this.document = document;
        this.corrupt = corrupt;
        this.members = members;
    }

    /** Takes and audits, in an empty folder. */
    static Trial of(Story story, Path anywhere) {
        Path folder = anywhere.toAbsolutePath();
        Kind kind = story.kind();
        StringBuilder datasets = new StringBuilder(kind.table().yaml());
        story.now().others().keySet().forEach(table -> datasets.append(table.yaml()));
        WorkspaceForTests bench =
                WorkspaceForTests.in(folder, datasets.toString()).rules(kind.rules());
        List<String> snapshots = new ArrayList<>();
        for (Story.Capture capture : story.captures()) {
            write(kind, capture, folder);
            snapshots.add(bench.take());
            bench.later(Duration.ofHours(23));
        }
        write(kind, story.now(), folder);
        bench.later(Duration.between(story.days().afterLast(24), story.days().audit()));
        WorkspaceForTests.Audited audited = bench.audit();
        String dataset = kind.table().name();
        Path incidents = folder.resolve("store/audits")
                .resolve(audited.audit().id())
                .resolve("incidents")
                .resolve(dataset);
        return new Trial(
                story,
                snapshots,
                audited.audit().document(),
                corrupt(audited.audit().records().get(dataset)),
                Files.exists(incidents) ? members(incidents, snapshots) : null);
    }

    /** Writes the live files. */
    static void write(Kind kind, Story.Capture capture, Path folder) {
        write(kind.table(), capture.live(), folder);
        capture.others().forEach((table, records) -> write(table, records, folder));
    }

    private static void write(Table table, Map<Long, Fields> records, Path folder) {
        List<Row> rows = new ArrayList<>();
        records.forEach((id, record) -> rows.add(table.row(id, record)));
        SparkForTests.session()
                .createDataFrame(rows, table.type())
                .coalesce(1)
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(folder.resolve("data").resolve(table.name()).toString());
    }

    private static Map<Long, List<String>> corrupt(@Nullable String location) {
        Map<Long, List<String>> corrupt = new TreeMap<>();
        if (location != null) {
            Records.read(SparkForTests.session(), location)
                    .where("fault = 'corrupt'")
                    .selectExpr("key", "findings.rule")
                    .collectAsList()
                    .forEach(row -> corrupt.put(id(row.getString(0)), row.getList(1)));
        }
        return corrupt;
    }

    private static Map<Long, List<Member>> members(Path incidents, List<String> snapshots) {
        SparkSession session = SparkForTests.session();
        Dataset<Row> table = session.read().parquet(incidents.toString());
        Map<Long, List<Member>> members = new TreeMap<>();
        for (Row row :
                table.select("key", "incident", "role", "goodSnapshot", "marks").collectAsList()) {
            String good = row.getString(3);
            members.computeIfAbsent(id(row.getString(0)), any -> new ArrayList<>())
                    .add(new Member(
                            row.getString(1),
                            row.getString(2),
                            good == null ? null : Integer.valueOf(snapshots.indexOf(good)),
                            row.isNullAt(4) ? Set.of() : Set.copyOf(row.<String>getList(4))));
        }
        return members;
    }

    private static long id(String key) {
        return WorkspaceForTests.json(key).get("id").asLong();
    }

    Story story() {
        return story;
    }

    /** The ids of the snapshots, oldest first. */
    List<String> snapshots() {
        return List.copyOf(snapshots);
    }

    /** What the audit prints. */
    JsonNode document() {
        return document;
    }

    /** The records that break rules, and which. */
    Map<Long, List<String>> corrupt() {
        return new TreeMap<>(corrupt);
    }

    boolean hasMembers() {
        return members != null;
    }

    /** The records of all incidents, of which those that only break rules are all there are if nothing is explained. */
    Set<Long> accused() {
        return new LinkedHashSet<>(members == null ? corrupt.keySet() : members.keySet());
    }

    Map<Long, List<Member>> members() {
        return members == null ? Map.of() : new TreeMap<>(members);
    }

    /** The incidents of the dataset by id, the largest first. */
    Map<String, JsonNode> incidents() {
        List<JsonNode> list = new ArrayList<>();
        document.path("incidents").forEach(list::add);
        list.removeIf(
                one -> !one.path("dataset").asText().equals(story.kind().table().name()));
        list.sort((one, other) -> Long.compare(size(other), size(one)));
        Map<String, JsonNode> incidents = new LinkedHashMap<>();
        list.forEach(one -> incidents.put(one.path("id").asText(), one));
        return incidents;
    }

    private static long size(JsonNode incident) {
        return incident.path("records").asLong() + incident.path("suspects").asLong();
    }

    /** The values of an incident's first explanation; null if it has none. */
    static @Nullable Map<String, String> explanation(JsonNode incident) {
        JsonNode values = incident.path("explanations").path(0).path("values");
        if (values.isMissingNode()) {
            return null;
        }
        Map<String, String> explanation = new HashMap<>();
        values.properties()
                .forEach(one -> explanation.put(one.getKey(), one.getValue().asText()));
        return explanation;
    }
}
