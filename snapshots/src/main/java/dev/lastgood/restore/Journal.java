package dev.lastgood.restore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.JsonValues;
import dev.lastgood.restore.Json.Malformed;
import dev.lastgood.snapshot.Store;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run set out to do and what came of it: a chain of segments {@code runs/RUN/journal/000000000001.json}, each
 * published once, whole, never changed, and holding the digest of the one before. Publishing the next segment is the
 * claim to the run, so of two appliers one stops.
 */
public final class Journal {
    /** Why a run is paused that goes on no more. */
    static final String BEING_UNDONE = "it is being undone";

    private static final int FORMAT = 1;

    private final Store store;
    private final String run;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Integer, Progress> steps = new TreeMap<>();
    private long segments;
    private String head = "";

    private Journal(Store store, String run) {
        this.store = store;
        this.run = run;
    }

    /** How far a step has come. */
    static final class Progress {
        private final List<Entry.Intent> openIntents = new ArrayList<>();
        private Entry.@Nullable Intent lastIntent;
        private Entry.@Nullable Ended end;

        /** Intents whose writes may have happened, the latest last. */
        List<Entry.Intent> openIntents() {
            return Collections.unmodifiableList(openIntents);
        }

        /** The intent that was carried out, if the step is done. */
        Optional<Entry.Intent> lastIntent() {
            return Optional.ofNullable(lastIntent);
        }

        Optional<Entry.Ended> end() {
            return Optional.ofNullable(end);
        }
    }

    static String folder(String run) {
        return "runs/" + run + "/journal";
    }

    private static String name(String run, long number) {
        return "%s/%012d.json".formatted(folder(run), number);
    }

    /**
     * Reads the journal of a run, which may not have begun.
     *
     * @throws Refusal if a segment is missing or is not as it was written
     */
    public static Journal open(Store store, String run) {
        Journal journal = new Journal(store, run);
        List<String> names = store.list(folder(run));
        for (int number = 1; number <= names.size(); number++) {
            String name = name(run, number);
            byte[] bytes =
                    store.read(name).orElseThrow(() -> damaged(name, "it is not there, though later segments are"));
            try {
                journal.append(bytes, journal.read(bytes));
            } catch (Malformed e) {
                throw damaged(name, e.what());
            }
        }
        return journal;
    }

    private static Refusal damaged(String name, String what) {
        return new Refusal(
                "the journal is not as it was written: %s: %s; nothing was written".formatted(name, what),
                "Without its journal a run can neither go on nor be undone. Look for another copy of the file.");
    }

    public String run() {
        return run;
    }

    public boolean isEmpty() {
        return segments == 0;
    }

    /** SHA-256 of the last segment; empty if there is none. */
    public String head() {
        return head;
    }

    public List<Entry> entries() {
        return Collections.unmodifiableList(entries);
    }

    Progress progress(int step) {
        return steps.getOrDefault(step, new Progress());
    }

    private Progress noted(int step) {
        return steps.computeIfAbsent(step, any -> new Progress());
    }

    /** The steps that have entries. */
    Set<Integer> stepNumbers() {
        return Set.copyOf(steps.keySet());
    }

    Optional<Entry.Started> started() {
        return entries.stream()
                .filter(entry -> entry instanceof Entry.Started)
                .map(entry -> (Entry.Started) entry)
                .findFirst();
    }

    /** Who has the run, unless it was let go. */
    Optional<Entry.Claimed> holder() {
        Entry.Claimed holder = null;
        for (Entry entry : entries) {
            if (entry instanceof Entry.Claimed claimed) {
                holder = claimed;
            } else if (entry instanceof Entry.Paused || entry instanceof Entry.Completed) {
                holder = null;
            }
        }
        return Optional.ofNullable(holder);
    }

    /** Whether the last that was done with the run was to stop it so that it can be taken back. */
    boolean isBeingUndone() {
        return !entries.isEmpty() && entries.get(entries.size() - 1).equals(new Entry.Paused(BEING_UNDONE));
    }

    /** Whether every step has come to its end. */
    public boolean isCompleted() {
        return !entries.isEmpty() && entries.get(entries.size() - 1) instanceof Entry.Completed;
    }

    /**
     * Publishes the next segment. When this returns, the entries are durable.
     *
     * @throws Refusal if somebody else has published it: the run is theirs, and the caller must not write any more
     * @throws dev.lastgood.snapshot.StoreUnavailable if it could not be published; the caller must not write any more
     */
    void publish(List<Entry> next) {
        byte[] bytes = bytes(next);
        String name = name(run, segments + 1);
        if (!store.publish(name, bytes).won()) {
            throw new Refusal(
                    "run %s was taken over by another applier, which published %s; this one has stopped"
                            .formatted(run, name),
                    "Let the other one finish. What this one had sent is found out by it.");
        }
        append(bytes, next);
    }

    private byte[] bytes(List<Entry> next) {
        ObjectNode body = Json.object()
                .put("formatVersion", FORMAT)
                .put("run", run)
                .put("number", segments + 1)
                .put("previous", head);
        ArrayNode lines = body.putArray("entries");
        next.forEach(entry -> lines.add(Entry.json(entry)));
        return sealed(body);
    }

    /** The digest finds damage in the last segment, which no other one names yet. */
    private static byte[] sealed(ObjectNode body) {
        byte[] content = Json.bytes(body);
        ByteArrayOutputStream segment = new ByteArrayOutputStream(content.length + 100);
        segment.writeBytes(
                "{\"sha256\":\"%s\",\"body\":".formatted(Sha256.of(content)).getBytes(StandardCharsets.US_ASCII));
        segment.writeBytes(content);
        segment.write('}');
        return segment.toByteArray();
    }

    private List<Entry> read(byte[] bytes) throws Malformed {
        ObjectNode segment = Json.parse(bytes);
        if (!(Json.member(segment, "body") instanceof ObjectNode body) || !Arrays.equals(sealed(body), bytes)) {
            throw new Malformed("its content does not have the digest it states");
        }
        if (Json.number(body, "formatVersion") != FORMAT) {
            throw new Malformed("it has another format version than " + FORMAT);
        }
        if (!Json.text(body, "run").equals(run) || Json.number(body, "number") != segments + 1) {
            throw new Malformed("it belongs to another run or place");
        }
        if (!Json.text(body, "previous").equals(head)) {
            throw new Malformed("it does not follow the segment before it");
        }
        List<Entry> read = new ArrayList<>();
        for (JsonNode line : Json.items(body, "entries")) {
            read.add(Entry.read(line));
        }
        return read;
    }

    private void append(byte[] bytes, List<Entry> next) {
        segments++;
        head = Sha256.of(bytes);
        entries.addAll(next);
        next.forEach(this::fold);
    }

    private void fold(Entry entry) {
        if (entry instanceof Entry.Intent intent) {
            Progress progress = noted(intent.step());
            progress.openIntents.add(intent);
            progress.lastIntent = intent;
        } else if (entry instanceof Entry.Refused refused) {
            List<Entry.Intent> open = noted(refused.step()).openIntents;
            if (!open.isEmpty()) {
                open.remove(open.size() - 1);
            }
        } else if (entry instanceof Entry.Ended ended) {
            Progress progress = noted(ended.step());
            if (progress.end != null) {
                throw new IllegalStateException("step %d of run %s ends twice".formatted(ended.step(), run));
            }
            progress.end = ended;
        }
    }

    /** The journal as text, a line an entry, for tests and people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        entries.forEach(
                entry -> text.append(JsonValues.write(Entry.json(entry))).append('\n'));
        return text.toString();
    }
}
