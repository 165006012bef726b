package dev.lastgood.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.JsonValues;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** The records of an audit or diff as JSON Lines, in the order of their keys. */
public final class Lines implements Serializable {
    private static final long serialVersionUID = 1;

    private final String dataset;
    private final @Nullable String snapshot;
    private final Masks masks;

    /** @param snapshot the baseline, null if there is none */
    public Lines(String dataset, @Nullable String snapshot, Masks masks) {
        this.dataset = dataset;
        this.snapshot = snapshot;
        this.masks = masks;
    }

    /** One line a record that differs. */
    public Dataset<String> changes(Dataset<Row> records) {
        return records.where(functions.col("change").notEqual("none"))
                .orderBy("keyTagged")
                .map((MapFunction<Row, String>) this::change, Encoders.STRING());
    }

    /** One line a finding. */
    public Dataset<String> findings(Dataset<Row> records) {
        return records.where(functions.size(functions.col("findings")).gt(0))
                .orderBy("keyTagged")
                .flatMap((FlatMapFunction<Row, String>) this::findings, Encoders.STRING());
    }

    private ObjectNode line(Row row) {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("dataset", dataset);
        String key = row.getAs("key");
        if (key == null) {
            line.putNull("key");
        } else if (masks.isEmpty()) {
            line.putRawValue("key", new RawValue(key));
        } else {
            line.set("key", masks.maskedPaths(read(key)));
        }
        return line;
    }

    /** The line of a record that differs. */
    public String change(Row row) {
        ObjectNode line = line(row);
        String change = row.getAs("change");
        line.put("change", change).put("class", row.<String>getAs("fault"));
        ArrayNode fields = line.putArray("fields");
        for (Row field : row.<Row>getList(row.fieldIndex("fields"))) {
            ObjectNode node = fields.addObject();
            if (masks.isEmpty()) {
                node.put("path", field.<String>getAs("path"));
                put(node, "before", field.getAs("before"));
                put(node, "after", field.getAs("after"));
            } else {
                FieldPath path = FieldPath.valueOf(field.getAs("path"));
                node.put("path", masks.masked(path));
                put(node, "before", path, field.getAs("before"));
                put(node, "after", path, field.getAs("after"));
            }
            node.put("kind", field.<String>getAs("kind")).put("class", field.<String>getAs("fault"));
        }
        if (!change.equals("changed") || row.getAs("key") == null) {
            String image = row.getAs(change.equals("removed") ? "beforeImage" : "afterImage");
            line.set("record", masks.maskedRecord(JsonValues.json(JsonValues.untagged(read(image)))));
        }
        long before = row.<Long>getAs("copiesBefore");
        long after = row.<Long>getAs("copiesAfter");
        if (before > 1 || after > 1) {
            line.putObject("copies").put("before", before).put("after", after);
        }
        return JsonValues.write(line);
    }

    /** What nobody hides is shown as it was written. */
    private static void put(ObjectNode node, String member, @Nullable String json) {
        if (json != null) {
            node.putRawValue(member, new RawValue(json));
        }
    }

    private void put(ObjectNode node, String member, FieldPath path, @Nullable String json) {
        if (json != null) {
            node.set(member, masks.masked(path, read(json)));
        }
    }

    private Iterator<String> findings(Row row) {
        List<Row> findings = row.getList(row.fieldIndex("findings"));
        return findings.stream().map(finding -> finding(row, finding)).iterator();
    }

    private String finding(Row row, Row finding) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("rule", finding.<String>getAs("rule")).put("ruleHash", finding.<String>getAs("hash"));
        line.setAll(line(row));
        String path = finding.getAs("path");
        line.put("path", path == null ? null : masks.masked(FieldPath.valueOf(path)))
                .put("severity", finding.<String>getAs("severity"))
                .put("expected", finding.<String>getAs("sentence"));
        shown(line, "actual", path, finding.getAs("actual"));
        shown(line, "before", path, finding.getAs("before"));
        shown(line, "detail", null, finding.getAs("detail"));
        line.put("reason", reason(finding.getAs("code")))
                .put("preExisting", finding.<Boolean>getAs("preExisting"))
                .put("accepted", finding.<Boolean>getAs("accepted"));
        line.put("snapshot", snapshot);
        return JsonValues.write(line);
    }

    private static String reason(String code) {
        return code.toLowerCase(java.util.Locale.ROOT);
    }

    private void shown(ObjectNode line, String member, @Nullable String path, @Nullable String json) {
        if (json != null) {
            JsonNode value = read(json);
            line.set(
                    member,
                    path == null || path.contains("[]")
                            ? masks.maskedPaths(value)
                            : masks.masked(FieldPath.valueOf(path), value));
        }
    }

    public static JsonNode read(String json) {
        try {
            return JsonValues.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("we wrote this: " + json.length() + " characters", e);
        }
    }

    /** Lines one after the other, without holding them. */
    public static Iterable<String> lines(Dataset<String> lines) {
        return lines::toLocalIterator;
    }
}
