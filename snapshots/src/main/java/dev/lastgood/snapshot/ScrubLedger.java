package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.rule.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a snapshot were read, when, and what came of it: what lets a verification that a schedule cuts short go on
 * the next night instead of beginning again. It lies in {@code scrubs/<dataset>/<snapshot>/}, in published segments.
 *
 * <p>Losing it costs reading files again, nothing else; so a segment that cannot be used counts as if it were not there.
 */
public final class ScrubLedger {
    private static final String FORMAT = "lastgood-scrub";
    private static final int VERSION = 1;
    private static final String SELF = "digest";

    /** From so many segments on they are made one. */
    private static final int MANY = 16;

    private final Store store;

    public ScrubLedger(Store store) {
        this.store = store;
    }

    /**
     * That a file was read.
     *
     * @param bytes how many were
     * @param damage null if it was as it had been
     */
    public record Checked(
            String path, Instant at, long bytes, @Nullable Damage damage) {
        public Verdict verdict() {
            return damage == null ? Verdict.PASS : damage.kind().verdict();
        }
    }

    /** The folder of a snapshot's segments. */
    static String folder(String dataset, SnapshotId snapshot) {
        return "scrubs/%s/%s".formatted(StoreName.segment(dataset), snapshot);
    }

    /** The last reading of each file of a snapshot that was read. */
    public Map<String, Checked> read(Snapshot snapshot) {
        return read(snapshot, segments(snapshot));
    }

    private Map<String, Checked> read(Snapshot snapshot, Collection<Long> segments) {
        Map<String, Checked> last = new HashMap<>();
        for (long number : segments) {
            String name = name(snapshot, number);
            store.read(name)
                    .map(bytes -> usable(name, snapshot, bytes))
                    .orElse(List.of())
                    .forEach(one -> last.merge(one.path(), one, ScrubLedger::later));
        }
        return last;
    }

    private static List<Checked> usable(String name, Snapshot snapshot, byte[] bytes) {
        try {
            return parsed(name, snapshot, bytes);
        } catch (UnusableEntry e) {
            return List.of();
        }
    }

    private static Checked later(Checked one, Checked other) {
        return other.at().isBefore(one.at()) ? one : other;
    }

    private List<Long> segments(Snapshot snapshot) {
        return store.list(folder(snapshot.dataset(), snapshot.id())).stream()
                .filter(name -> name.matches("[0-9]{12}\\.json"))
                .map(name -> Long.parseLong(name.substring(0, 12)))
                .sorted()
                .toList();
    }

    private static String name(Snapshot snapshot, long number) {
        return "%s/%012d.json".formatted(folder(snapshot.dataset(), snapshot.id()), number);
    }

    /** Adds what was read. Whoever else does so at the same time loses nothing by it. */
    public void add(Snapshot snapshot, Collection<Checked> checks) {
        if (checks.isEmpty()) {
            return;
        }
        List<Long> segments = segments(snapshot);
        Map<String, Checked> all = new TreeMap<>();
        boolean together = segments.size() >= MANY;
        if (together) {
            all.putAll(read(snapshot, segments));
        }
        checks.forEach(one -> all.put(one.path(), one));
        byte[] bytes = bytes(snapshot, all.values());
        long number = segments.isEmpty() ? 1 : segments.get(segments.size() - 1) + 1;
        while (!store.publish(name(snapshot, number), bytes).won()) {
            number++;
        }
        if (together) {
            segments.forEach(old -> store.delete(name(snapshot, old)));
        }
    }

    private static byte[] bytes(Snapshot snapshot, Collection<Checked> checks) {
        ObjectNode document = JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("formatVersion", VERSION)
                .put("snapshot", snapshot.id().text())
                .put("dataset", snapshot.dataset())
                .put("manifest", snapshot.manifest().toString());
        ArrayNode all = document.putArray("checks");
        for (Checked check : checks) {
            ObjectNode one = all.addObject()
                    .put("path", check.path())
                    .put("at", check.at().toString())
                    .put("bytes", check.bytes());
            Damage damage = check.damage();
            if (damage != null) {
                one.put("kind", damage.kind().name()).put("detail", damage.detail());
            }
        }
        document.put(SELF, Sha256.of(CanonicalJson.bytes(document)).toString());
        return CanonicalJson.bytes(document);
    }

    private static List<Checked> parsed(String name, Snapshot snapshot, byte[] bytes) {
        ObjectNode document = CanonicalJson.object(name, bytes);
        Members members = Members.of(name, document);
        ManifestJson.checkFormat(name, members, FORMAT, VERSION);
        Sha256 self = members.digest(SELF);
        document.remove(SELF);
        boolean whole = Sha256.of(CanonicalJson.bytes(document)).equals(self);
        if (!whole
                || !members.snapshot("snapshot").equals(snapshot.id())
                || !members.text("dataset").equals(snapshot.dataset())
                || !members.digest("manifest").equals(snapshot.manifest())) {
            throw new UnusableEntry(name, "it is not of this snapshot, or not as it was written");
        }
        return new ArrayList<>(members.objects("checks", ScrubLedger::check));
    }

    private static Checked check(Members one) {
        String path = one.text("path");
        Damage damage = one.has("kind")
                ? new Damage(path, one.parsed("kind", Damage.Kind::valueOf, "a kind of damage"), one.text("detail"))
                : null;
        return new Checked(path, one.instant("at"), one.count("bytes"), damage);
    }
}
