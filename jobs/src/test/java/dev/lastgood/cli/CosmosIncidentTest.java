package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.Tier;
import dev.lastgood.demo.Figures;
import dev.lastgood.demo.Found;
import dev.lastgood.demo.Shop;
import dev.lastgood.demo.Truth;
import dev.lastgood.job.Audits;
import dev.lastgood.job.Workplace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The demo's story on containers of Cosmos DB: four nights of snapshots, a release that damages records beside honest
 * traffic, audit, plan, and a restore while people go on writing. What became of it is told by the shop's own log.
 */
@Tag("full")
class CosmosIncidentTest {
    private static final long SEED = 20261122;
    private static final double SCALE = 0.02;
    private static final Set<String> OWN_FIELDS = Set.of("row_version", "updated_at", "restored_by");

    private static final String YAML = """
        format: 1
        workspace: shop
        store: store
        rules: [rules.yaml]
        sources:
          db:
            cosmos: ${env:STORY_COSMOS}
            database: %s
            key: ${env:STORY_KEY}
            write: {key: '${env:STORY_KEY}'}
        datasets:
          customers:
            source: db
            container: @CUSTOMERS@
            key: [id]
            version: row_version
            changed_at: updated_at
            view: {balance: 'decimal(12,2)', updated_at: timestamp}
            explain: [app_version, country]
            restore: {write: in_place, bump: [row_version, updated_at], stamp: restored_by}
          orders:
            source: db
            container: @ORDERS@
            key: [id]
            version: row_version
            changed_at: updated_at
            view: {total: 'decimal(12,2)', shipping: 'decimal(12,2)', updated_at: timestamp}
            compare: {lines: {keyed: [line_no]}}
            explain: [app_version, region, channel]
            restore: {write: in_place, bump: [row_version, updated_at], stamp: restored_by}
          payments:
            source: db
            container: @PAYMENTS@
            key: [order_id, id]
            version: row_version
            changed_at: updated_at
            view: {amount: 'decimal(12,2)', updated_at: timestamp}
            explain: [app_version, method]
            restore: {write: in_place, bump: [row_version, updated_at], stamp: restored_by}
          products:
            source: db
            container: @PRODUCTS@
            key: [id]
            version: row_version
            changed_at: updated_at
            view: {updated_at: timestamp}
        """;

    private final Path folder;
    private Instant now = Instant.EPOCH;

    CosmosIncidentTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @EnumSource
    void the_demos_incident_ends_with_no_legitimate_write_lost(Tier tier) throws Exception {
        CosmosForTests cosmos = CosmosForTests.of(tier);
        Map<String, String> environment = Map.of("STORY_COSMOS", cosmos.endpoint(), "STORY_KEY", cosmos.key());
        Shop shop = new Shop(folder, SCALE);
        shop.create(SEED);
        try (ShopInCosmos containers = new ShopInCosmos(folder, cosmos)) {
            workspace(containers);
            containers.write(containers.written());
            for (int night = 1; night <= 3; night++) {
                shop.day();
                night(shop, containers, environment, night);
            }
            shop.buggyRelease();
            night(shop, containers, environment, 4);
            shop.afterFourthNight();
            containers.write(containers.written());
            now = shop.now();

            JsonNode audit = run(1, environment, "audit");
            JsonNode plan = run(1, environment, "restore", "plan"); // 1: some of it is in conflict
            String id = plan.get("plan").asText();
            run(0, environment, "restore", "approve", id, "--acknowledge", "no_delete_evidence");

            // Nobody waits for a restore: half of a morning's work comes before it, and half while it writes.
            shop.day(60);
            List<ShopInCosmos.Write> meanwhile = containers.written();
            int half = meanwhile.size() / 2;
            containers.write(meanwhile.subList(0, half));
            Truth truth = shop.truth();
            truth.found(found(audit, environment));
            truth.beforeRestore();
            JsonNode receipt =
                    during(containers, meanwhile.subList(half, meanwhile.size()), environment, "restore", "apply", id);
            containers.readBack();
            Figures figures = truth.figures();
            System.err.printf(
                    "The demo's incident on %s%n  %s%n  plan: %s, conflicts %s%n  apply: %s%n  %s%n",
                    tier, audit.get("datasets"), plan.get("steps"), plan.get("conflicts"), receipt, figures);

            assertThat(truth.losses(10)).isEmpty();
            assertThat(figures.legitimateWritesLost()).isZero();
            assertThat(figures.fieldsForeign()).isZero();
            assertThat(figures.sumsAgree()).isTrue();
            assertThat(figures.fieldsRestored()).isPositive();
            assertThat(receipt.get("done").asInt())
                    .isEqualTo(receipt.get("verified").asInt())
                    .isPositive();

            JsonNode undone = during(containers, List.of(), environment, "restore", "undo", id);
            containers.readBack();
            System.err.printf(
                    "  undo: %s%n  values that are not as before the restore: %d%n",
                    undone, truth.undoDifferences(OWN_FIELDS));
            assertThat(truth.losses(10)).isEmpty();
            assertThat(truth.figures().legitimateWritesLost()).isZero();
        }
    }

    private void workspace(ShopInCosmos containers) throws IOException {
        String yaml = YAML.formatted(CosmosForTests.DATABASE);
        for (ShopInCosmos.Kind kind : ShopInCosmos.Kind.values()) {
            yaml = yaml.replace("@" + kind + "@", containers.container(kind));
        }
        Files.writeString(folder.resolve("lastgood.yaml"), yaml);
        try (InputStream rules = Objects.requireNonNull(Shop.class.getResourceAsStream("rules/shop.yaml"))) {
            Files.write(folder.resolve("rules.yaml"), rules.readAllBytes());
        }
    }

    private void night(Shop shop, ShopInCosmos containers, Map<String, String> environment, int night)
            throws SQLException {
        containers.write(containers.written());
        now = shop.now();
        CommandLineForTests.Ended taken = ends(environment, "snapshot", "take", "--json");
        assertThat(taken.code()).as(taken.err()).isZero();
        shop.truth().captured(Integer.toString(night));
    }

    /** The document of a command that is carried out while people write. */
    private JsonNode during(
            ShopInCosmos containers,
            List<ShopInCosmos.Write> writes,
            Map<String, String> environment,
            String... arguments)
            throws Exception {
        ExecutorService people = Executors.newSingleThreadExecutor();
        try {
            Future<?> written = people.submit(() -> {
                for (ShopInCosmos.Write write : writes) {
                    containers.write(write);
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                return null;
            });
            List<String> all = new ArrayList<>(List.of(arguments));
            all.addAll(List.of("--yes", "--json"));
            CommandLineForTests.Ended ended = ends(environment, all.toArray(String[]::new));
            written.get();
            assertThat(ended.code()).as(ended.err()).isLessThan(2);
            return WorkspaceForTests.json(ended.out());
        } finally {
            people.shutdown();
        }
    }

    private JsonNode run(int code, Map<String, String> environment, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        CommandLineForTests.Ended ended = ends(environment, all.toArray(String[]::new));
        assertThat(ended.code())
                .as("%s%n%s%n%s", List.of(arguments), ended.out(), ended.err())
                .isEqualTo(code);
        return WorkspaceForTests.json(ended.out());
    }

    private CommandLineForTests.Ended ends(Map<String, String> environment, String... arguments) {
        now = now.plus(Duration.ofMinutes(1));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-w", folder.toString()));
        return CommandLineForTests.runOnSpark(now, environment, all);
    }

    /** What the audit calls corrupt. */
    private List<Found> found(JsonNode audit, Map<String, String> environment) {
        Workplace workplace = new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), environment),
                Clock.fixed(now, ZoneOffset.UTC),
                "tester",
                "local[2]",
                Map.of());
        List<Found> found = new ArrayList<>();
        for (JsonNode dataset : audit.get("datasets")) {
            String name = dataset.get("name").asText();
            for (Row row : new Audits(workplace)
                    .records(audit.get("audit").asText(), name)
                    .where("fault = 'corrupt'")
                    .select("key")
                    .collectAsList()) {
                found.add(new Found(
                        name, WorkspaceForTests.json(row.getString(0)).get("id").asLong()));
            }
        }
        return found;
    }
}
