package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.azurebfs.AbfsConfiguration;
import org.apache.hadoop.fs.azurebfs.services.AuthType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way hadoop-azure knows to sign in, as the workspace says it, and as hadoop-azure itself then understands it. */
class AzureStorageAuthTest {
    private static final String ACCOUNT = "acmelake.dfs.core.windows.net";
    private static final String OAUTH = "org.apache.hadoop.fs.azurebfs.oauth2.";

    /** Base64, as a key is. */
    private static final String CANARY = "cGxhbnRlZC1jYW5hcnktMDAxMTIy";

    @TempDir
    private Path folder;

    /**
     * One way to sign in.
     *
     * @param settings below {@code hadoop:}, {@code SECRET} for what must not be written out
     * @param provider what hadoop-azure asks for a token, empty where it signs itself
     */
    private record Mode(String name, AuthType type, Map<String, String> settings, String provider) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Mode mode(String name, AuthType type, String provider, String... settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("fs.azure.account.auth.type." + ACCOUNT, type.name());
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i] + "." + ACCOUNT, settings[i + 1]);
        }
        return new Mode(name, type, all, provider);
    }

    private static Mode oauth(String name, String provider, String... settings) {
        Mode mode = mode(name, AuthType.OAuth, provider, settings);
        mode.settings().put("fs.azure.account.oauth.provider.type." + ACCOUNT, OAUTH + provider);
        return mode;
    }

    static List<Mode> modes() {
        return List.of(
                mode("shared key", AuthType.SharedKey, "", "fs.azure.account.key", "SECRET"),
                mode("fixed SAS", AuthType.SAS, "FixedSASTokenProvider", "fs.azure.sas.fixed.token", "SECRET"),
                mode(
                        "SAS by user delegation",
                        AuthType.SAS,
                        "Delegation",
                        "fs.azure.sas.token.provider.type",
                        Delegation.class.getName()),
                oauth(
                        "client credentials",
                        "ClientCredsTokenProvider",
                        "fs.azure.account.oauth2.client.endpoint",
                        "https://login.microsoftonline.com/T/oauth2/token",
                        "fs.azure.account.oauth2.client.id",
                        "app",
                        "fs.azure.account.oauth2.client.secret",
                        "SECRET"),
                oauth(
                        "managed identity",
                        "MsiTokenProvider",
                        "fs.azure.account.oauth2.msi.tenant",
                        "T",
                        "fs.azure.account.oauth2.client.id",
                        "app"),
                oauth(
                        "workload identity",
                        "WorkloadIdentityTokenProvider",
                        "fs.azure.account.oauth2.msi.tenant",
                        "T",
                        "fs.azure.account.oauth2.client.id",
                        "app",
                        "fs.azure.account.oauth2.token.file",
                        "/var/run/secrets/azure/tokens/azure-identity-token"),
                oauth(
                        "refresh token",
                        "RefreshTokenBasedTokenProvider",
                        "fs.azure.account.oauth2.client.id",
                        "app",
                        "fs.azure.account.oauth2.refresh.token",
                        "SECRET"),
                oauth(
                        "user and password",
                        "UserPasswordTokenProvider",
                        "fs.azure.account.oauth2.client.endpoint",
                        "https://login.microsoftonline.com/T/oauth2/token",
                        "fs.azure.account.oauth2.user.name",
                        "somebody",
                        "fs.azure.account.oauth2.user.password",
                        "SECRET"),
                mode(
                        "custom",
                        AuthType.Custom,
                        "CustomTokenProviderAdapter",
                        "fs.azure.account.oauth.provider.type",
                        Own.class.getName()));
    }

    private Path workspace(Mode mode, String secret) throws IOException {
        StringBuilder yaml = new StringBuilder("""
            format: 1
            workspace: lake
            store: abfss://backups@%1$s/shop
            sources:
              lake: {files: 'abfss://lake@%1$s/shop'}
            datasets:
              things: {source: lake, path: things, format: parquet, key: [id]}
            hadoop:
            """.formatted(ACCOUNT));
        mode.settings()
                .forEach((name, value) -> yaml.append("  ")
                        .append(name)
                        .append(": '")
                        .append(value.replace("SECRET", secret))
                        .append("'\n"));
        return Files.writeString(folder.resolve("lastgood.yaml"), yaml);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void hadoop_azure_signs_in_as_the_workspace_says(Mode mode) throws Exception {
        Path file = workspace(mode, "${env:LAKE_SECRET}");
        Workplace workplace = new Workplace(
                Workplace.read(file, Map.of("LAKE_SECRET", CANARY)), Clock.systemUTC(), "test", "local[1]", Map.of());
        Configuration hadoop = workplace.hadoop();

        AbfsConfiguration driver = new AbfsConfiguration(hadoop, ACCOUNT);
        assertThat(driver.getAuthType(ACCOUNT)).isEqualTo(mode.type());
        String provider = switch (mode.type()) {
            case SharedKey -> {
                assertThat(driver.getStorageAccountKey()).isEqualTo(CANARY);
                yield "";
            }
            case SAS -> driver.getSASTokenProvider().getClass().getSimpleName();
            default -> driver.getTokenProvider().getClass().getSimpleName();
        };
        assertThat(provider).isEqualTo(mode.provider());
        assertThat(workplace.workspace().toString()).doesNotContain(CANARY);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_secret_is_not_written_out_and_not_repeated(Mode mode) throws IOException {
        Path file = workspace(mode, CANARY);
        if (!mode.settings().containsValue("SECRET")) {
            assertThat(Workplace.read(file, Map.of()).hadoop()).isNotEmpty();
            return;
        }

        assertThatThrownBy(() -> Workplace.read(file, Map.of()))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("a secret is written out under 'fs.azure.")
                .satisfies(e -> assertThat(org.assertj.core.util.Throwables.getStackTrace(e))
                        .doesNotContain(CANARY));
    }

    @Test
    void a_secret_may_lie_in_a_file() throws IOException {
        Files.writeString(folder.resolve("key"), CANARY + "\n");
        Mode mode = modes().get(0);

        Workplace workplace = new Workplace(
                Workplace.read(workspace(mode, "${file:key}"), Map.of()),
                Clock.systemUTC(),
                "test",
                "local[1]",
                Map.of());

        assertThat(workplace.hadoop().get("fs.azure.account.key." + ACCOUNT)).isEqualTo(CANARY);
    }

    /** Stands for one that asks for user delegation keys. */
    public static final class Delegation implements org.apache.hadoop.fs.azurebfs.extensions.SASTokenProvider {
        @Override
        public void initialize(Configuration configuration, String account) {
            // There is nothing to be had here.
        }

        @Override
        public String getSASToken(String account, String container, String path, String operation) {
            return "sig=none";
        }
    }

    /** Stands for one's own way to a token. */
    public static final class Own implements org.apache.hadoop.fs.azurebfs.extensions.CustomTokenProviderAdaptee {
        @Override
        public void initialize(Configuration configuration, String account) {
            // There is nothing to be had here.
        }

        @Override
        public String getAccessToken() {
            return "none";
        }

        // As the interface has it.
        @Override
        @SuppressWarnings("JavaUtilDate")
        public java.util.Date getExpiryTime() {
            return new java.util.Date(0);
        }
    }
}
