package dev.lastgood.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Accepted;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.Retention;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceReaderTest {

    private static final Path COMPLETE = Path.of("src/test/resources/workspaces/complete");

    private static final Map<String, String> ENV = Map.of(
            "BANK_CLIENT_ID", "client-7",
            "BANK_CLIENT_SECRET", "hunter2",
            "BANK_DB_HOST", "db1.internal",
            "BANK_READ_USER", "reader",
            "BANK_ARCHIVE", "AccountEndpoint=https://archive/;AccountKey=hunter2;");

    @TempDir
    Path folder;

    @Test
    void the_complete_workspace_has_no_problem() {
        var problems = new Problems();

        assertThat(WorkspaceReader.read(COMPLETE, ENV, problems)).isPresent();
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void the_workspace_shown_in_the_readme_has_no_problem() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String yaml = readme.substring(readme.indexOf("```yaml\nformat: 1\n") + 8);
        Files.writeString(folder.resolve("lastgood.yaml"), yaml.substring(0, yaml.indexOf("```")));
        Files.createDirectory(folder.resolve("rules"));
        Files.writeString(
                folder.resolve("rules/shop.yaml"), "rules:\n  - {id: total, dataset: orders, field: total, min: 0}\n");
        Map<String, String> env = Map.of(
                "SHOP_READ_USER", "reader",
                "SHOP_READ_PASSWORD", "hunter2",
                "SHOP_WRITE_USER", "writer",
                "SHOP_WRITE_PASSWORD", "hunter2");
        var problems = new Problems();

        Workspace shop = WorkspaceReader.read(folder, env, problems).orElseThrow();

        assertThat(problems.list()).isEmpty();
        assertThat(shop.datasetNames()).containsExactly("orders", "beers", "customers");
    }

    @Test
    void a_workspace_has_a_name_a_store_settings_and_rules() {
        Workspace bank = complete();

        assertThat(bank.name()).isEqualTo("bank");
        assertThat(bank.folder()).isEqualTo(COMPLETE.toAbsolutePath());
        assertThat(bank.store()).isEqualTo("abfss://backups@examplelake.dfs.core.windows.net/lastgood/bank");
        assertThat(bank.hadoop()).hasSize(4);
        assertThat(secret(bank.hadoop().get("fs.azure.account.oauth2.client.secret.examplelake.dfs.core.windows.net")))
                .isEqualTo("hunter2");
        assertThat(bank.rules().rules())
                .extracting(Rule::id)
                .containsExactly("booking-amount", "booking-customer", "booking-holder", "holder-since");
        assertThat(bank.rules().rule("booking-amount").orElseThrow().accepted())
                .extracting(accepted -> String.valueOf(accepted.place()), Accepted::until)
                .containsExactly(
                        tuple(COMPLETE.resolve("rules/accepted/bookings.yaml") + ":2:10", LocalDate.of(2026, 12, 31)));
        assertThat(bank.datasetNames()).containsExactly("bookings", "holders", "old_holders", "statements");
        assertThat(bank.retention()).isEqualTo(new Retention(3, 24, 14, 8, 12, 7, Duration.ofDays(2), 3));
        assertThat(bank.due().snapshot()).isEqualTo(Duration.ofHours(24));
        assertThat(bank.due().verify())
                .isEqualTo(Map.of("L2", Duration.ofDays(7), "L3", Duration.ofDays(30), "L5", Duration.ofDays(90)));
        assertThat(bank.approval().by()).isEqualTo(Approval.By.SOMEONE_ELSE);
        assertThat(bank.approval().expires()).isEqualTo(Duration.ofHours(24));
        assertThat(bank.approval().keys().patterns())
                .extracting(Signing.Pattern::text)
                .containsExactly("keys/approvers/*.pub");
    }

    @Test
    void a_database_is_reached_by_its_url_and_a_user() {
        Workspace bank = complete();

        assertThat(bank.sources().get("ledger")).isInstanceOfSatisfying(Source.Jdbc.class, ledger -> {
            assertThat(ledger.url()).isEqualTo("jdbc:postgresql://db1.internal:5432/ledger");
            assertThat(ledger.user()).isEqualTo("reader");
            assertThat(secret(ledger.password())).isEqualTo("reading-is-fun");
            assertThat(ledger.limit()).isEqualTo(new Source.Limit(4, 50_000L, null));
            assertThat(ledger.confirm()).isEqualTo(new Source.Confirm(Duration.ofSeconds(5), 100_000));
            assertThat(ledger.isWritable()).isTrue();
        });
        assertThat(bank.source(dataset(bank, "bookings")).name()).isEqualTo("ledger");
    }

    @Test
    void cosmos_is_reached_by_identity_key_or_connection_string() {
        Workspace bank = complete();

        assertThat(bank.sources().get("people")).isInstanceOfSatisfying(Source.Cosmos.class, people -> {
            assertThat(people.endpoint()).isEqualTo("https://example-bank.documents.azure.com:443/");
            assertThat(people.database()).isEqualTo("bank");
            assertThat(people.auth()).isInstanceOf(Source.Auth.Default.class);
            assertThat(people.regions()).containsExactly("West Europe", "North Europe");
            assertThat(people.limit()).isEqualTo(new Source.Limit(null, null, 2000L));
            assertThat(people.write())
                    .isNotNull()
                    .extracting(Source.CosmosWriter::auth)
                    .isInstanceOf(Source.Auth.AccountKey.class);
        });
        assertThat(bank.sources().get("archive")).isInstanceOfSatisfying(Source.Cosmos.class, archive -> {
            assertThat(archive.auth()).isInstanceOf(Source.Auth.ConnectionString.class);
            assertThat(archive.isWritable()).isFalse();
        });
    }

    @Test
    void a_writers_identity_that_is_not_there_is_missed_only_when_it_is_used() {
        Workspace bank = complete();
        Source.Login write = ((Source.Jdbc) bank.source(dataset(bank, "bookings"))).write();

        assertThat(write).isNotNull();
        assertThatThrownBy(() -> secret(write.user()))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                        src/test/resources/workspaces/complete/lastgood.yaml:18:13: error: \
                        the environment variable 'BANK_WRITE_USER' is not set
                           18 |       user: ${env:BANK_WRITE_USER}
                              |             ^~~~~~~~~~~~~~~~~~~~~~
                        hint: Set it for the process that runs lastgood.""");
        assertThatThrownBy(() -> secret(write.password()))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("cannot read the file 'secrets/ledger-write': there is no such file");
    }

    @Test
    void a_dataset_has_everything_its_workspace_says() {
        DatasetSpec bookings = dataset(complete(), "bookings");

        assertThat(bookings.location()).isEqualTo(new Location.Table("public.bookings"));
        assertThat(bookings.split()).isEqualTo(new DatasetSpec.Split(FieldPath.of("id"), 8));
        assertThat(bookings.key()).containsExactly(FieldPath.of("id"));
        assertThat(bookings.version()).isEqualTo(FieldPath.of("row_version"));
        assertThat(bookings.changedAt()).isEqualTo(FieldPath.of("updated_at"));
        assertThat(bookings.token()).isEqualTo(FieldPath.of("xmin"));
        assertThat(bookings.schema()).hasToString("{amount=decimal(12,2)}");
        assertThat(bookings.json()).hasToString("[legs]");
        assertThat(bookings.ignore()).hasToString("[search_vector]");
        assertThat(bookings.compare())
                .isEqualTo(Map.of(
                        FieldPath.of("amount"), new Sameness.Near(new BigDecimal("0.005"), new BigDecimal("0.001")),
                        FieldPath.of("booked_at"), new Sameness.Within(Duration.ofSeconds(1)),
                        FieldPath.of("tags"), new Sameness.AsSet(),
                        FieldPath.of("legs"), new Sameness.Keyed(List.of(FieldPath.of("leg_no"))),
                        FieldPath.of("note"), new Sameness.AsText(),
                        FieldPath.of("owner"),
                                new Sameness.Alike(Set.of(Sameness.Ignored.CASE, Sameness.Ignored.UNICODE))));
        assertThat(bookings.mask()).hasToString("{iban=KeepLast[characters=4], legs[].iban=Full[]}");
        assertThat(bookings.explain()).hasToString("[app_version, region]");
        assertThat(bookings.group()).isEqualTo(Map.of("transfer", FieldPath.of("transfer_id")));
        assertThat(bookings.deletes())
                .isEqualTo(new Deletes.Table(
                        "public.booking_deletes", Map.of(FieldPath.of("id"), "booking_id"), "deleted_at"));
        assertThat(bookings.erasures())
                .isEqualTo(
                        new Deletes.Table("public.erasure_requests", Map.of(FieldPath.of("id"), "booking_id"), null));
        assertThat(bookings.place()).hasToString(COMPLETE.resolve("lastgood.yaml") + ":40:3");
    }

    @Test
    void upgrades_are_in_the_order_of_time() {
        List<Upgrade> upgrades = dataset(complete(), "bookings").upgrades();

        assertThat(upgrades)
                .extracting(Upgrade::until)
                .containsExactly(Instant.parse("2026-02-01T00:00:00Z"), Instant.parse("2026-06-01T00:00:00Z"));
        assertThat(upgrades.get(1).rename()).isEqualTo(Map.of("cust", "holder_id"));
        assertThat(upgrades.get(1).upgrade()).hasToString("{amount=cast(amount_cents as decimal(12,2)) / 100}");
        assertThat(upgrades.get(1).tests()).hasSize(1);
    }

    @Test
    void a_restore_does_what_its_policy_allows() {
        Workspace bank = complete();

        assertThat(dataset(bank, "bookings").restore())
                .isEqualTo(new RestorePolicy(
                        RestorePolicy.Write.IN_PLACE,
                        List.of(FieldPath.of("search_vector")),
                        List.of(FieldPath.of("row_version"), FieldPath.of("updated_at")),
                        FieldPath.of("restored_by"),
                        List.of(new RestorePolicy.Consumer("statements", "outbox trigger", "sends a statement")),
                        new RestorePolicy.Limits(20_000L, 100L, new BigDecimal("0.01")),
                        new RestorePolicy.Timeouts(Duration.ofSeconds(5), Duration.ofMinutes(2)),
                        List.of(),
                        RestorePolicy.Throttle.NONE));
        assertThat(dataset(bank, "old_holders").restore())
                .isEqualTo(RestorePolicy.DEFAULT.neverWriting(Location.Container.SYSTEM));
        assertThat(dataset(bank, "old_holders").hasKey()).isFalse();
    }

    @Test
    void files_know_their_format() {
        Workspace bank = complete();

        assertThat(dataset(bank, "statements").location()).isInstanceOfSatisfying(Location.Folder.class, statements -> {
            assertThat(statements.format()).isEqualTo(Location.FileFormat.CSV);
            assertThat(statements.csv()).isEqualTo(new Location.Csv(false, ";", "NA"));
            assertThat(statements.partitions()).hasToString("{month=date}");
        });
        assertThat(bank.sources().get("lake"))
                .isInstanceOfSatisfying(
                        Source.Files.class,
                        lake -> assertThat(lake.root())
                                .isEqualTo(COMPLETE.toAbsolutePath()
                                        .resolve("lake")
                                        .toString()));
    }

    @Test
    void what_a_workspace_does_not_say_has_a_default() throws IOException {
        Workspace shop = read("""
                store: store
                sources:
                  shopdb: {jdbc: "jdbc:h2:file:./shop"}
                  lake: {files: lake}
                datasets:
                  orders: {source: shopdb, table: orders, key: [id]}
                  lines: {source: lake, path: lines.jsonl.gz, key: [id]}
                """);

        assertThat(shop.name()).isEqualTo(String.valueOf(folder.getFileName()));
        assertThat(shop.store()).isEqualTo(folder.resolve("store").toString());
        assertThat(shop.retention()).isNull();
        assertThat(shop.due()).isEqualTo(Due.NEVER);
        assertThat(shop.signing()).isNull();
        assertThat(shop.approval()).isEqualTo(Approval.DEFAULT);
        assertThat(shop.rules().isEmpty()).isTrue();
        assertThat(shop.sources().get("shopdb")).isInstanceOfSatisfying(Source.Jdbc.class, database -> {
            assertThat(database.url()).isEqualTo("jdbc:h2:file:./shop");
            assertThat(database.limit()).isEqualTo(Source.Limit.NONE);
            assertThat(database.isWritable()).isFalse();
        });
        DatasetSpec orders = dataset(shop, "orders");
        assertThat(orders.restore()).isEqualTo(RestorePolicy.DEFAULT);
        assertThat(orders.restore().write()).isEqualTo(RestorePolicy.Write.EXPORT_ONLY);
        assertThat(orders.token()).isNull();
        assertThat(orders.deletes()).isNull();
        assertThat(orders.incremental())
                .isEqualTo(new Incremental(Incremental.By.CHANGED_AT, Duration.ofHours(1), Duration.ofDays(7)));
        assertThat(((Location.Folder) dataset(shop, "lines").location()).format())
                .isEqualTo(Location.FileFormat.JSON);
    }

    @Test
    void what_is_said_of_incremental_snapshots_is_read_and_the_rest_has_its_default() throws IOException {
        Workspace shop = read("""
                store: store
                sources:
                  lake: {files: lake}
                datasets:
                  a: {source: lake, path: a, key: [id], incremental: {overlap: 30m}}
                  b: {source: lake, path: b, key: [id], incremental: {full_every: 2d, overlap: 3h}}
                """);

        assertThat(dataset(shop, "a").incremental())
                .isEqualTo(new Incremental(Incremental.By.CHANGED_AT, Duration.ofMinutes(30), Duration.ofDays(7)));
        assertThat(dataset(shop, "b").incremental())
                .isEqualTo(new Incremental(Incremental.By.CHANGED_AT, Duration.ofHours(3), Duration.ofDays(2)));
    }

    @Test
    void rules_beside_the_workspace_are_read_if_it_names_none() throws IOException {
        Files.createDirectory(folder.resolve("rules"));
        Files.writeString(
                folder.resolve("rules/orders.yaml"), "rules:\n  - {id: order-id, dataset: orders, unique: [id]}\n");
        Files.writeString(folder.resolve("rules/notes.txt"), "no rules");

        Workspace shop = read("""
                store: store
                sources: {shopdb: {jdbc: "jdbc:h2:mem:shop"}}
                datasets:
                  orders: {source: shopdb, table: orders, key: [id]}
                """);

        assertThat(shop.rules().rules()).extracting(Rule::id).containsExactly("order-id");
    }

    @Test
    void rule_files_are_named_by_patterns_and_read_once() throws IOException {
        Files.createDirectories(folder.resolve("checks/eu/money"));
        Files.writeString(folder.resolve("checks/a.yaml"), "rules: [{id: a, dataset: orders, unique: [id]}]");
        Files.writeString(folder.resolve("checks/eu/b.yaml"), "rules: [{id: b, dataset: orders, unique: [id]}]");
        Files.writeString(folder.resolve("checks/eu/money/c.yml"), "rules: [{id: c, dataset: orders, unique: [id]}]");

        Workspace shop = read("""
                store: store
                rules: [checks/a.yaml, "checks/**.{yaml,yml}"]
                sources: {shopdb: {jdbc: "jdbc:h2:mem:shop"}}
                datasets:
                  orders: {source: shopdb, table: orders, key: [id]}
                """);

        assertThat(shop.rules().rules()).extracting(Rule::id).containsExactly("a", "b", "c");
        assertThat(shop.rules().rules().get(0).place()).hasToString(folder.resolve("checks/a.yaml") + ":1:14");
    }

    @Test
    void a_problem_of_the_workspace_is_thrown_with_all_the_others() throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), "store: store\nsources: {}\ndatasets: {}\n");

        assertThatThrownBy(() -> Workspace.read(folder, Map.of()))
                .isInstanceOfSatisfying(
                        InvalidInput.class,
                        thrown -> assertThat(thrown.problems()).hasSize(2));
    }

    @Test
    void no_secret_is_part_of_a_workspace_as_text() {
        assertThat(complete().toString()).doesNotContain("hunter2", "reading-is-fun");
    }

    private Workspace read(String yaml) throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), yaml);
        return Workspace.read(folder.resolve("lastgood.yaml"), Map.of());
    }

    private static Workspace complete() {
        return Workspace.read(COMPLETE.resolve("lastgood.yaml"), ENV);
    }

    private static DatasetSpec dataset(Workspace workspace, String name) {
        return workspace.dataset(name).orElseThrow();
    }

    private static String secret(@Nullable Secret secret) {
        assertThat(secret).isNotNull().hasToString("***");
        return secret.reveal();
    }
}
