package dev.lastgood.restore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Json.Malformed;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Store;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.erdtman.jcs.JsonCanonicalizer;
import org.jspecify.annotations.Nullable;

/**
 * A plan in the store: {@code plans/ID/plan.json}, an index without values in RFC 8785 JSON whose SHA-256 is the plan's
 * digest, and {@code plans/ID/payload/part-00000.jsonl} and so on, the steps with their values, whose SHA-256s the index
 * holds. The id is the first 12 hex digits of the digest. What is approved are these bytes; no others are ever applied. Of
 * the payload no more than a part is in memory at once.
 */
public final class PlanFiles {
    private PlanFiles() {}

    private static final int FORMAT = 1;
    private static final int LINES_A_PART = 10_000;

    /** A plan as it lies in the store. */
    public record Stored(String id, String digest, Plan plan) {}

    /** A part of the payload, as the index knows it. */
    private record Part(String name, String sha256, long bytes) {
        static Part of(String name, byte[] bytes) {
            return new Part(name, Sha256.of(bytes), bytes.length);
        }

        static Part read(JsonNode node) throws Malformed {
            return new Part(Json.text(node, "name"), Json.text(node, "sha256"), Json.number(node, "bytes"));
        }

        ObjectNode json() {
            return Json.object().put("name", name).put("sha256", sha256).put("bytes", bytes);
        }
    }

    private static String id(String digest) {
        return digest.substring(0, 12);
    }

    /** Publishes a plan; one that is there already stays as it is. The same plan gives the same bytes. */
    public static Stored write(Store store, Plan plan) {
        return write(store, plan, LINES_A_PART);
    }

    static Stored write(Store store, Plan plan, int linesAPart) {
        byte[] index = index(plan, linesAPart);
        String digest = Sha256.of(index);
        String id = id(digest);
        eachPart(plan, linesAPart, (name, bytes) -> publish(store, id, name, bytes));
        publish(store, id, "plan.json", index);
        return new Stored(id, digest, plan);
    }

    private static void publish(Store store, String id, String file, byte[] bytes) {
        String name = "plans/" + id + "/" + file;
        if (store.publish(name, bytes) instanceof Published.Lost lost
                && !java.util.Arrays.equals(lost.existing(), bytes)) {
            throw new Refusal(
                    "%s is there already and holds something else; no plan was written".formatted(name), null);
        }
    }

    /**
     * Reads a plan.
     *
     * @throws Refusal if there is none, or its bytes are not those that were written
     */
    public static Stored read(Store store, String id) {
        byte[] index = file(store, id, "plan.json");
        String digest = Sha256.of(index);
        if (!digest.startsWith(id)) {
            throw changed(id, "plan.json", "its digest is " + digest);
        }
        try {
            JsonNode parsed = Json.parse(index);
            Plan plan = plan(parsed, name -> file(store, id, name));
            // One part may hold any number of lines: there was a time when all plans had but one.
            int linesAPart = parsed.get("payload") instanceof ArrayNode ? LINES_A_PART : Integer.MAX_VALUE;
            if (!Sha256.of(index(plan, linesAPart)).equals(digest)) {
                throw new Malformed("it is not written as this program writes it");
            }
            return new Stored(id, digest, plan);
        } catch (Malformed e) {
            throw changed(id, "plan.json", e.what());
        }
    }

    private static byte[] file(Store store, String id, String name) {
        return store.read("plans/" + id + "/" + name).orElseThrow(() -> changed(id, name, "it is not there"));
    }

    private static Refusal changed(String id, String file, String what) {
        return new Refusal(
                "plan %s is not as it was written: %s: %s; nothing was applied".formatted(id, file, what),
                "Make the plan again; a plan is never edited.");
    }

    /** Where the bytes of a part of the payload are from. */
    private interface Files {
        byte[] read(String name);
    }

    private static Plan plan(JsonNode index, Files files) throws Malformed {
        if (Json.number(index, "formatVersion") != FORMAT) {
            throw new Malformed("it has another format version than " + FORMAT);
        }
        JsonNode payload = Json.member(index, "payload");
        Lines lines = new Lines();
        int number = 0;
        for (JsonNode one : payload instanceof ArrayNode several ? several : List.of(payload)) {
            Part part = Part.read(one);
            if (!part.name().equals(name(number++))) {
                throw new Malformed("its payload has other parts than this program writes");
            }
            byte[] content = files.read(part.name());
            if (!part.equals(Part.of(part.name(), content))) {
                throw new Malformed("%s does not have the SHA-256 it has in plan.json".formatted(part.name()));
            }
            lines.readAll(content);
        }
        return new Plan(
                header(index),
                lines.steps,
                lines.conflicts,
                lines.decided,
                lines.heldBack,
                lines.unrecoverable,
                lines.unattributed,
                simulated(index),
                Json.number(Json.member(index, "counts"), "healed"),
                Json.number(Json.member(index, "counts"), "untouched"),
                index.has("unread") ? Json.texts(index, "unread") : List.of());
    }

    private static byte[] canonical(JsonNode node) {
        try {
            return new JsonCanonicalizer(Json.bytes(node)).getEncodedUTF8();
        } catch (IOException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    private static byte[] index(Plan plan, int linesAPart) {
        List<Part> parts = new ArrayList<>();
        eachPart(plan, linesAPart, (name, bytes) -> parts.add(Part.of(name, bytes)));
        return canonical(index(plan, parts));
    }

    private static JsonNode index(Plan plan, List<Part> parts) {
        Plan.Header header = plan.header();
        ObjectNode node = Json.object()
                .put("formatVersion", FORMAT)
                .put("workspace", header.workspace())
                .put("author", header.author())
                .put("createdAt", header.createdAt().toString())
                .put("expiresAt", header.expiresAt().toString())
                .put("mode", Json.word(header.mode()));
        node.set("snapshots", Json.texts(header.snapshots()));
        ObjectNode rules = node.putObject("rules");
        header.rules().forEach(rules::put);
        ObjectNode datasets = node.putObject("datasets");
        header.datasets()
                .forEach((name, bound) -> datasets.putObject(name)
                        .put("target", bound.target())
                        .put("schema", bound.schema())
                        .put("policy", bound.policy())
                        .set("consumers", Json.texts(bound.consumers())));
        node.set("counts", counts(plan));
        if (!plan.simulated().isEmpty()) {
            ArrayNode simulated = node.putArray("simulated");
            for (Simulated one : plan.simulated()) {
                ObjectNode told = simulated
                        .addObject()
                        .put("rule", one.rule())
                        .put("over", Json.word(one.over()))
                        .put("before", one.before())
                        .put("after", one.after());
                if (!one.open().isEmpty()) {
                    told.put("open", one.open());
                }
            }
        }
        if (!plan.unread().isEmpty()) {
            node.set("unread", Json.texts(plan.unread()));
        }
        if (parts.size() == 1) {
            node.set("payload", parts.get(0).json());
        } else {
            ArrayNode payload = node.putArray("payload");
            parts.forEach(part -> payload.add(part.json()));
        }
        return node;
    }

    /** Counts only: keys and values are in the payload. */
    private static ObjectNode counts(Plan plan) {
        ObjectNode counts = Json.object();
        ObjectNode steps = counts.putObject("steps");
        for (Action action : Action.values()) {
            steps.put(Json.word(action), plan.count(action));
        }
        ObjectNode conflicts = counts.putObject("conflicts");
        plan.conflictCounts().forEach((type, count) -> conflicts.put(type.name(), count));
        if (!plan.decided().isEmpty()) {
            ObjectNode decided = counts.putObject("decided");
            for (Decision.Take take : Decision.Take.values()) {
                decided.put(Json.word(take), plan.count(take));
            }
        }
        return counts.put("heldBack", plan.heldBack().size())
                .put("unrecoverable", plan.unrecoverable().size())
                .put("unattributed", plan.unattributed().size())
                .put("healed", plan.healed())
                .put("untouched", plan.untouched())
                .put("fields", plan.fieldCount())
                .put("proved", plan.count(Proof.PROVED))
                .put("asOf", plan.count(Proof.AS_OF))
                .put("insertsWithoutEvidence", plan.insertsWithoutEvidence());
    }

    private static List<Simulated> simulated(JsonNode index) throws Malformed {
        List<Simulated> simulated = new ArrayList<>();
        if (index.has("simulated")) {
            for (JsonNode one : Json.items(index, "simulated")) {
                simulated.add(new Simulated(
                        Json.text(one, "rule"),
                        Json.word(one, "over", Simulated.Over.class),
                        Json.number(one, "before"),
                        Json.number(one, "after"),
                        one.has("open") ? Json.text(one, "open") : ""));
            }
        }
        return simulated;
    }

    private static Plan.Header header(JsonNode index) throws Malformed {
        SortedMap<String, String> rules = new TreeMap<>();
        JsonNode ruleNodes = Json.member(index, "rules");
        for (Map.Entry<String, JsonNode> rule : ruleNodes.properties()) {
            rules.put(rule.getKey(), Json.text(ruleNodes, rule.getKey()));
        }
        SortedMap<String, Plan.Bound> datasets = new TreeMap<>();
        for (Map.Entry<String, JsonNode> dataset :
                Json.member(index, "datasets").properties()) {
            JsonNode bound = dataset.getValue();
            datasets.put(
                    dataset.getKey(),
                    new Plan.Bound(
                            Json.text(bound, "target"),
                            Json.text(bound, "schema"),
                            Json.text(bound, "policy"),
                            Json.texts(bound, "consumers")));
        }
        return new Plan.Header(
                Json.text(index, "workspace"),
                Json.text(index, "author"),
                Json.instant(index, "createdAt"),
                Json.instant(index, "expiresAt"),
                Json.word(index, "mode", Mode.class),
                Json.texts(index, "snapshots"),
                rules,
                datasets);
    }

    private static String name(int part) {
        return "payload/part-%05d.jsonl".formatted(part);
    }

    /** Takes a part of the payload. */
    private interface Taker {
        void take(String name, byte[] bytes);
    }

    /** The payload, part by part; one at least. */
    private static void eachPart(Plan plan, int linesAPart, Taker taker) {
        Writer writer = new Writer(linesAPart, taker);
        plan.steps().forEach(step -> writer.line("step", step(step)));
        plan.conflicts().forEach(conflict -> writer.line("conflict", conflict(conflict)));
        plan.decided().forEach(one -> writer.line("decided", decided(one)));
        plan.heldBack().forEach(held -> writer.line("heldBack", heldBack(held)));
        plan.unrecoverable().forEach(lost -> writer.line("unrecoverable", unrecoverable(lost)));
        plan.unattributed().forEach(change -> writer.line("unattributed", unattributed(change)));
        writer.end();
    }

    private static final class Writer {
        private final int most;
        private final Taker taker;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int lines;
        private int parts;

        Writer(int most, Taker taker) {
            this.most = most;
            this.taker = taker;
        }

        void line(String kind, ObjectNode content) {
            if (lines == most) {
                end();
            }
            ObjectNode line = Json.object();
            line.set(kind, content);
            bytes.writeBytes(Json.bytes(line));
            bytes.write('\n');
            lines++;
        }

        void end() {
            taker.take(name(parts++), bytes.toByteArray());
            bytes.reset();
            lines = 0;
        }
    }

    private static ObjectNode step(Step step) {
        ObjectNode node = Json.object()
                .put("number", step.number())
                .put("dataset", step.dataset())
                .put("action", Json.word(step.action()));
        node.set("key", JsonValues.tagged(step.key()));
        ArrayNode fields = node.putArray("fields");
        step.fields().forEach(change -> fields.add(Json.change(change, "live", "desired")));
        Json.put(node, "good", step.good());
        Json.put(node, "bad", step.bad());
        node.set("reasons", Json.texts(step.reasons()));
        return node.put("goodSnapshot", step.goodSnapshot())
                .put("goodAt", step.goodAt().toString())
                .put("proof", Json.word(step.proof()))
                .put("origin", Json.word(step.origin()))
                .put("guard", step.guard())
                .put("liveDigest", step.liveDigest())
                .put("evidence", Json.word(step.evidence()))
                .put("group", step.group());
    }

    private static ObjectNode conflict(Conflict conflict) {
        ObjectNode node = Json.object().put("type", Json.word(conflict.type())).put("dataset", conflict.dataset());
        node.set("key", JsonValues.tagged(conflict.key()));
        if (conflict.path() != null) {
            node.put("path", conflict.path().toString());
        }
        node.put("explanation", conflict.explanation());
        Conflict.Found found = conflict.found();
        if (found != null) {
            ObjectNode place = node.putObject("found");
            Json.put(place, "good", found.good());
            Json.put(place, "bad", found.bad());
            Json.put(place, "live", found.live());
        }
        Conflict.Stale stale = conflict.stale();
        if (stale != null) {
            ObjectNode known = node.putObject("stale")
                    .put("source", stale.source())
                    .put("at", stale.at().toString());
            Json.put(known, "good", stale.good());
            Json.put(known, "later", stale.later());
        }
        return node;
    }

    private static ObjectNode decided(Plan.Decided decided) {
        ObjectNode node = Json.object();
        node.set("conflict", conflict(decided.conflict()));
        return node.put("take", Json.word(decided.take()))
                .put("by", decided.by())
                .put("why", decided.why());
    }

    private static ObjectNode heldBack(Plan.HeldBack held) {
        ObjectNode node = Json.object().put("dataset", held.dataset());
        node.set("key", JsonValues.tagged(held.key()));
        node.put("group", held.group()).set("cause", conflict(held.cause()));
        return node;
    }

    private static ObjectNode unrecoverable(Plan.Unrecoverable lost) {
        ObjectNode node = Json.object().put("dataset", lost.dataset());
        node.set("key", JsonValues.tagged(lost.key()));
        node.set("reasons", Json.texts(lost.reasons()));
        Json.put(node, "live", lost.live());
        return node;
    }

    private static ObjectNode unattributed(Plan.Unattributed kept) {
        ObjectNode node = Json.object().put("dataset", kept.dataset());
        node.set("key", JsonValues.tagged(kept.key()));
        node.set("change", Json.change(kept.change(), "good", "bad"));
        return node;
    }

    private static final class Lines {
        final List<Step> steps = new ArrayList<>();
        final List<Conflict> conflicts = new ArrayList<>();
        final List<Plan.Decided> decided = new ArrayList<>();
        final List<Plan.HeldBack> heldBack = new ArrayList<>();
        final List<Plan.Unrecoverable> unrecoverable = new ArrayList<>();
        final List<Plan.Unattributed> unattributed = new ArrayList<>();

        void readAll(byte[] part) throws Malformed {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(new ByteArrayInputStream(part), StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    read(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
                }
            } catch (IOException e) {
                throw new IllegalStateException("reading bytes cannot fail", e);
            }
        }

        private void read(JsonNode line) throws Malformed {
            if (line.size() != 1) {
                throw new Malformed("a line of the payload has other members than one");
            }
            Map.Entry<String, JsonNode> member = line.properties().iterator().next();
            JsonNode node = member.getValue();
            try {
                switch (member.getKey()) {
                    case "step" -> steps.add(readStep(node));
                    case "conflict" -> conflicts.add(readConflict(node));
                    case "decided" ->
                        decided.add(new Plan.Decided(
                                readConflict(Json.member(node, "conflict")),
                                Json.word(node, "take", Decision.Take.class),
                                Json.text(node, "by"),
                                Json.text(node, "why")));
                    case "heldBack" ->
                        heldBack.add(new Plan.HeldBack(
                                Json.text(node, "dataset"),
                                Json.key(node),
                                Json.text(node, "group"),
                                readConflict(Json.member(node, "cause"))));
                    case "unrecoverable" ->
                        unrecoverable.add(new Plan.Unrecoverable(
                                Json.text(node, "dataset"),
                                Json.key(node),
                                Json.texts(node, "reasons"),
                                Json.image(node, "live")));
                    case "unattributed" ->
                        unattributed.add(new Plan.Unattributed(
                                Json.text(node, "dataset"),
                                Json.key(node),
                                Json.change(Json.member(node, "change"), "good", "bad")));
                    default -> throw new Malformed("a line of the payload is of an unknown kind");
                }
            } catch (IllegalArgumentException e) {
                throw new Malformed("a line of the payload contradicts itself");
            }
        }

        private static Step readStep(JsonNode node) throws Malformed {
            List<FieldChange> fields = new ArrayList<>();
            for (JsonNode field : Json.items(node, "fields")) {
                fields.add(Json.change(field, "live", "desired"));
            }
            return new Step(
                    Json.integer(node, "number"),
                    Json.text(node, "dataset"),
                    Json.key(node),
                    Json.word(node, "action", Action.class),
                    fields,
                    Json.image(node, "good"),
                    Json.image(node, "bad"),
                    Json.texts(node, "reasons"),
                    Json.text(node, "goodSnapshot"),
                    Json.instant(node, "goodAt"),
                    Json.word(node, "proof", Proof.class),
                    Json.word(node, "origin", History.Origin.class),
                    Json.text(node, "guard"),
                    Json.text(node, "liveDigest"),
                    Json.word(node, "evidence", Step.Evidence.class),
                    Json.text(node, "group"));
        }

        private static Conflict readConflict(JsonNode node) throws Malformed {
            return new Conflict(
                    Json.word(node, "type", Conflict.Type.class),
                    Json.text(node, "dataset"),
                    Json.key(node),
                    node.has("path") ? Json.path(node, "path") : null,
                    Json.text(node, "explanation"),
                    node.has("found") ? readFound(Json.member(node, "found")) : null,
                    node.has("stale") ? readStale(Json.member(node, "stale")) : null);
        }

        private static Conflict.Found readFound(JsonNode node) throws Malformed {
            return new Conflict.Found(readValue(node, "good"), readValue(node, "bad"), readValue(node, "live"));
        }

        private static @Nullable Value readValue(JsonNode node, String name) throws Malformed {
            return node.has(name) ? Json.value(Json.member(node, name)) : null;
        }

        private static Conflict.Stale readStale(JsonNode node) throws Malformed {
            return new Conflict.Stale(
                    readValue(node, "good"),
                    readValue(node, "later"),
                    Json.text(node, "source"),
                    Json.instant(node, "at"));
        }
    }
}
