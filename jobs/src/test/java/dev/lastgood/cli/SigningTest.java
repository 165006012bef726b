package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.Ed25519;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Snapshots that are signed, and every reader that asks for it. */
final class SigningTest {

    /** What reads a snapshot and relies on it. */
    private static final List<String> READERS = List.of(
            "audit --dataset items --baseline $SNAPSHOT",
            "diff $SNAPSHOT live --dataset items",
            "history items i2",
            "rules suggest --dataset items --snapshot $SNAPSHOT");

    private final ShopForTests shop = ShopForTests.at(Stage.FRESH);
    private final KeyPair ours = pair();

    private static KeyPair pair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
    }

    private void sign(KeyPair pair, String trust) {
        shop.write("secret/signing.pem", pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        shop.write("keys/ours.pub", pem("PUBLIC KEY", ours.getPublic().getEncoded()));
        String yaml = read(shop.folder().resolve("lastgood.yaml")).replaceAll("(?s)\nsigning:.*", "\n");
        shop.write(
                "lastgood.yaml",
                yaml + "\nsigning:\n  key: ${file:secret/signing.pem}\n  trust: [%s]\n".formatted(trust));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Ended run(String line) {
        return shop.run(ShopForTests.words(line));
    }

    private JsonNode json(int code, String line) throws IOException {
        Ended ended = run(line + " --json");
        assertThat(ended.code()).as(ended.out() + ended.err()).isEqualTo(code);
        return JsonValues.MAPPER.readTree(ended.out());
    }

    private Path manifest(String dataset) throws IOException {
        try (Stream<Path> files = Files.walk(shop.folder().resolve("store/snapshots/" + dataset))) {
            return files.filter(file -> file.endsWith("manifest.json"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private List<String> signatures(int code, String line, String of) throws IOException {
        List<String> found = new ArrayList<>();
        json(code, line).get(of).forEach(one -> found.add(one.get("signature").asText()));
        return found;
    }

    @Test
    void what_is_taken_is_signed_and_every_reader_accepts_it() throws Exception {
        sign(ours, "keys/*.pub");

        Ended taken = run("snapshot take");

        assertThat(taken.code()).as(taken.err()).isZero();
        String id = Ed25519.id(ours.getPublic());
        JsonNode signature = JsonValues.MAPPER.readTree(read(manifest("items"))).get("signature");
        assertThat(signature.get("algorithm").asText()).isEqualTo("Ed25519");
        assertThat(signature.get("key").asText()).isEqualTo(id);
        assertThat(signatures(0, "snapshot list", "snapshots"))
                .containsOnly("TRUSTED")
                .hasSize(3);
        assertThat(signatures(0, "snapshot show latest", "signatures"))
                .containsOnly("TRUSTED")
                .hasSize(3);
        assertThat(run("snapshot show latest --dataset items").out())
                .contains("  signature by key %s, trusted\n".formatted(id));
        assertThat(run("snapshot list").out().lines().findFirst())
                .hasValueSatisfying(head -> assertThat(head).endsWith("signature"));
        assertThat(run("snapshot verify").code()).isZero();
        shop.replace("data/items.csv", "i2,Bolt,Bell Planted,0.50,900", "i2,Bolt,Bell Planted,-0.50,900");
        for (String reader : READERS) {
            Ended ended = run(reader);
            assertThat(ended.code()).as("%s%n%s", reader, ended.err()).isIn(0, 1, 3);
        }
        assertSecret();
    }

    /** Nothing that was written holds the key. */
    private void assertSecret() throws IOException {
        String key = Base64.getEncoder()
                .encodeToString(ours.getPrivate().getEncoded())
                .substring(22);
        try (Stream<Path> files = Files.walk(shop.folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean holds = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(key);
                assertThat(holds).as(file.toString()).isEqualTo(file.endsWith("signing.pem"));
            }
        }
    }

    private void assertRefused(String kind, String cell, String defect) throws IOException {
        for (String reader : READERS) {
            Ended ended = run(reader);
            assertThat(ended.code()).as(reader + ended.out()).isEqualTo(5);
            assertThat(shop.normal(ended.err()))
                    .as(reader)
                    .startsWith("error: snapshots/items/$FIRST/manifest.json cannot be used: " + defect);
            assertThat(ended.out()).as(reader).isEmpty();
        }
        JsonNode verified = json(1, "snapshot verify --dataset items");
        assertThat(verified.get("verdict").asText()).isEqualTo("FAIL");
        assertThat(verified.get("verifications")
                        .get(0)
                        .get("damages")
                        .get(0)
                        .get("kind")
                        .asText())
                .isEqualTo(kind);
        assertThat(signatures(0, "snapshot list --dataset items", "snapshots")).containsExactly(kind);
        assertThat(run("snapshot list --dataset items").out()).contains(cell);
        assertThat(signatures(1, "snapshot show latest --dataset items", "signatures"))
                .containsExactly(kind);
        assertThat(run("audit --dataset items").code()).isEqualTo(5);
        assertThat(run("status").code()).isEqualTo(1);
    }

    @Test
    void an_unsigned_snapshot_is_refused_by_every_reader_that_trusts_somebody() throws Exception {
        assertThat(run("snapshot take").code()).isZero();
        assertThat(run("snapshot show latest --dataset items").out()).contains("  signature none\n");
        assertThat(json(0, "snapshot list").get("snapshots").get(0).has("signature"))
                .isFalse();
        shop.replace("data/items.csv", "i2,Bolt,Bell Planted,0.50,900", "i2,Bolt,Bell Planted,-0.50,900");
        run("audit --dataset items");
        sign(ours, "keys/*.pub");

        // Before its verification fails: what is known to be damaged is no state of a record anyway.
        Ended planned = run("restore plan");
        assertThat(planned.code()).as(planned.err()).isEqualTo(5);
        assertThat(planned.err()).contains("manifest.json cannot be used: it is not signed, and 'signing.trust'");
        assertRefused("UNSIGNED", "unsigned", "it is not signed, and 'signing.trust' asks for a signature\n");
    }

    @Test
    void a_snapshot_signed_by_another_is_refused_and_accepted_once_both_keys_are_trusted() throws Exception {
        KeyPair old = pair();
        shop.write("keys/old.pub", pem("PUBLIC KEY", old.getPublic().getEncoded()));
        sign(old, "keys/old.pub");
        assertThat(run("snapshot take").code()).isZero();
        sign(ours, "keys/ours.pub");

        assertRefused(
                "UNKNOWN_KEY",
                "unknown key",
                "it is signed by the key '<digest>', which is not among those of 'signing.trust'\n");

        sign(ours, "keys/*.pub");
        assertThat(run("snapshot verify").code()).isZero();
        assertThat(run("audit").code()).isZero();
        assertThat(run("snapshot take").code()).isZero();
        assertThat(signatures(0, "snapshot list --dataset items", "snapshots")).containsExactly("TRUSTED", "TRUSTED");
    }

    @Test
    void a_signature_of_another_manifest_is_refused() throws Exception {
        sign(ours, "keys/ours.pub");
        assertThat(run("snapshot take").code()).isZero();
        String items = read(manifest("items"));
        String notes = read(manifest("notes"));
        String signature = notes.replaceAll(".*\"value\":\"([^\"]*)\".*", "$1");
        Files.writeString(
                manifest("items"), items.replaceAll("\"value\":\"[^\"]*\"", "\"value\":\"%s\"".formatted(signature)));

        assertRefused(
                "WRONG_SIGNATURE",
                "wrong signature",
                "its signature is not one of the key '<digest>', which it names\n");
    }
}
