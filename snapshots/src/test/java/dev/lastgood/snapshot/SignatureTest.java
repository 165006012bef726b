package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.record.Cases;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Trust.Standing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SignatureTest {

    private static final String NAME = "snapshots/orders/20261122T020000Z-7f3a/manifest.json";
    private static final KeyPair OURS = KeysForTests.pair();
    private static final KeyPair THEIRS = KeysForTests.pair();

    /** The keys of RFC 8410, section 10. */
    private static final String PRIVATE = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """;

    private static final String PUBLIC = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----
            """;

    private static Trust in(KeyPair... pairs) {
        return Trust.in(Arrays.stream(pairs).map(KeyPair::getPublic).toList());
    }

    private static Signer signer(KeyPair pair) {
        return Signer.of(pair.getPrivate(), in(pair)).orElseThrow();
    }

    private static Manifest manifest(long seed) {
        return Examples.manifest(new Random(seed));
    }

    private static Manifest unsigned(Manifest manifest) {
        String json = new String(manifest.bytes(), StandardCharsets.UTF_8);
        return Manifest.read(
                NAME, json.replaceFirst(",\"signature\":\\{[^}]*}", "").getBytes(StandardCharsets.UTF_8));
    }

    private static Manifest.Signature signature(Manifest manifest) {
        return Objects.requireNonNull(manifest.signature());
    }

    // Keys

    @Test
    void keys_are_read_as_openssl_writes_them() {
        PublicKey key = Ed25519.publicKey(PUBLIC);
        Trust trust = Trust.in(List.of(key));
        Manifest signed =
                Signer.of(Ed25519.privateKey(PRIVATE), trust).orElseThrow().signed(manifest(7));

        assertThat(trust.standing(signed)).isEqualTo(Standing.TRUSTED);
        byte[] der = Base64.getDecoder().decode("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        assertThat(signature(signed).key()).isEqualTo(Sha256.of(der).toString());
        assertThat(signature(signed).algorithm()).isEqualTo("Ed25519");
        KeyPair made = KeysForTests.pair();
        assertThat(Ed25519.privateKey("Bag Attributes: none\r\n"
                        + KeysForTests.privatePem(made).replace("\n", "\r\n")))
                .isEqualTo(made.getPrivate());
        assertThat(Ed25519.publicKey(KeysForTests.publicPem(made).strip())).isEqualTo(made.getPublic());
    }

    @Test
    void what_is_signed_is_the_digest_in_words_of_its_own() {
        Manifest signed = signer(OURS).signed(manifest(7));

        byte[] value = Base64.getDecoder().decode(signature(signed).value());
        String message = "lastgood manifest signature 1\n" + signed.digest() + "\n";
        assertThat(Ed25519.isSignature(OURS.getPublic(), message.getBytes(StandardCharsets.UTF_8), value))
                .isTrue();
        assertThat(Ed25519.isSignature(
                        OURS.getPublic(), signed.digest().toString().getBytes(StandardCharsets.UTF_8), value))
                .isFalse();
        assertThat(Manifest.read(NAME, signed.bytes())).isEqualTo(signed);
        assertThat(signed.digest()).isEqualTo(manifest(7).digest());
    }

    private static void assertNoPrivateKey(String pem, String message) {
        assertThatThrownBy(() -> Ed25519.privateKey(pem))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message)
                .hasNoCause();
    }

    @Test
    void what_is_no_key_is_said_without_showing_it() {
        assertNoPrivateKey("", "it is not PEM: there is no block from BEGIN to END");
        assertNoPrivateKey("MC4CAQAwBQYDK2VwBCIEIA==", "it is not PEM: there is no block from BEGIN to END");
        assertNoPrivateKey(PRIVATE.replace("END", "ENDE"), "it is not PEM: there is no block from BEGIN to END");
        assertNoPrivateKey(PUBLIC, "it holds 'PUBLIC KEY', not 'PRIVATE KEY'");
        assertNoPrivateKey(
                PRIVATE.replace("PRIVATE", "ENCRYPTED PRIVATE"), "it holds 'ENCRYPTED PRIVATE KEY', not 'PRIVATE KEY'");
        assertNoPrivateKey(PRIVATE + PRIVATE, "it holds more than one block of PEM");
        assertNoPrivateKey(PRIVATE.replace("MC4C", "M=4C"), "its block of PEM is not base64");
        assertNoPrivateKey(PRIVATE.replace("MC4C", "NC4C"), "it is no key of Ed25519");
        assertNoPrivateKey(PRIVATE.replaceFirst("MC4C", ""), "it is no key of Ed25519");
        assertThatThrownBy(() -> Ed25519.publicKey(PRIVATE)).hasMessage("it holds 'PRIVATE KEY', not 'PUBLIC KEY'");
        for (String algorithm : List.of("RSA", "EC", "Ed448", "X25519")) {
            KeyPair other = KeysForTests.pair(algorithm);
            assertNoPrivateKey(KeysForTests.privatePem(other), "it is no key of Ed25519");
            assertThatThrownBy(() -> Ed25519.publicKey(KeysForTests.publicPem(other)))
                    .hasMessage("it is no key of Ed25519");
        }
    }

    @Test
    void hostile_keys_are_refused_in_words_that_show_nothing_of_them() {
        byte[] pem = PRIVATE.getBytes(StandardCharsets.UTF_8);
        Cases.run(Cases.heavy(1_000, 50_000), random -> {
            byte[] changed = Mutations.ofBytes(pem, random);
            try {
                Ed25519.privateKey(new String(changed, StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).doesNotContain("MC4C", "P9h4").isNotBlank();
                assertThat(e.getCause()).isNull();
            }
        });
    }

    @Test
    void a_key_whose_public_half_nobody_trusts_signs_nothing() {
        assertThat(Signer.of(OURS.getPrivate(), in(THEIRS))).isEmpty();
        assertThat(Signer.of(OURS.getPrivate(), in(THEIRS, OURS))).isPresent();
        assertThat(signer(OURS)).hasToString("the owner of the key " + Ed25519.id(OURS.getPublic()));
        assertThat(Signer.NOBODY.signed(manifest(7))).isEqualTo(manifest(7));
        assertThatThrownBy(() -> Trust.in(List.of())).hasMessage("trust in nobody");
    }

    // Standing

    @Test
    void unsigned_unknown_and_wrong_are_told_apart() {
        Manifest plain = unsigned(manifest(7));
        Manifest signed = signer(OURS).signed(plain);
        Trust trust = in(OURS);
        Manifest.Signature ours = signature(signed);

        assertThat(trust.standing(signed)).isEqualTo(Standing.TRUSTED);
        assertThat(trust.standing(plain)).isEqualTo(Standing.UNSIGNED);
        assertThat(trust.standing(signer(THEIRS).signed(plain))).isEqualTo(Standing.UNKNOWN_KEY);
        Manifest.Signature theirs = signature(signer(THEIRS).signed(plain));
        assertThat(trust.standing(plain.signed(new Manifest.Signature("Ed25519", ours.key(), theirs.value()))))
                .isEqualTo(Standing.WRONG_SIGNATURE);
        assertThat(trust.standing(plain.signed(new Manifest.Signature("Ed25519", theirs.key(), ours.value()))))
                .isEqualTo(Standing.UNKNOWN_KEY);
        for (String none : List.of("", "x", "****", ours.value() + "A", ours.value() + "AAAA", "A".repeat(86) + "==")) {
            assertThat(trust.standing(plain.signed(new Manifest.Signature("Ed25519", ours.key(), none))))
                    .isEqualTo(Standing.WRONG_SIGNATURE);
        }
        assertThat(Trust.ANYONE.standing(signer(THEIRS).signed(plain))).isEqualTo(Standing.NOT_ASKED);
        assertThat(Trust.ANYONE.asks()).isFalse();
    }

    @Test
    void a_signature_belongs_to_one_manifest() {
        Cases.run(Cases.heavy(300, 20_000), random -> {
            Manifest one = signer(OURS).signed(Examples.manifest(random));
            Manifest other = Examples.manifest(random);

            assertThat(in(OURS).standing(one)).isEqualTo(Standing.TRUSTED);
            assertThat(in(OURS).standing(other.signed(signature(one)))).isEqualTo(Standing.WRONG_SIGNATURE);
        });
    }

    @Test
    void both_keys_count_while_one_replaces_the_other() {
        Manifest before = signer(OURS).signed(manifest(7));
        Manifest after = signer(THEIRS).signed(manifest(8));
        Trust both = in(OURS, THEIRS);

        assertThat(both.standing(before)).isEqualTo(Standing.TRUSTED);
        assertThat(both.standing(after)).isEqualTo(Standing.TRUSTED);
        assertThat(in(THEIRS).standing(before)).isEqualTo(Standing.UNKNOWN_KEY);
        assertThat(in(THEIRS).standing(after)).isEqualTo(Standing.TRUSTED);
        assertThat(both.keys()).containsExactlyInAnyOrder(Ed25519.id(OURS.getPublic()), Ed25519.id(THEIRS.getPublic()));
    }

    // Hostile manifests

    @Test
    void every_flipped_bit_of_a_signed_manifest_is_found() {
        Manifest small = LongStream.range(0, 50)
                .mapToObj(SignatureTest::manifest)
                .min(Comparator.comparing(manifest -> manifest.bytes().length))
                .orElseThrow();
        byte[] bytes = signer(OURS).signed(small).bytes();
        Trust trust = in(OURS);
        Map<String, Integer> found = new HashMap<>();
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            found.merge(standing(trust, changed), 1, Integer::sum);
        }

        assertThat(found).containsOnlyKeys("UNUSABLE", "UNKNOWN_KEY", "WRONG_SIGNATURE");
    }

    private static String standing(Trust trust, byte[] bytes) {
        try {
            return trust.standing(Manifest.read(NAME, bytes)).name();
        } catch (UnusableEntry e) {
            return "UNUSABLE";
        }
    }

    /** Whoever has no key can change the digest with the manifest, and take any signature there ever was. */
    @Test
    void a_hostile_manifest_with_a_digest_of_its_own_is_never_trusted() {
        Trust trust = in(OURS);
        Signer ours = signer(OURS);
        Signer theirs = signer(THEIRS);
        Cases.run(Cases.heavy(2_000, 250_000), random -> {
            Manifest signed = ours.signed(Examples.manifest(random));
            var document = Mutations.ofDocument(Mutations.document(signed.bytes()), random);
            var signature = document.remove("signature");
            document.remove("manifest");
            byte[] forged;
            try {
                document.put(
                        "manifest", Sha256.of(CanonicalJson.bytes(document)).toString());
                if (signature != null) {
                    document.set("signature", signature);
                }
                forged = CanonicalJson.bytes(document);
            } catch (IllegalArgumentException e) {
                return;
            }
            Manifest read;
            try {
                read = Manifest.read(NAME, forged);
            } catch (UnusableEntry e) {
                return;
            }
            assertThat(trust.standing(read) == Standing.TRUSTED).isEqualTo(read.equals(signed));
            assertThat(trust.standing(theirs.signed(read))).isEqualTo(Standing.UNKNOWN_KEY);
        });
    }

    @Test
    void hostile_signatures_are_never_trusted_and_never_end_in_another_way() {
        Trust trust = in(OURS);
        Signer ours = signer(OURS);
        Manifest signed = ours.signed(manifest(7));
        Manifest.Signature good = signature(signed);
        byte[] value = good.value().getBytes(StandardCharsets.UTF_8);
        Cases.run(Cases.heavy(3_000, 200_000), random -> {
            byte[] changed = Mutations.ofBytes(value, random);
            String text = new String(changed, StandardCharsets.ISO_8859_1);
            Manifest hostile = signed.signed(new Manifest.Signature("Ed25519", good.key(), text));

            assertThat(trust.standing(hostile))
                    .isEqualTo(text.equals(good.value()) ? Standing.TRUSTED : Standing.WRONG_SIGNATURE);
            byte[] raw = Mutations.ofBytes(Base64.getDecoder().decode(good.value()), random);
            String encoded = Base64.getEncoder().encodeToString(raw);
            assertThat(trust.standing(signed.signed(new Manifest.Signature("Ed25519", good.key(), encoded))))
                    .isEqualTo(encoded.equals(good.value()) ? Standing.TRUSTED : Standing.WRONG_SIGNATURE);
        });
    }

    // Readers

    private final MemoryStore memory = new MemoryStore();

    private Manifest written(SnapshotId id) throws IOException {
        return Examples.write(memory, id, new Random(1), 2);
    }

    private void replace(Manifest manifest) {
        memory.content.put(manifest.folder() + "/" + Manifest.NAME, manifest.bytes());
    }

    private void assertRefused(Snapshot snapshot, Damage.Kind kind, String defect) {
        Store store = new TrustingStore(memory, in(OURS));
        String name = snapshot.folder() + "/" + Manifest.NAME;
        assertThatThrownBy(() -> snapshot.manifest(store))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage(name + " cannot be used: " + defect);
        assertThat(snapshot.shown(store).digest()).isEqualTo(snapshot.manifest());
        CatalogState state = CatalogState.empty(Sha256.of(new byte[0]));
        SnapshotFiles files = SnapshotFiles.in(store, snapshot.folder());
        for (VerificationReport report : List.of(
                ByteVerification.structure(snapshot, store, files, state),
                ByteVerification.bytes(snapshot, store, files))) {
            assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(report.damages()).containsExactly(new Damage("manifest.json", kind, defect));
            assertThat(report.filesExamined()).isEqualTo(5);
        }
    }

    @Test
    void who_reads_or_verifies_a_snapshot_is_told_which_of_the_three_it_is() throws IOException {
        Manifest plain = written(Examples.FIRST);
        Snapshot snapshot = Examples.snapshot(plain);
        Manifest other = signer(OURS).signed(written(Examples.SECOND));
        String ours = Ed25519.id(OURS.getPublic());

        assertRefused(snapshot, Damage.Kind.UNSIGNED, "it is not signed, and 'signing.trust' asks for a signature");
        replace(signer(THEIRS).signed(plain));
        assertRefused(
                snapshot,
                Damage.Kind.UNKNOWN_KEY,
                "it is signed by the key '%s', which is not among those of 'signing.trust'"
                        .formatted(Ed25519.id(THEIRS.getPublic())));
        replace(plain.signed(signature(other)));
        assertRefused(
                snapshot,
                Damage.Kind.WRONG_SIGNATURE,
                "its signature is not one of the key '%s', which it names".formatted(ours));

        Manifest signed = signer(OURS).signed(plain);
        replace(signed);
        Store store = new TrustingStore(memory, in(OURS));
        assertThat(snapshot.manifest(store)).isEqualTo(signed);
        SnapshotFiles files = SnapshotFiles.in(store, snapshot.folder());
        assertThat(ByteVerification.bytes(snapshot, store, files).verdict()).isEqualTo(Verdict.PASS);
        replace(plain);
        assertThat(snapshot.manifest(memory)).isEqualTo(plain);
    }
}
