package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosContainer;
import dev.lastgood.PostgresForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.job.Workplace;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first workspace of a source, and that a snapshot and an audit of it work as it stands. */
final class InitCommandTest {
    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");

    @TempDir
    Path folder;

    private Ended run(Map<String, String> env, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-w", folder.resolve("shop").toString()));
        return CommandLineForTests.runOnSpark(NOW, env, all);
    }

    private String yaml() throws IOException {
        return Files.readString(folder.resolve("shop/lastgood.yaml"));
    }

    /** {@code orders: table PUBLIC.ORDERS key [ID]}, by name. */
    private Map<String, String> datasets(Map<String, String> env) {
        Map<String, String> datasets = new TreeMap<>();
        for (DatasetSpec one : Workplace.read(folder.resolve("shop/lastgood.yaml"), env)
                .datasets()
                .values()) {
            datasets.put(
                    one.name(),
                    "%s version %s changed %s mask %s schema %s"
                            .formatted(
                                    one.key(),
                                    one.version(),
                                    one.changedAt(),
                                    one.mask().keySet(),
                                    one.schema()));
        }
        return datasets;
    }

    @Test
    void a_database_is_told_by_what_its_driver_says() throws Exception {
        String url = "jdbc:h2:" + folder.resolve("db");
        try (Connection connection = DriverManager.getConnection(url, "SA", "planted-5d3e");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE ORDERS(REGION VARCHAR(9), NO INT, EMAIL VARCHAR(99), TOTAL DECIMAL(9,2),"
                    + " ROW_VERSION BIGINT, UPDATED_AT TIMESTAMP, PRIMARY KEY (REGION, NO))");
            statement.execute("CREATE TABLE CODES(CODE CHAR(3) NOT NULL UNIQUE, NOTE VARCHAR(9))");
            statement.execute("CREATE TABLE LOG(LINE VARCHAR(9) UNIQUE)");
            statement.execute("INSERT INTO ORDERS VALUES ('eu', 1, 'a@b', 9.50, 1, TIMESTAMP '2026-01-01 00:00:00')");
            statement.execute("INSERT INTO CODES VALUES ('EUR', 'x')");
        }
        Map<String, String> env = Map.of("U", "SA", "P", "planted-5d3e");

        Ended ended = run(env, "init", "--jdbc", url, "--user", "U", "--password", "P");

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(datasets(env))
                .isEqualTo(new TreeMap<>(Map.of(
                        "orders", "[REGION, NO] version ROW_VERSION changed UPDATED_AT mask [EMAIL] schema {}",
                        "codes", "[CODE] version null changed null mask [] schema {}",
                        "log", "[] version null changed null mask [] schema {}")));
        assertThat(yaml())
                .contains("password: ${env:P}", "# a unique index without NULLs; there is no primary key")
                .contains("key: []   # no primary key, and no unique index without NULLs")
                .doesNotContain("planted-5d3e");
        assertThat(ended.out() + ended.err()).doesNotContain("planted-5d3e");
        Ended taken = run(env, "snapshot", "take", "--dataset", "orders", "--dataset", "codes");
        assertThat(taken.code()).as(taken.err()).isZero();
        assertThat(run(env, "audit", "--dataset", "orders").code())
                .as("no rule, so nothing is proven")
                .isEqualTo(3);
    }

    @Test
    void names_that_are_written_alike_are_told_apart() throws Exception {
        String url = "jdbc:h2:" + folder.resolve("names");
        try (Connection connection = DriverManager.getConnection(url, "SA", "planted-5d3e");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE \"a b\"(id INT PRIMARY KEY)");
            statement.execute("CREATE TABLE \"a.b\"(id INT PRIMARY KEY)");
            statement.execute("CREATE TABLE \"a_b\"(id INT PRIMARY KEY)");
            statement.execute("CREATE SCHEMA \"s_1\"");
            statement.execute("CREATE SCHEMA \"sx1\"");
            statement.execute("CREATE TABLE \"s_1\".\"t\"(id INT PRIMARY KEY)");
            statement.execute("CREATE TABLE \"sx1\".\"t\"(email INT PRIMARY KEY)");
            statement.execute("INSERT INTO \"a.b\" VALUES (7)");
        }
        Map<String, String> env = Map.of("U", "SA", "P", "planted-5d3e");

        Ended ended = run(env, "init", "--jdbc", url, "--user", "U", "--password", "P");

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(datasets(env).keySet()).containsExactly("a_b", "a_b_2", "public_a_b", "sx1_t", "t");
        assertThat(datasets(env).get("t")).as("nothing of sx1.t").contains("mask []");
        assertThat(yaml()).contains("'\"PUBLIC\".\"a.b\"'");
        Ended taken = run(env, "snapshot", "take", "--dataset", "public_a_b");
        assertThat(taken.code()).as(taken.err()).isZero();
    }

    @Test
    void postgresql_has_tables_of_several_schemas() throws SQLException {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA init_a; CREATE SCHEMA init_b;"
                    + "CREATE TABLE init_a.\"my_things\"(id int PRIMARY KEY, \"lastModified\" timestamptz);"
                    + "CREATE TABLE init_b.my_things(a int NOT NULL, b int NOT NULL);"
                    + "CREATE UNIQUE INDEX ON init_b.my_things(a) WHERE b > 0;"
                    + "CREATE UNIQUE INDEX ON init_b.my_things(a, b)");
        }
        Map<String, String> env = Map.of("U", PostgresForTests.USER);

        Ended ended = run(env, "init", "--jdbc", PostgresForTests.url(), "--user", "U");

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(datasets(env))
                .containsEntry("my_things", "[id] version null changed lastModified mask [] schema {}")
                .containsEntry("init_b_my_things", "[a, b] version null changed null mask [] schema {}");
    }

    @Test
    void files_are_told_by_their_records() throws IOException {
        Path data = Files.createDirectories(folder.resolve("shop/data"));
        Files.writeString(
                data.resolve("orders.csv"),
                "zip,order_id,total,day,email\n01234,o1,9.5,2026-01-01,a@b\n04321,o2,10,2026-01-02,a@b\n01234,o3,-0.25,2026-01-02,\n");
        Files.writeString(data.resolve("no-key.csv"), "a,b\n1,1\n1,2\n2,2\n");
        Files.createDirectories(data.resolve("notes"));
        Files.writeString(data.resolve("notes/1.jsonl"), "{\"id\": 7, \"text\": \"x\", \"version\": 3}\n");
        Files.writeString(data.resolve("notes/2.jsonl"), "{\"id\": 8, \"text\": \"x\", \"version\": 3}\n");
        Files.writeString(data.resolve("readme.txt"), "no data");
        Files.writeString(data.resolve("one.csv"), "id,day\n1,2026-19-39\n");
        Files.createDirectories(data.resolve("table/_delta_log"));
        Files.writeString(data.resolve("table/part-0.parquet"), "read by nobody");
        Files.createDirectories(data.resolve("lake/inner/_delta_log"));
        Files.writeString(data.resolve("lake/inner/part-0.parquet"), "read by nobody");
        Files.createDirectories(data.resolve("around"));
        Files.createSymbolicLink(data.resolve("around/again"), data.resolve("around"));

        Ended ended = run(Map.of(), "init", "--files", data.toString(), "--name", "mine");

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(datasets(Map.of()))
                .isEqualTo(new TreeMap<>(Map.of(
                        "orders",
                        "[order_id] version null changed null mask [email] schema {total=decimal(20,2), day=date}",
                        "no-key",
                        "[] version null changed null mask [] schema {a=bigint, b=bigint}",
                        "notes",
                        "[id] version version changed null mask [] schema {}",
                        "one",
                        "[] version null changed null mask [] schema {id=bigint}",
                        "table",
                        "[] version null changed null mask [] schema {}")));
        assertThat(yaml())
                .contains("format: delta", "# not read (tables of Delta cannot be read: ", "# one record alone tells");
        assertThat(ended.out()).contains("of several: around, lake, readme.txt");
        assertThat(yaml()).contains("files: data", "key: [order_id]   # there, and different, in all 3 records");
        Ended taken = run(Map.of(), "snapshot", "take", "--dataset", "orders", "--dataset", "notes");
        assertThat(taken.code()).as(taken.err()).isZero();

        Ended again = run(Map.of(), "init", "--files", data.toString());
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("lastgood.yaml is there already");
    }

    @Test
    void documents_are_told_by_what_the_service_says_of_their_containers() throws IOException {
        CosmosForTests cosmos = CosmosForTests.standIn();
        CosmosContainer orders = cosmos.container("/address/zip", "/no");
        CosmosForTests.put(orders, "{\"id\":\"7\",\"no\":\"1\",\"address\":{\"zip\":\"0123\"},\"email\":\"a@b\"}");
        CosmosContainer plain = cosmos.container("/id");
        Map<String, String> env = Map.of("K", cosmos.key() + "\n");
        String[] init = {"init", "--cosmos", cosmos.endpoint(), "--database", CosmosForTests.DATABASE, "--key", "K"};

        Ended ended = run(env, init);

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(datasets(env))
                .isEqualTo(new TreeMap<>(Map.of(
                        orders.getId(), "[address.zip, no, id] version null changed _ts mask [] schema {}",
                        plain.getId(), "[id] version null changed _ts mask [] schema {}")));
        assertThat(yaml())
                .contains("key: ${env:K}", "key: [address.zip, 'no', id]   # the partition key, and the id")
                .contains("# mask: {FIELD: full}   # no document was read")
                .doesNotContain(cosmos.key());
        Ended taken = run(env, "snapshot", "take", "--dataset", orders.getId());
        assertThat(taken.code()).as(taken.err()).isZero();

        Files.delete(folder.resolve("shop/lastgood.yaml"));
        Ended refused = run(Map.of("K", "d3Jvbmc="), init);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("cannot be looked at: the key or identity is not accepted (401)")
                .doesNotContain("d3Jvbmc");
        Ended nobody = run(env, "init", "--cosmos", "http://127.0.0.1:1/", "--database", "d", "--key", "K");
        assertThat(nobody.code()).as(nobody.err()).isEqualTo(4);
        assertThat(nobody.err()).contains("cannot be looked at");
        assertThat(run(env, "init", "--cosmos", cosmos.endpoint()).err())
                .contains("--cosmos and --database go together");
    }

    @Test
    void what_may_be_a_secret_is_not_shown() {
        String key = "cGxhbnRlZC01ZDNl==";
        for (String endpoint : List.of(
                "AccountEndpoint=https://a.documents.azure.com:443/;AccountKey=" + key,
                "https://a.documents.azure.com:443/;AccountKey=" + key,
                "https://ann:" + key + "@a.documents.azure.com",
                key)) {
            for (String json : List.of("--json", "--quiet")) {
                Ended ended = run(Map.of(), "init", "--cosmos", endpoint, "--database", "d", json);
                assertThat(ended.code()).isEqualTo(2);
                assertThat(ended.err()).contains("--cosmos is no endpoint of an account");
                assertThat(ended.out() + ended.err()).doesNotContain(key);
            }
        }
        Ended held = run(
                Map.of("K", "AccountKey=" + key),
                "init",
                "--cosmos",
                "https://a.documents.azure.com",
                "--database",
                "d",
                "--key",
                "K");
        assertThat(held.err())
                .contains("the variable of --key holds no key of an account")
                .doesNotContain(key);
        for (String[] init : List.of(
                new String[] {"init", "--cosmos", "https://a.documents.azure.com", "--database", "d", "--key", key},
                new String[] {"init", "--jdbc", "jdbc:h2:mem:x", "--password", key},
                new String[] {"init", "--jdbc", "jdbc:h2:mem:x", "--user", key})) {
            Ended ended = run(Map.of(), init);
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.err()).contains("is no name of an environment variable");
            assertThat(ended.out() + ended.err()).doesNotContain(key);
        }
    }

    @Test
    void what_cannot_be_leaves_nothing_behind() {
        assertThat(run(Map.of(), "init").err()).contains("say one of --jdbc, --cosmos and --files");
        Ended nowhere = run(Map.of(), "init", "--jdbc", "jdbc:h2:tcp://127.0.0.1:1/x;PASSWORD=planted-5d3e");
        assertThat(nowhere.code()).isEqualTo(2);
        assertThat(nowhere.err())
                .contains("the database cannot be connected to")
                .doesNotContain("planted-5d3e");
        assertThat(run(Map.of(), "init", "--jdbc", "jdbc:h2:mem:x", "--user", "NO_SUCH")
                        .err())
                .contains("environment variable 'NO_SUCH' is not set");
        assertThat(folder).isEmptyDirectory();
    }
}
