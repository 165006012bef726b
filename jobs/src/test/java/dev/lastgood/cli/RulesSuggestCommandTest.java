package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, from its options to its exit code; what is suggested of what is told elsewhere. */
final class RulesSuggestCommandTest {
    @TempDir
    static Path folder;

    private static WorkspaceForTests products;

    @BeforeAll
    static void take() {
        products =
                WorkspaceForTests.in(folder, "products: {source: here, path: products.csv, format: csv, key: [sku]}");
        List<String> lines = new ArrayList<>(List.of("sku,unit"));
        for (int i = 1; i <= 40; i++) {
            lines.add("SKU-%03d,%s".formatted(i, i % 2 == 0 ? "kg" : "piece"));
        }
        products.file("products.csv", lines.toArray(String[]::new)).take();
    }

    private static Ended run(String... words) {
        List<String> all = new ArrayList<>(List.of("rules"));
        all.addAll(List.of(words));
        all.addAll(List.of("-w", folder.toString()));
        return CommandLineForTests.runOnSpark(Instant.parse("2026-11-23T02:00:00Z"), Map.of(), all);
    }

    @Test
    void rules_are_printed_and_what_is_to_know_beside_them() {
        Ended ended = run("suggest");

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().replaceAll("snapshot \\S+,", "snapshot ID,")).isEqualTo("""
            # Suggested by 'lastgood rules suggest'; read them, and delete what is true by chance. Learned from
            # products: snapshot ID, 40 records; no earlier one to compare it with
            # Each holds there without exception, and fails on at least one of 20 seeded mutations of a sample.
            # The confidence supposes that records to come are like those that were seen.
            rules:
              # The key of the dataset. None of 40 records breaks it.
              # Fails on 7 of 20 mutations.
              - id: products-sku-unique
                dataset: products
                unique: [sku]

              # Never missing, never empty. None of 40 records breaks it; with 95 % confidence fewer than 7.5 % do.
              # Fails on 2 of 20 mutations.
              - id: products-sku-required
                dataset: products
                field: sku
                required: true
                min_length: 1

              # All are written alike. None of 40 records breaks it; with 95 % confidence fewer than 7.5 % do.
              # Fails on 12 of 20 mutations.
              - id: products-sku-matches
                dataset: products
                field: sku
                matches: SKU-[0-9]{3}

              # Never missing, never empty. None of 40 records breaks it; with 95 % confidence fewer than 7.5 % do.
              # Fails on 2 of 20 mutations.
              - id: products-unit-required
                dataset: products
                field: unit
                required: true
                min_length: 1

              # 2 different texts, the rarest 20 times. None of 40 records breaks it; with 95 % confidence fewer than 7.5 % do.
              # Fails on 12 of 20 mutations.
              - id: products-unit-in
                dataset: products
                field: unit
                in: [kg, piece]
            """);
        assertThat(ended.err()).isEqualTo("""
            no snapshot of dataset 'products' is known to be clean by the rules as they are; the newest verified one is the baseline
            5 rules are suggested
            """);
    }

    @Test
    void a_file_is_written_that_passes_the_check_and_is_not_suggested_again() throws IOException {
        Path file = folder.resolve("rules-suggested.yaml");
        Path more = folder.resolve("more.yaml");
        try {
            Ended written = run("suggest", "--snapshot", "latest", "--out", file.toString());
            assertThat(written.code()).as(written.err()).isZero();
            assertThat(written.out()).isEmpty();
            String rules = Files.readString(file);
            assertThat(run("check").out()).isEqualTo("5 rules are sound\nPASS\n");

            Ended again = run("suggest", "--out", more.toString());
            assertThat(again.code()).isZero();
            assertThat(again.err()).endsWith("nothing is suggested that the rules of the workspace do not say\n");
            assertThat(more).doesNotExist();

            Ended over = run("suggest", "--out", file.toString());
            assertThat(over.code()).isEqualTo(2);
            assertThat(over.err()).startsWith("error: " + file + " is there already\n");
            assertThat(file).as("left as it was").hasContent(rules);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void the_document_says_the_same() {
        Ended ended = run("suggest", "--dataset", "products", "--json");

        JsonNode document = WorkspaceForTests.json(ended.out());
        assertThat(document.get("formatVersion").asInt()).isEqualTo(1);
        assertThat(document.at("/snapshots/products/records").asInt()).isEqualTo(40);
        assertThat(document.get("rules")).hasSize(5);
        assertThat(document.at("/rules/0/id").asText()).isEqualTo("products-sku-unique");
        assertThat(document.at("/rules/0/constraint").asText()).isEqualTo("unique");
        assertThat(document.at("/rules/0/failsOn").asInt()).isBetween(1, 20);
        assertThat(document.get("yaml").asText())
                .startsWith("# Suggested by 'lastgood rules suggest'")
                .contains("unique: [sku]");
    }

    @Test
    void the_help_of_rules_lists_it() {
        Ended ended = CommandLineForTests.run(Instant.EPOCH, Map.of(), List.of("rules", "--help"));

        assertThat(ended.out()).contains("suggest  Learns rules from trusted snapshots");
    }
}
