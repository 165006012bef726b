package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Passwords, and values of masked fields, show up nowhere but where a restore needs them. */
final class SecretsTest {

    /** Values of masked fields. All of them end like this; in Parquet they lie compressed, so only text is searched. */
    private static final String MASKED = "Planted";

    /** What may hold values as they are: captured data, an audit's records, what a plan writes, and what a run has seen. */
    private static final List<String> REAL = List.of(
            "store/snapshots/[^/]+/[^/]+/(data|thin)/.*",
            "store/audits/[^/]+/(records|stage|images)/.*",
            "store/plans/[^/]+/payload/.*",
            "store/runs/[^/]+/(journal|originals)/.*",
            "data/.*");

    @Test
    void what_commands_print_and_write_shows_no_secret() throws IOException {
        ShopForTests shop = ShopForTests.at(Stage.DAMAGED);
        // The damage is in the masked fields, so that findings, changes and steps are about them.
        shop.replace("data/items.csv", "i1,Anvil,Acme Planted,10.00", "i1,Anvil,Wrong Planted,-1.00");
        shop.sql("UPDATE ORDERS SET BUYER = 'Wrong Planted', TOTAL = 0 WHERE ID = 2");
        String findings = shop.folder().resolve("findings.jsonl").toString();
        String changes = shop.folder().resolve("changes.jsonl").toString();
        String diff = shop.folder().resolve("diff.jsonl").toString();
        String steps = shop.folder().resolve("steps.jsonl").toString();
        List<String> commands = List.of(
                "status --json",
                "snapshot list --json",
                "snapshot show latest --json",
                "snapshot verify --json",
                "diff latest --out " + diff,
                "diff latest",
                "history items i1",
                "history orders 2 --json",
                "audit --findings " + findings + " --changes " + changes,
                "incident list --json",
                "incident show i1",
                "restore plan --changed --json",
                "restore show $PLAN --out " + steps,
                "restore show $PLAN",
                "restore approve $PLAN --json",
                "restore apply $PLAN --yes",
                "restore undo $PLAN --yes --json",
                "restore apply $PLAN --yes -v");
        List<String> said = new ArrayList<>();
        for (String command : commands) {
            Ended ended = shop.run(ShopForTests.words(command));
            said.add("$ " + command + "\n" + ended.out() + ended.err());
        }

        assertThat(said).noneMatch(text -> text.contains(ShopForTests.PASSWORD));
        assertThat(said).noneMatch(text -> text.contains(MASKED));
        assertThat(said.get(commands.size() - 2))
                .as("the restore was carried out")
                .contains("\"done\":4");
        try (Stream<Path> files = Files.walk(shop.folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = shop.folder().relativize(file).toString();
                String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                if (!name.startsWith("db/") && !name.equals("secrets/db")) {
                    assertThat(text.contains(ShopForTests.PASSWORD))
                            .as("password in " + name)
                            .isFalse();
                }
                if (!name.startsWith("db/") && REAL.stream().noneMatch(name::matches)) {
                    assertThat(text.contains(MASKED))
                            .as("masked value in " + name)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void a_wrong_password_is_not_repeated() {
        ShopForTests shop = ShopForTests.at(Stage.FRESH);
        shop.env("SHOP_PASSWORD", "planted-wrong-81aa");

        for (String command : List.of("snapshot take --dataset orders", "snapshot take --dataset orders --json -v")) {
            Ended ended = shop.run(ShopForTests.words(command));

            assertThat(ended.code()).isEqualTo(4);
            assertThat(ended.out() + ended.err()).doesNotContain("planted-wrong-81aa");
        }
    }
}
