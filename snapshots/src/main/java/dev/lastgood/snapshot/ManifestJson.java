package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.Digest128;
import dev.lastgood.rule.Verdict;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** How a manifest is written and read. */
final class ManifestJson {
    private ManifestJson() {}

    private static final String FORMAT = "lastgood-snapshot";
    private static final int VERSION = 1;
    private static final String SELF = "manifest";
    private static final String SIGNATURE = "signature";

    static byte[] bytes(Manifest manifest) {
        ObjectNode document = unsigned(manifest);
        document.put(SELF, Sha256.of(CanonicalJson.bytes(document)).toString());
        Manifest.Signature signature = manifest.signature();
        if (signature != null) {
            document.putObject(SIGNATURE)
                    .put("algorithm", signature.algorithm())
                    .put("key", signature.key())
                    .put("value", signature.value());
        }
        return CanonicalJson.bytes(document);
    }

    static Sha256 digest(Manifest manifest) {
        return Sha256.of(CanonicalJson.bytes(unsigned(manifest)));
    }

    static Sha256 fingerprint(Manifest.Schema schema) {
        ObjectNode document = object();
        schema.key().forEach(document.putArray("key")::add);
        ArrayNode fields = document.putArray("fields");
        for (Manifest.Field field : schema.fields()) {
            ObjectNode node = fields.addObject().put("name", field.name()).put("type", field.type());
            putUnlessNull(node, "sourceType", field.sourceType());
        }
        return Sha256.of(CanonicalJson.bytes(document));
    }

    static Manifest read(String name, byte[] bytes) {
        ObjectNode document = CanonicalJson.object(name, bytes);
        checkFormat(name, Members.of(name, document), FORMAT, VERSION);
        try {
            Sha256 self = Members.of(name, document).digest(SELF);
            Manifest known = known(Members.of(name, document));
            document.remove(SELF);
            document.remove(SIGNATURE);
            Manifest manifest = with(known, UnknownMembers.of(document, unsigned(known)));
            if (!manifest.digest().equals(self)) {
                throw new UnusableEntry(name, "its digest is %s, and it says %s".formatted(manifest.digest(), self));
            }
            if (!Arrays.equals(manifest.bytes(), bytes)) {
                throw new UnusableEntry(name, "something in it is not written as this program writes it");
            }
            return manifest;
        } catch (IllegalArgumentException e) {
            throw new UnusableEntry(name, String.valueOf(e.getMessage()));
        }
    }

    /** Refuses what another program, or a newer one, wrote. */
    static void checkFormat(String name, Members document, String format, int version) {
        String found = document.text("format");
        if (!found.equals(format)) {
            throw new UnusableEntry(name, "its format is '%s', not '%s'".formatted(found, format));
        }
        checkVersion(name, document, version);
    }

    static void checkVersion(String name, Members document, int version) {
        long found = document.count("formatVersion");
        if (found != version) {
            throw new UnusableEntry(
                    name,
                    "it has format version %d, and this program knows version %d".formatted(found, version),
                    "Use the release of Lastgood that wrote it, or a newer one.");
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void putUnlessNull(ObjectNode node, String member, @Nullable Object value) {
        if (value != null) {
            node.put(member, value.toString());
        }
    }

    private static ObjectNode unsigned(Manifest manifest) {
        ObjectNode document = object();
        document.put("format", FORMAT)
                .put("formatVersion", VERSION)
                .put("snapshot", manifest.snapshot().text())
                .put("dataset", manifest.dataset())
                .put("origin", manifest.origin().name());
        document.putObject("source")
                .put("kind", manifest.source().kind())
                .put("address", manifest.source().address())
                .put("object", manifest.source().object());
        write(document.putObject("capture"), manifest.capture());
        write(document.putObject("chain"), manifest.chain());
        write(document.putObject("schema"), manifest.schema());
        ObjectNode hashing = document.putObject("hashing")
                .put("canonical", manifest.hashing().canonical())
                .put("record", manifest.hashing().record())
                .put("compareSettings", manifest.hashing().compareSettings().toString());
        putUnlessNull(hashing, "thin", manifest.hashing().thin());
        write(document.putObject("counts"), manifest.counts());
        if (manifest.buckets() != null) {
            write(document.putObject("buckets"), manifest.buckets());
        }
        ArrayNode partitions = document.putArray("partitions");
        for (Manifest.Partition partition : manifest.partitions()) {
            partitions
                    .addObject()
                    .put("path", partition.path())
                    .put("files", partition.files())
                    .put("records", partition.records());
        }
        ArrayNode files = document.putArray("files");
        manifest.files().forEach(file -> write(files.addObject(), file));
        Reading reading = manifest.reading();
        if (reading != null) {
            write(document.putObject("reading"), reading);
        }
        Manifest.RuleVerdict rules = manifest.rules();
        if (rules != null) {
            document.putObject("rules")
                    .put("ruleSet", rules.ruleSet().toString())
                    .put("verdict", rules.verdict().name());
        }
        return manifest.unknown().addTo(document);
    }

    private static void write(ObjectNode node, Manifest.Capture capture) {
        node.put("mode", capture.mode().name())
                .put("from", capture.from().toString())
                .put("to", capture.to().toString())
                .put("consistency", capture.consistency())
                .put("clock", capture.clock())
                .put("allowedSkewMillis", capture.allowedSkew().toMillis());
    }

    private static void write(ObjectNode node, Manifest.Chain chain) {
        Manifest.Parent parent = chain.parent();
        node.put("kind", parent == null ? "FULL" : "INCREMENTAL").put("sequence", chain.sequence());
        if (parent != null) {
            node.putObject("parent")
                    .put("snapshot", parent.snapshot().text())
                    .put("manifest", parent.manifest().toString());
        }
        Manifest.Delta delta = chain.delta();
        if (delta != null) {
            write(node.putObject("inserted"), delta.inserted());
            write(node.putObject("removed"), delta.removed());
        }
    }

    private static void write(ObjectNode node, Manifest.Schema schema) {
        node.put("fingerprint", schema.fingerprint().toString());
        schema.key().forEach(node.putArray("key")::add);
        ArrayNode fields = node.putArray("fields");
        for (Manifest.Field field : schema.fields()) {
            ObjectNode written = fields.addObject().put("name", field.name()).put("type", field.type());
            putUnlessNull(written, "sourceType", field.sourceType());
            putUnlessNull(written, "view", field.view());
            written.put("nullable", field.nullable())
                    .put("nulls", field.nulls())
                    .put("absent", field.absent());
        }
    }

    private static void write(ObjectNode node, Manifest.Counts counts) {
        node.put("records", counts.records())
                .put("distinctKeys", counts.distinctKeys())
                .put("duplicateKeys", counts.duplicateKeys())
                .put("tombstones", counts.tombstones())
                .put("files", counts.files())
                .put("bytes", counts.bytes());
    }

    private static void write(ObjectNode node, Manifest.BucketFile buckets) {
        node.put("count", buckets.count())
                .put("path", buckets.path())
                .put("bytes", buckets.bytes())
                .put("sha256", buckets.sha256().hex());
        Buckets.Sums totals = buckets.totals();
        node.putObject("totals")
                .put("records", totals.records())
                .put("keys", totals.keys().toString())
                .put("content", totals.content().toString())
                .put("compare", totals.compare().toString());
    }

    private static void write(ObjectNode node, FileEntry file) {
        node.put("path", file.path())
                .put("side", file.side().name())
                .put("bytes", file.bytes())
                .put("sha256", file.sha256().hex());
        Long records = file.records();
        if (records != null) {
            node.put("records", records);
        }
        FileEntry.KeyRange keys = file.keys();
        if (keys != null) {
            node.putObject("keys")
                    .put("from", FileEntry.KeyRange.hex(keys.from()))
                    .put("to", FileEntry.KeyRange.hex(keys.to()));
        }
    }

    private static void write(ObjectNode node, Reading reading) {
        node.put("format", reading.format().name())
                .put("compression", reading.compression().name())
                .put("root", reading.root());
        Reading.Csv csv = reading.csv();
        if (csv != null) {
            ObjectNode written = node.putObject("csv")
                    .put("header", csv.header())
                    .put("delimiter", csv.delimiter())
                    .put("quote", csv.quote());
            putUnlessNull(written, "nullText", csv.nullText());
        }
        reading.partitions().forEach(node.putArray("partitions")::add);
    }

    private static Manifest known(Members document) {
        Members source = document.object("source");
        Members hashing = document.object("hashing");
        Members rules = document.objectOrNull("rules");
        Members signature = document.objectOrNull(SIGNATURE);
        Members buckets = document.objectOrNull("buckets");
        Members reading = document.objectOrNull("reading");
        return new Manifest(
                document.snapshot("snapshot"),
                document.text("dataset"),
                document.parsed("origin", Manifest.Origin::valueOf, "an origin"),
                new Manifest.Source(source.text("kind"), source.text("address"), source.text("object")),
                capture(document.object("capture")),
                chain(document.object("chain")),
                schema(document.object("schema")),
                new Manifest.Hashing(
                        hashing.text("canonical"),
                        hashing.text("record"),
                        hashing.digest("compareSettings"),
                        hashing.has("thin") ? hashing.digest("thin") : null),
                counts(document.object("counts")),
                buckets == null ? null : buckets(buckets),
                document.objects(
                        "partitions",
                        each -> new Manifest.Partition(each.text("path"), each.count("files"), each.count("records"))),
                document.objects("files", ManifestJson::file),
                reading == null ? null : reading(reading),
                rules == null
                        ? null
                        : new Manifest.RuleVerdict(
                                rules.digest("ruleSet"), rules.parsed("verdict", Verdict::valueOf, "a verdict")),
                signature == null
                        ? null
                        : new Manifest.Signature(
                                signature.text("algorithm"), signature.text("key"), signature.text("value")),
                UnknownMembers.NONE);
    }

    private static Manifest.Capture capture(Members members) {
        return new Manifest.Capture(
                members.parsed("mode", Manifest.Mode::valueOf, "a mode of capture"),
                members.instant("from"),
                members.instant("to"),
                members.text("consistency"),
                members.text("clock"),
                Duration.ofMillis(members.count("allowedSkewMillis")));
    }

    private static Manifest.Chain chain(Members members) {
        Members parent = members.objectOrNull("parent");
        Members inserted = members.objectOrNull("inserted");
        Members removed = members.objectOrNull("removed");
        if ((inserted == null) != (removed == null)) {
            throw new IllegalArgumentException("of the digests of what was inserted and removed one is missing");
        }
        return new Manifest.Chain(
                members.count("sequence"),
                parent == null ? null : new Manifest.Parent(parent.snapshot("snapshot"), parent.digest("manifest")),
                inserted == null || removed == null ? null : new Manifest.Delta(buckets(inserted), buckets(removed)));
    }

    private static Manifest.Schema schema(Members members) {
        return new Manifest.Schema(
                members.texts("key", name -> name, "a name"),
                members.objects(
                        "fields",
                        each -> new Manifest.Field(
                                each.text("name"),
                                each.text("type"),
                                each.textOrNull("sourceType"),
                                each.textOrNull("view"),
                                each.truth("nullable"),
                                each.count("nulls"),
                                each.count("absent"))));
    }

    /** What is not known here may decide what the files mean, so it is refused, not kept. */
    private static Reading reading(Members members) {
        members.only("format", "compression", "root", "csv", "partitions");
        Members csv = members.objectOrNull("csv");
        if (csv != null) {
            csv.only("header", "delimiter", "quote", "nullText");
        }
        return new Reading(
                members.parsed("format", Reading.Format::valueOf, "a format of files"),
                members.parsed("compression", Reading.Compression::valueOf, "a way files are packed"),
                members.text("root"),
                csv == null
                        ? null
                        : new Reading.Csv(
                                csv.truth("header"),
                                csv.text("delimiter"),
                                csv.text("quote"),
                                csv.textOrNull("nullText")),
                members.texts("partitions", name -> name, "a name"));
    }

    private static Manifest.Counts counts(Members members) {
        return new Manifest.Counts(
                members.count("records"),
                members.count("distinctKeys"),
                members.count("duplicateKeys"),
                members.count("tombstones"),
                members.count("files"),
                members.count("bytes"));
    }

    private static Manifest.BucketFile buckets(Members members) {
        Members totals = members.object("totals");
        return new Manifest.BucketFile(
                Math.toIntExact(Math.min(members.count("count"), Integer.MAX_VALUE)),
                members.text("path"),
                members.count("bytes"),
                members.parsed("sha256", Sha256::new, "a SHA-256"),
                new Buckets.Sums(
                        totals.count("records"),
                        totals.parsed("keys", Digest128::parse, "a digest"),
                        totals.parsed("content", Digest128::parse, "a digest"),
                        totals.parsed("compare", Digest128::parse, "a digest")));
    }

    private static FileEntry file(Members members) {
        Members keys = members.objectOrNull("keys");
        return new FileEntry(
                members.text("path"),
                members.parsed("side", FileEntry.Side::valueOf, "a side"),
                members.count("bytes"),
                members.parsed("sha256", Sha256::new, "a SHA-256"),
                members.has("records") ? (Long) members.count("records") : null,
                keys == null
                        ? null
                        : new FileEntry.KeyRange(
                                keys.parsed("from", ManifestJson::hash, "a key hash"),
                                keys.parsed("to", ManifestJson::hash, "a key hash")));
    }

    private static long hash(String hex) {
        if (hex.length() != 16) {
            throw new IllegalArgumentException("a key hash has 16 hex digits");
        }
        return HexFormat.fromHexDigitsToLong(hex);
    }

    private static Manifest with(Manifest known, UnknownMembers unknown) {
        return new Manifest(
                known.snapshot(),
                known.dataset(),
                known.origin(),
                known.source(),
                known.capture(),
                known.chain(),
                known.schema(),
                known.hashing(),
                known.counts(),
                known.buckets(),
                known.partitions(),
                known.files(),
                known.reading(),
                known.rules(),
                known.signature(),
                unknown);
    }
}
