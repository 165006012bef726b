package dev.lastgood.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretGuardTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fs.azure.account.key.acme.dfs.core.windows.net",
                "fs.azure.account.oauth2.client.secret",
                "fs.azure.account.oauth2.user.password",
                "fs.azure.account.oauth2.refresh.token",
                "fs.azure.sas.fixed.token.acme.dfs.core.windows.net",
                "fs.s3a.access.key",
                "fs.s3a.secret.key",
                "fs.s3a.session.token",
                "password"
            })
    void settings_that_hold_a_secret_are_known(String key) {
        assertThat(SecretGuard.isSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fs.azure.account.auth.type.acme.dfs.core.windows.net",
                "fs.azure.account.oauth2.client.id",
                "fs.azure.account.oauth2.client.endpoint",
                "fs.azure.account.oauth2.token.file.acme.dfs.core.windows.net",
                "fs.azure.account.oauth.provider.type.acme.dfs.core.windows.net",
                "fs.s3a.endpoint",
                "fs.s3a.path.style.access",
                "hadoop.security.credential.provider.path",
                "user"
            })
    void settings_that_hold_none_may_be_written_out(String key) {
        assertThat(SecretGuard.isSecret(key)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://shop:hunter2@db1/shop",
                "jdbc:postgresql://db1/shop?user=shop&password=hunter2",
                "jdbc:postgresql://db1/shop?sslpassword=hunter2",
                "jdbc:mysql://(host=db1,user=shop,password=hunter2)/shop",
                "jdbc:mysql://db1,shop:hunter2@db2/shop",
                "jdbc:sqlserver://db1;databaseName=shop;password=hunter2;encrypt=true",
                "jdbc:sqlserver://db1;accessToken=hunter2",
                "jdbc:oracle:thin:scott/hunter2@//db1:1521/shop",
                "jdbc:h2:mem:shop;PASSWORD=hunter2",
                "https://acme.blob.core.windows.net/x?sv=2024&sig=hunter2",
                "hdfs://user:hunter2@namenode/backups"
            })
    void a_secret_in_an_address_is_found(String address) {
        assertThat(SecretGuard.secretIn(address))
                .hasValueSatisfying(span -> assertThat(address.substring(span.start(), span.start() + span.length()))
                        .isEqualTo("hunter2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db1.internal:5432/shop",
                "jdbc:postgresql://db1:5432,db2:5432/shop?user=shop@eu&ssl=true",
                "jdbc:h2:file:./shop;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE",
                "jdbc:oracle:thin:@//db1:1521/shop",
                "jdbc:h2:mem:shop;PASSWORD=",
                "abfss://backups@acmelake.dfs.core.windows.net/lastgood/shop",
                "https://acme-shop.documents.azure.com:443/",
                "s3a://bucket/path:with@signs"
            })
    void an_address_without_a_secret_is_left_alone(String address) {
        assertThat(SecretGuard.secretIn(address)).isEmpty();
    }
}
