package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.rule.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;

/** How entries of the catalog are written and read. */
final class EntryJson {
    private EntryJson() {}

    private static final int VERSION = 1;
    private static final String SELF = "digest";

    static byte[] bytes(Entry entry) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("formatVersion", VERSION)
                .put("number", entry.number())
                .put("id", entry.id())
                .put("at", entry.at().toString())
                .put("by", entry.by())
                .put("previous", entry.previous().toString());
        document.put("event", entry.event().accept(new Writer(document)));
        document.put(SELF, Sha256.of(CanonicalJson.bytes(document)).toString());
        return CanonicalJson.bytes(document);
    }

    static Entry read(String name, byte[] bytes) {
        ObjectNode document = CanonicalJson.object(name, bytes);
        Members members = Members.of(name, document);
        ManifestJson.checkVersion(name, members, VERSION);
        Sha256 self = members.digest(SELF);
        document.remove(SELF);
        Sha256 digest = Sha256.of(CanonicalJson.bytes(document));
        if (!digest.equals(self)) {
            throw new UnusableEntry(name, "its digest is %s, and it says %s".formatted(digest, self));
        }
        try {
            return new Entry(
                    members.count("number"),
                    members.text("id"),
                    members.instant("at"),
                    members.text("by"),
                    members.digest("previous"),
                    event(members));
        } catch (IllegalArgumentException e) {
            throw new UnusableEntry(name, String.valueOf(e.getMessage()));
        }
    }

    private static final Map<String, Function<Members, Event>> READERS = Map.ofEntries(
            Map.entry("taking", e -> new Event.Taking(e.snapshot("snapshot"), names(e, "datasets"))),
            Map.entry("taken", e -> new Event.Taken(e.snapshot("snapshot"), captured(e))),
            Map.entry("adopted", e -> new Event.Adopted(e.snapshot("snapshot"), captured(e))),
            Map.entry(
                    "verified",
                    e -> new Event.Verified(
                            e.snapshot("snapshot"), e.text("dataset"), report(e), e.instantOrNull("since"))),
            Map.entry(
                    "held",
                    e -> new Event.Held(
                            snapshots(e),
                            e.parsed("reason", reason -> fromLower(Event.Reason.class, reason), "a reason to hold"),
                            e.instantOrNull("until"),
                            e.text("note"))),
            Map.entry("released", e -> new Event.Released(e.text("hold"))),
            Map.entry("pruning", e -> new Event.Pruning(snapshots(e))),
            Map.entry("pruned", e -> new Event.Pruned(snapshots(e))),
            Map.entry(
                    "audited",
                    e -> new Event.Audited(
                            e.text("audit"),
                            e.parsed("verdict", Verdict::valueOf, "a verdict"),
                            e.map("baseline", Members::snapshot),
                            e.digest("document"))),
            Map.entry(
                    "planned",
                    e -> new Event.Planned(
                            e.text("plan"),
                            e.digest("planDigest"),
                            e.textOrNull("audit"),
                            e.count("steps"),
                            e.count("conflicts"),
                            e.instant("expires"))),
            Map.entry(
                    "approved",
                    e -> new Event.Approved(
                            e.text("plan"), e.digest("planDigest"), e.instant("expires"), signature(e))),
            Map.entry("started", e -> new Event.Started(e.text("run"), e.text("plan"), e.textOrNull("undoes"))),
            Map.entry("paused", e -> new Event.Paused(e.text("run"), e.text("reason"))),
            Map.entry(
                    "ended",
                    e -> new Event.Ended(
                            e.text("run"),
                            e.parsed("end", Event.End::valueOf, "an end"),
                            e.map("counts", Members::count),
                            e.digest("receipt"))),
            Map.entry(
                    "resolved",
                    e -> new Event.Resolved(e.text("run"), e.counts("steps"), e.text("outcome"), e.text("note"))),
            Map.entry("rebuilt", e -> new Event.Rebuilt(e.text("lost"), e.objects("kept", EntryJson::kept))));

    private static Event.Kept kept(Members members) {
        if (members.text("event").equals("rebuilt")) {
            throw members.damaged("event", "is a catalog that begins anew within another");
        }
        return new Event.Kept(members.text("id"), members.instant("at"), members.text("by"), event(members));
    }

    /** The name of the event's kind, as it is written. */
    static String kind(Event event) {
        return event.accept(new Writer(JsonNodeFactory.instance.objectNode()));
    }

    private static Event event(Members members) {
        String kind = members.text("event");
        Function<Members, Event> reader = READERS.get(kind);
        if (reader == null) {
            throw members.damaged("event", "is '%s', which this program does not know".formatted(kind));
        }
        return reader.apply(members);
    }

    private static List<String> names(Members members, String member) {
        return members.texts(member, name -> name, "a name");
    }

    private static List<SnapshotId> snapshots(Members members) {
        return members.texts("snapshots", SnapshotId::new, "the id of a snapshot");
    }

    private static SortedMap<String, Event.Captured> captured(Members members) {
        return members.map("datasets", (datasets, name) -> {
            Members each = datasets.object(name);
            return new Event.Captured(
                    each.digest("manifest"),
                    each.instant("from"),
                    each.instant("to"),
                    each.count("records"),
                    each.count("bytes"),
                    each.has("parent") ? each.snapshot("parent") : null);
        });
    }

    private static VerificationReport report(Members members) {
        return new VerificationReport(
                members.parsed("level", Level::valueOf, "a level"),
                members.parsed("verdict", Verdict::valueOf, "a verdict"),
                members.count("filesExamined"),
                members.count("bytesExamined"),
                members.count("recordsExamined"),
                members.count("damaged"),
                members.objects(
                        "damages",
                        each -> new Damage(
                                each.text("file"),
                                each.parsed("kind", Damage.Kind::valueOf, "a kind of damage"),
                                each.text("detail"))));
    }

    private static Manifest.@org.jspecify.annotations.Nullable Signature signature(Members members) {
        Members signature = members.objectOrNull("signature");
        return signature == null
                ? null
                : new Manifest.Signature(signature.text("algorithm"), signature.text("key"), signature.text("value"));
    }

    private static <E extends Enum<E>> E fromLower(Class<E> type, String text) {
        if (!text.equals(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(text);
        }
        return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    }

    /** Writes an event's own members and returns the name of its kind. */
    private static final class Writer implements Event.Visitor<String> {
        private final ObjectNode document;

        Writer(ObjectNode document) {
            this.document = document;
        }

        @Override
        public String taking(Event.Taking event) {
            document.put("snapshot", event.snapshot().text());
            event.datasets().forEach(document.putArray("datasets")::add);
            return "taking";
        }

        @Override
        public String taken(Event.Taken event) {
            captured(event.snapshot(), event.datasets());
            return "taken";
        }

        @Override
        public String adopted(Event.Adopted event) {
            captured(event.snapshot(), event.datasets());
            return "adopted";
        }

        private void captured(SnapshotId snapshot, Map<String, Event.Captured> datasets) {
            document.put("snapshot", snapshot.text());
            ObjectNode all = document.putObject("datasets");
            datasets.forEach((name, captured) -> {
                ObjectNode one = all.putObject(name)
                        .put("manifest", captured.manifest().toString())
                        .put("from", captured.from().toString())
                        .put("to", captured.to().toString())
                        .put("records", captured.records())
                        .put("bytes", captured.bytes());
                SnapshotId parent = captured.parent();
                if (parent != null) {
                    one.put("parent", parent.text());
                }
            });
        }

        @Override
        public String verified(Event.Verified event) {
            VerificationReport report = event.report();
            document.put("snapshot", event.snapshot().text())
                    .put("dataset", event.dataset())
                    .put("level", report.level().name())
                    .put("verdict", report.verdict().name())
                    .put("filesExamined", report.filesExamined())
                    .put("bytesExamined", report.bytesExamined())
                    .put("recordsExamined", report.recordsExamined())
                    .put("damaged", report.damaged());
            if (event.since() != null) {
                document.put("since", event.since().toString());
            }
            ArrayNode damages = document.putArray("damages");
            for (Damage damage : report.damages()) {
                damages.addObject()
                        .put("file", damage.file())
                        .put("kind", damage.kind().name())
                        .put("detail", damage.detail());
            }
            return "verified";
        }

        @Override
        public String held(Event.Held event) {
            snapshots(event.snapshots());
            document.put("reason", event.reason().name().toLowerCase(Locale.ROOT));
            if (event.until() != null) {
                document.put("until", event.until().toString());
            }
            document.put("note", event.note());
            return "held";
        }

        private void snapshots(List<SnapshotId> snapshots) {
            ArrayNode all = document.putArray("snapshots");
            snapshots.forEach(snapshot -> all.add(snapshot.text()));
        }

        @Override
        public String released(Event.Released event) {
            document.put("hold", event.hold());
            return "released";
        }

        @Override
        public String pruning(Event.Pruning event) {
            snapshots(event.snapshots());
            return "pruning";
        }

        @Override
        public String pruned(Event.Pruned event) {
            snapshots(event.snapshots());
            return "pruned";
        }

        @Override
        public String audited(Event.Audited event) {
            document.put("audit", event.audit())
                    .put("verdict", event.verdict().name())
                    .put("document", event.document().toString());
            ObjectNode baseline = document.putObject("baseline");
            event.baseline().forEach((dataset, snapshot) -> baseline.put(dataset, snapshot.text()));
            return "audited";
        }

        @Override
        public String planned(Event.Planned event) {
            document.put("plan", event.plan())
                    .put("planDigest", event.digest().toString())
                    .put("steps", event.steps())
                    .put("conflicts", event.conflicts())
                    .put("expires", event.expires().toString());
            if (event.audit() != null) {
                document.put("audit", event.audit());
            }
            return "planned";
        }

        @Override
        public String approved(Event.Approved event) {
            document.put("plan", event.plan())
                    .put("planDigest", event.digest().toString())
                    .put("expires", event.expires().toString());
            Manifest.Signature signature = event.signature();
            if (signature != null) {
                document.putObject("signature")
                        .put("algorithm", signature.algorithm())
                        .put("key", signature.key())
                        .put("value", signature.value());
            }
            return "approved";
        }

        @Override
        public String started(Event.Started event) {
            document.put("run", event.run()).put("plan", event.plan());
            if (event.undoes() != null) {
                document.put("undoes", event.undoes());
            }
            return "started";
        }

        @Override
        public String paused(Event.Paused event) {
            document.put("run", event.run()).put("reason", event.reason());
            return "paused";
        }

        @Override
        public String ended(Event.Ended event) {
            document.put("run", event.run())
                    .put("end", event.end().name())
                    .put("receipt", event.receipt().toString());
            ObjectNode counts = document.putObject("counts");
            event.counts().forEach(counts::put);
            return "ended";
        }

        @Override
        public String resolved(Event.Resolved event) {
            document.put("run", event.run()).put("outcome", event.outcome()).put("note", event.note());
            ArrayNode steps = document.putArray("steps");
            event.steps().forEach(steps::add);
            return "resolved";
        }

        @Override
        public String rebuilt(Event.Rebuilt event) {
            document.put("lost", event.lost());
            ArrayNode all = document.putArray("kept");
            for (Event.Kept kept : event.kept()) {
                ObjectNode one = all.addObject()
                        .put("id", kept.id())
                        .put("at", kept.at().toString())
                        .put("by", kept.by());
                one.put("event", kept.event().accept(new Writer(one)));
            }
            return "rebuilt";
        }
    }
}
