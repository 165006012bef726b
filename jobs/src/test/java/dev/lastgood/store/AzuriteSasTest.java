package dev.lastgood.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.snapshot.Store;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is signed in to by a shared access signature, which the service checks, and what it allows. */
@Tag("full")
class AzuriteSasTest {
    private static final String ACCOUNT = AzuriteStoreTest.ACCOUNT;

    private static final String PLACE = "abfs://sas@%s/store".formatted(ACCOUNT);

    private static @Nullable Process azurite;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        azurite = Azurite.start();
    }

    /** A container is made by who has the key. */
    @BeforeEach
    void container() throws IOException {
        HadoopStore.open(PLACE, folder, AzuriteStoreTest.configuration()).publish("made.json", bytes("{}"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (azurite != null) {
            azurite.destroyForcibly().waitFor();
        }
    }

    private Store store(String permissions, Duration lasts) throws IOException {
        Configuration configuration = AzuriteStoreTest.configuration();
        configuration.unset("fs.azure.account.key." + ACCOUNT);
        configuration.set("fs.azure.account.auth.type." + ACCOUNT, "SAS");
        configuration.set("fs.azure.sas.fixed.token." + ACCOUNT, signature(permissions, lasts));
        return HadoopStore.open(PLACE, folder, configuration);
    }

    /** Of the whole account, as its makers say: developer page "Create an account SAS", of versions before 2020-12-06. */
    private static String signature(String permissions, Duration lasts) {
        String version = "2020-10-02";
        String until = Instant.now().plus(lasts).truncatedTo(ChronoUnit.SECONDS).toString();
        String text = String.join(
                        "\n",
                        List.of("devstoreaccount1", permissions, "b", "sco", "", until, "", "https,http", version))
                + "\n";
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(AzuriteStoreTest.KEY), "HmacSHA256"));
            String signed = Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
            return "sv=%s&ss=b&srt=sco&sp=%s&se=%s&spr=https,http&sig=%s"
                    .formatted(
                            version,
                            permissions,
                            URLEncoder.encode(until, StandardCharsets.UTF_8),
                            URLEncoder.encode(signed, StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void what_a_signature_allows_is_done_and_nothing_else() throws IOException {
        Store all = store("rwdlac", Duration.ofHours(1));
        all.publish("a/one.json", bytes("1"));
        assertThat(all.read("a/one.json")).hasValue(bytes("1"));

        Store reader = store("rl", Duration.ofHours(1));
        assertThat(reader.read("a/one.json")).hasValue(bytes("1"));
        assertThatThrownBy(() -> reader.publish("a/two.json", bytes("2"))).hasMessageContaining("two.json");
        assertThat(all.read("a/two.json")).isEmpty();
    }

    @Test
    void a_signature_that_has_expired_opens_nothing() throws IOException {
        store("rwdlac", Duration.ofHours(1)).publish("b/one.json", bytes("1"));
        assertThatThrownBy(() -> store("rwdlac", Duration.ofHours(-1)).read("b/one.json"))
                .hasStackTraceContaining("403");
    }
}
