package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.Cases;
import dev.lastgood.rule.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ManifestTest {

    private static final String NAME = "snapshots/orders/20261122T020000Z-7f3a/manifest.json";

    private static Manifest example() {
        return Examples.manifest(new Random(7));
    }

    @Test
    void a_manifest_reads_back_equal_and_has_one_form() {
        Cases.run(Cases.heavy(1_000, 100_000), random -> {
            Manifest manifest = Examples.manifest(random);
            byte[] bytes = manifest.bytes();

            Manifest read = Manifest.read(NAME, bytes);

            assertThat(read).isEqualTo(manifest);
            assertThat(read.bytes()).isEqualTo(bytes);
            assertThat(read.digest()).isEqualTo(manifest.digest());
        });
    }

    @Test
    void the_digest_covers_everything_but_the_signature() {
        Manifest manifest = example();

        Manifest signed = manifest.signed(new Manifest.Signature("Ed25519", "backup", "c2lnbmVk"));

        assertThat(signed.digest()).isEqualTo(manifest.digest());
        assertThat(signed.bytes()).isNotEqualTo(manifest.bytes());
        assertThat(Manifest.read(NAME, signed.bytes())).isEqualTo(signed);
    }

    @Test
    void what_a_newer_program_adds_is_kept_and_digested() {
        Cases.run(Cases.heavy(1_000, 50_000), random -> {
            Manifest manifest = Examples.manifest(random);
            ObjectNode document = Mutations.document(manifest.bytes());
            addUnknown(document, random);
            byte[] bytes = digested(document);

            Manifest read = Manifest.read(NAME, bytes);

            assertThat(read.bytes()).isEqualTo(bytes);
            assertThat(read.unknown()).isNotEqualTo(UnknownMembers.NONE);
            assertThat(read.files()).isEqualTo(manifest.files());
            assertThat(read.digest()).isNotEqualTo(manifest.digest());
        });
    }

    /** Adds a member to the document itself or to an object in it. */
    private static void addUnknown(ObjectNode document, Random random) {
        List<JsonNode> objects = document.findParents("sha256");
        ObjectNode somewhere = objects.isEmpty() || random.nextBoolean()
                ? document
                : (ObjectNode) objects.get(random.nextInt(objects.size()));
        somewhere.put("zstdLevel", random.nextInt(20)).putArray("more").add(1.5).add("x");
    }

    /** The document with the digest it ought to have. */
    private static byte[] digested(ObjectNode document) {
        JsonNode signature = document.remove("signature");
        document.remove("manifest");
        document.put("manifest", Sha256.of(CanonicalJson.bytes(document)).toString());
        if (signature != null) {
            document.set("signature", signature);
        }
        return CanonicalJson.bytes(document);
    }

    @Test
    void damaged_bytes_are_never_another_manifest() {
        Cases.run(Cases.heavy(5_000, 300_000), random -> {
            byte[] bytes = Examples.manifest(random).bytes();
            byte[] changed = Mutations.ofBytes(bytes, random);
            readHostile(bytes, changed);
        });
    }

    @Test
    void changed_documents_are_never_the_same_manifest() {
        Cases.run(Cases.heavy(3_000, 200_000), random -> {
            byte[] bytes = Examples.manifest(random).bytes();
            ObjectNode changed = Mutations.ofDocument(Mutations.document(bytes), random);
            readHostile(bytes, Mutations.pretty(changed));
            byte[] canonical;
            try {
                readHostile(bytes, CanonicalJson.bytes(changed));
                canonical = digested(changed);
            } catch (IllegalArgumentException e) {
                return;
            }
            readHostile(bytes, canonical);
        });
    }

    /** Refused in words, or read as exactly what is written, with another digest unless nothing is different. */
    private static void readHostile(byte[] original, byte[] changed) {
        Manifest read;
        try {
            read = Manifest.read(NAME, changed);
        } catch (UnusableEntry e) {
            assertThat(e.getMessage()).startsWith(NAME + " cannot be used: ");
            assertThat(e.defect()).isNotBlank().doesNotContain("null pointer");
            return;
        }
        assertThat(read.bytes()).isEqualTo(changed);
        Manifest before = Manifest.read(NAME, original);
        if (read.digest().equals(before.digest())) {
            assertThat(read.signed(new Manifest.Signature("Ed25519", "", "")))
                    .isEqualTo(before.signed(new Manifest.Signature("Ed25519", "", "")));
        }
    }

    private static void assertRefused(String member, JsonNode value, String message) {
        ObjectNode document = Mutations.document(example().bytes());
        ObjectNode parent = document;
        int dot = member.indexOf('.');
        if (dot > 0) {
            parent = (ObjectNode) document.get(member.substring(0, dot));
        }
        parent.set(member.substring(dot + 1), value);
        assertThatThrownBy(() -> Manifest.read(NAME, digested(document)))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage(NAME + " cannot be used: " + message);
    }

    private static JsonNode json(String text) {
        try {
            return dev.lastgood.record.JsonValues.MAPPER.readTree(text);
        } catch (java.io.IOException e) {
            return fail(e);
        }
    }

    @Test
    void what_this_program_does_not_know_is_refused_by_name() {
        assertRefused("format", json("\"velero\""), "its format is 'velero', not 'lastgood-snapshot'");
        assertRefused("formatVersion", json("2"), "it has format version 2, and this program knows version 1");
        assertRefused("hashing.canonical", json("\"cj9\""), "there is no canonical form 'cj9'");
        assertRefused("hashing.record", json("\"md5\""), "there is no record hash 'md5'");
        assertRefused(
                "signature",
                json("{\"algorithm\":\"RSA\",\"key\":\"k\",\"value\":\"v\"}"),
                "there is no signature algorithm 'RSA'");
        assertRefused("origin", json("\"FOUND\""), "'origin' is not an origin");
        assertRefused("capture.mode", json("\"fuzzy\""), "'capture.mode' is not a mode of capture");
    }

    @Test
    void what_is_missing_or_impossible_is_named() {
        assertRefused("counts.records", json("-1"), "'counts.records' is not a number of things");
        assertRefused("counts.records", json("9007199254740992"), "'counts.records' is not a number of things");
        assertRefused("counts.records", json("1.5"), "'counts.records' is not a whole number");
        assertRefused("counts.records", json("\"7\""), "'counts.records' is not a whole number");
        assertRefused("capture.from", json("\"yesterday\""), "'capture.from' is not a time in UTC");
        assertRefused("capture", json("[]"), "'capture' is not an object");
        assertRefused("files", json("{}"), "'files' is not an array");
        assertRefused("files", json("[1]"), "'files[0]' is not an object");
        assertRefused("files", json("[{}]"), "'files[0].path' is missing");
        assertRefused("schema.key", json("[1]"), "'schema.key[0]' is not text");
        assertRefused("snapshot", json("\"latest\""), "'snapshot' is not the id of a snapshot");
        assertRefused("dataset", json("\"\""), "a dataset without a name");
    }

    @Test
    void files_stay_in_their_folder() {
        String file = "[{\"bytes\":1,\"path\":\"%s\",\"sha256\":\"" + "0".repeat(64) + "\",\"side\":\"DATA\"}]";
        ObjectNode document =
                Mutations.document(Examples.manifest(new Random(7)).bytes());
        document.put("origin", "TAKEN");
        document.remove("reading");
        document.set("files", json(file.formatted("../../../catalog/000000000001.json")));

        assertThatThrownBy(() -> Manifest.read(NAME, digested(document)))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage(NAME
                        + " cannot be used: '../../../catalog/000000000001.json' is no file of the snapshot's folder");
    }

    /** A manifest of CSV files that others wrote, with a change to how they are read. */
    private static void assertUnread(String message, Consumer<ObjectNode> change) {
        Reading reading = new Reading(
                Reading.Format.CSV,
                Reading.Compression.GZIP,
                "file:/backups/orders",
                new Reading.Csv(true, ";", "\"", "NA"),
                List.of("day"));
        FileEntry file = new FileEntry(
                "file:/backups/orders/day=2026-11-20/a.csv.gz",
                FileEntry.Side.DATA,
                7,
                Sha256.of(new byte[0]),
                3L,
                null);
        Manifest taken = example();
        Manifest adopted = new Manifest(
                taken.snapshot(),
                taken.dataset(),
                Manifest.Origin.ADOPTED,
                taken.source(),
                taken.capture(),
                taken.chain(),
                taken.schema(),
                taken.hashing(),
                taken.counts(),
                taken.buckets(),
                taken.partitions(),
                List.of(file),
                reading,
                null,
                null,
                UnknownMembers.NONE);
        assertThat(Manifest.read(NAME, adopted.bytes())).isEqualTo(adopted);
        ObjectNode document = Mutations.document(adopted.bytes());
        change.accept(document);
        assertThatThrownBy(() -> Manifest.read(NAME, digested(document)))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage(NAME + " cannot be used: " + message);
    }

    private static ObjectNode reading(ObjectNode document) {
        return (ObjectNode) document.get("reading");
    }

    private static ObjectNode csv(ObjectNode document) {
        return (ObjectNode) reading(document).get("csv");
    }

    @Test
    void a_way_of_reading_that_is_not_known_is_refused() {
        assertUnread(
                "'reading.format' is not a format of files", it -> reading(it).put("format", "XML"));
        assertUnread(
                "'reading.compression' is not a way files are packed",
                it -> reading(it).put("compression", "ZIP"));
        assertUnread(
                "'reading.encoding' is nothing this program knows",
                it -> reading(it).put("encoding", "UTF-16"));
        assertUnread("'reading.csv.escape' is nothing this program knows", it -> csv(it).put("escape", "\\"));
        assertUnread("there is no way to read cells quoted by '''", it -> csv(it).put("quote", "'"));
        assertUnread("'||' cannot stand between cells", it -> csv(it).put("delimiter", "||"));
        assertUnread("CSV with no way of CSV", it -> reading(it).remove("csv"));
        assertUnread("JSON with a way of CSV", it -> reading(it).put("format", "JSON"));
        assertUnread("ORC files are not packed as a whole", it -> {
            reading(it).put("format", "ORC").remove("csv");
        });
        assertUnread("'backups' is no absolute URI", it -> reading(it).put("root", "backups"));
        assertUnread(
                "'file:/backups/orders/day=2026-11-20/a.csv.gz' is no file of file:/backups/order",
                it -> reading(it).put("root", "file:/backups/order"));
        assertUnread(
                "partitions [day, day]",
                it -> reading(it).putArray("partitions").add("day").add("day"));
        assertUnread("a snapshot that was TAKEN, with another way to read its files", it -> it.put("origin", "TAKEN"));
        assertUnread("a snapshot that was ADOPTED, with no way to read its files", it -> it.remove("reading"));
    }

    @Test
    void a_digest_that_is_not_its_own_is_refused_with_both() {
        Manifest manifest = example();
        ObjectNode document = Mutations.document(manifest.bytes());
        Sha256 other = Sha256.of(new byte[0]);
        document.put("manifest", other.toString());

        assertThatThrownBy(() -> Manifest.read(NAME, CanonicalJson.bytes(document)))
                .hasMessage(
                        NAME + " cannot be used: its digest is %s, and it says %s".formatted(manifest.digest(), other));
    }

    private static void assertImpossible(String message, Runnable making) {
        assertThatThrownBy(making::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void what_cannot_be_is_not_made() {
        var noon = Examples.NOON;
        var sums = Buckets.Sums.ZERO;
        Sha256 digest = Sha256.of(new byte[0]);
        assertImpossible(
                "a capture from 2026-11-22T12:00:00Z to 2026-11-22T11:59:59Z, skew PT0S",
                () -> capture(noon, noon.minusSeconds(1), Duration.ZERO));
        assertImpossible(
                "a capture from 2026-11-22T12:00:00Z to 2026-11-22T12:00:00Z, skew PT-1S",
                () -> capture(noon, noon, Duration.ofSeconds(-1)));
        assertImpossible("a chain with sequence 1 and parent null", () -> new Manifest.Chain(1, null, null));
        assertImpossible("a chain with sequence -1 and parent null", () -> new Manifest.Chain(-1, null, null));
        assertThatThrownBy(() -> new Manifest.Chain(1, new Manifest.Parent(Examples.FIRST, digest), null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Manifest.Chain(0, new Manifest.Parent(Examples.FIRST, digest), null))
                .isInstanceOf(IllegalArgumentException.class);
        assertImpossible("field 'a': -1 nulls, 0 absent", () -> field("a", -1, 0));
        assertImpossible("field 'a': 0 nulls, -1 absent", () -> field("a", 0, -1));
        assertImpossible(
                "two fields are named 'a'",
                () -> new Manifest.Schema(List.of(), List.of(field("a", 0, 0), field("a", 0, 0))));
        for (int i = 0; i < 6; i++) {
            long[] counts = new long[6];
            counts[i] = -1;
            assertImpossible(
                    "a count below zero",
                    () -> new Manifest.Counts(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]));
        }
        assertImpossible("a sidecar 'b' of 0 buckets", () -> new Manifest.BucketFile(0, "b", 1, digest, sums));
        assertImpossible(
                "a sidecar 'b' of 1048577 buckets", () -> new Manifest.BucketFile(1048577, "b", 1, digest, sums));
        assertImpossible("a sidecar '../b' of 1 buckets", () -> new Manifest.BucketFile(1, "../b", 1, digest, sums));
        assertImpossible("a sidecar 'b' of 1 buckets", () -> new Manifest.BucketFile(1, "b", -1, digest, sums));
        assertImpossible("partition 'p' with a count below zero", () -> new Manifest.Partition("p", -1, 0));
        assertImpossible("partition 'p' with a count below zero", () -> new Manifest.Partition("p", 0, -1));
        assertImpossible("not the path of a file: ''", () -> file("", 0, 0));
        assertImpossible("not the path of a file: 'a\nb'", () -> file("a\nb", 0, 0));
        assertImpossible("a: -1 bytes, 0 records", () -> file("a", -1, 0));
        assertImpossible("a: 0 bytes, -1 records", () -> file("a", 0, -1));
        assertImpossible("key hashes from 0000000000000002 to 0000000000000001", () -> new FileEntry.KeyRange(2, 1));
        assertImpossible("a pass with 0 damages, 0 files and 0 records examined", () -> report(Verdict.PASS, 0));
        assertImpossible("a failure without damage", () -> report(Verdict.FAIL, 1));
        assertImpossible("impossible counts in a verification report", () -> report(Verdict.INCONCLUSIVE, -1));
    }

    private static Manifest.Capture capture(Instant from, Instant to, Duration skew) {
        return new Manifest.Capture(Manifest.Mode.FUZZY, from, to, "none", "here", skew);
    }

    private static Manifest.Field field(String name, long nulls, long absent) {
        return new Manifest.Field(name, "int", null, null, true, nulls, absent);
    }

    private static FileEntry file(String path, long bytes, long records) {
        return new FileEntry(path, FileEntry.Side.DATA, bytes, Sha256.of(new byte[0]), records, null);
    }

    private static VerificationReport report(Verdict verdict, long files) {
        return new VerificationReport(Level.L2, verdict, files, 0, 0, 0, List.of());
    }

    @Test
    void a_fingerprint_follows_key_names_types_and_order_and_nothing_else() {
        var a = field("a", 0, 0);
        var b = field("b", 0, 0);
        Sha256 one = new Manifest.Schema(List.of("a"), List.of(a, b)).fingerprint();

        assertThat(new Manifest.Schema(List.of("a"), List.of(field("a", 7, 7), b)).fingerprint())
                .isEqualTo(one);
        assertThat(new Manifest.Schema(List.of("b"), List.of(a, b)).fingerprint())
                .isNotEqualTo(one);
        assertThat(new Manifest.Schema(List.of("a"), List.of(b, a)).fingerprint())
                .isNotEqualTo(one);
        var retyped = new Manifest.Field("b", "bigint", null, null, true, 0, 0);
        assertThat(new Manifest.Schema(List.of("a"), List.of(a, retyped)).fingerprint())
                .isNotEqualTo(one);
        var sourced = new Manifest.Field("b", "int", "int2", null, true, 0, 0);
        assertThat(new Manifest.Schema(List.of("a"), List.of(a, sourced)).fingerprint())
                .isNotEqualTo(one);
    }

    @Test
    void what_is_no_document_is_refused() {
        assertUnreadable(new byte[0], "it is empty");
        assertUnreadable(new byte[(128 << 20) + 1], "it has 134217729 bytes, more than any such document");
        assertUnreadable("[]".getBytes(StandardCharsets.UTF_8), "it is not a JSON object");
        assertUnreadable("{".getBytes(StandardCharsets.UTF_8), "it is not JSON");
        assertUnreadable(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}, "it is not UTF-8");
        assertUnreadable("{\"a\": 1}".getBytes(StandardCharsets.UTF_8), "it is not in canonical form (RFC 8785)");
        assertUnreadable("{\"a\":1,\"a\":1}".getBytes(StandardCharsets.UTF_8), "it is not JSON");
        assertUnreadable("{\"a\":1e999}".getBytes(StandardCharsets.UTF_8), "it has no canonical form (RFC 8785)");
        assertUnreadable(("{\"a\":" + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8), "it is not JSON");
    }

    private static void assertUnreadable(byte[] bytes, String defect) {
        assertThatThrownBy(() -> Manifest.read(NAME, bytes)).hasMessage(NAME + " cannot be used: " + defect);
    }

    /** Sound, and signed if need be, but of another snapshot: whoever can write to the store could name it as this one. */
    @Test
    void the_manifest_of_another_snapshot_is_none_of_this_one() throws Exception {
        MemoryStore store = new MemoryStore();
        Manifest other = Examples.write(store, Examples.FIRST, new Random(1), 2);
        Snapshot named = Snapshot.of(Examples.SECOND, "orders", Manifest.Origin.TAKEN, Event.Captured.of(other));
        store.publish(named.folder() + "/" + Manifest.NAME, other.bytes());

        assertThatThrownBy(() -> named.manifest(store))
                .isInstanceOf(UnusableEntry.class)
                .hasMessageContaining("it is of snapshot %s of 'orders'".formatted(Examples.FIRST));
        assertThat(Examples.snapshot(other).manifest(store)).isEqualTo(other);
    }
}
