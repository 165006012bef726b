package dev.lastgood.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.evidence.Evidence.Compared;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.VerificationReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class EvidenceDocumentTest {
    private static final Period MAY = new Period(LocalDate.parse("2026-05-01"), LocalDate.parse("2026-05-31"));
    private static final List<String> DATASETS = List.of("orders", "never");
    private static final Sha256 ANY = Sha256.of("any".getBytes(StandardCharsets.UTF_8));
    private static final SnapshotId APRIL = new SnapshotId("20260420T000000Z-aaaa");
    private static final SnapshotId FIRST = new SnapshotId("20260504T000000Z-aaaa");
    private static final SnapshotId SECOND = new SnapshotId("20260506T000000Z-aaaa");

    private static final Damage DAMAGE = new Damage("a.parquet", Damage.Kind.MISSING, "it is missing");

    private final List<Entry> catalog = new ArrayList<>();

    private void add(String day, String by, Event event) {
        Sha256 previous = catalog.isEmpty()
                ? ANY
                : Sha256.of(catalog.get(catalog.size() - 1).bytes());
        long number = catalog.size() + 1L;
        catalog.add(new Entry(number, "id" + number, Instant.parse(day + "T00:00:00Z"), by, previous, event));
    }

    private static Event.Taken taken(SnapshotId snapshot) {
        return new Event.Taken(
                snapshot,
                new TreeMap<>(Map.of("orders", new Event.Captured(ANY, snapshot.at(), snapshot.at(), 100, 1, null))));
    }

    private static Event.Verified verified(SnapshotId snapshot, boolean damaged) {
        List<Damage> damages = damaged ? List.of(DAMAGE) : List.of();
        return new Event.Verified(snapshot, "orders", VerificationReport.of(Level.L2, 1, 1, 1, damages));
    }

    /** Taken in April and twice in May; one backup was found damaged three times, the other was mended. */
    private void fill(String by) {
        add("2026-04-20", by, taken(APRIL));
        add("2026-05-04", by, taken(FIRST));
        add("2026-05-06", by, taken(SECOND));
        add("2026-05-07", by, verified(FIRST, true));
        add("2026-05-08", by, verified(FIRST, true));
        add("2026-05-09", by, verified(FIRST, true));
        add("2026-05-10", by, verified(SECOND, true));
        add("2026-05-11", by, verified(SECOND, false));
        add("2026-06-02", by, verified(SECOND, false));
    }

    private static ObjectNode document(List<Entry> entries, String made) {
        ObjectNode made0 = Evidence.of(entries, MAY, "shop", DATASETS, "1", Instant.parse(made + "T00:00:00Z"));
        return (ObjectNode) WorkspaceForTests.json(JsonValues.write(made0));
    }

    private Compared compared(JsonNode document) {
        assertThat(Evidence.problems(document)).isEmpty();
        return Evidence.compared(document, catalog, "shop");
    }

    @Test
    void the_longest_gap_goes_from_before_the_period_to_its_end() {
        fill("me");
        JsonNode never = document(catalog, "2026-06-02").at("/summary/datasets/0");
        assertThat(never.get("dataset").asText()).isEqualTo("never");
        assertThat(never.get("snapshots").asInt()).isZero();
        assertThat(never.get("longestGapSeconds").isNull()).isTrue();

        assertThat(gap(document(catalog, "2026-06-02"))).as("to the end").isEqualTo(Duration.ofDays(26));
        assertThat(gap(document(catalog, "2026-05-12"))).as("from April").isEqualTo(Duration.ofDays(14));
        assertThat(gap(document(catalog.subList(1, 5), "2026-05-07")))
                .as("from the start")
                .isEqualTo(Duration.ofDays(3));
        assertThat(gap(document(catalog.subList(0, 1), "2026-06-02")))
                .as("nothing was captured in it")
                .isEqualTo(Duration.ofDays(42));
    }

    private static Duration gap(JsonNode document) {
        JsonNode orders = document.at("/summary/datasets/1");
        assertThat(orders.get("dataset").asText()).isEqualTo("orders");
        return Duration.ofSeconds(orders.get("longestGapSeconds").asLong());
    }

    @Test
    void snapshots_are_counted_by_their_last_verdict() {
        fill("me");

        JsonNode tested = document(catalog, "2026-06-02").at("/summary/verifications/0");

        assertThat(List.of(
                        tested.get("verifications").asInt(),
                        tested.get("PASS").asInt(),
                        tested.get("FAIL").asInt(),
                        tested.get("damaged").asInt()))
                .containsExactly(5, 1, 1, 1);
    }

    @Test
    void what_a_catalog_has_kept_of_the_one_before_counts() {
        fill("me");
        JsonNode before = document(catalog, "2026-06-05");
        List<Event.Kept> kept = catalog.stream()
                .map(entry -> new Event.Kept(entry.id(), entry.at(), entry.by(), entry.event()))
                .toList();
        catalog.clear();
        add("2026-06-03", "me", new Event.Rebuilt("lost-1", kept));

        JsonNode after = document(catalog, "2026-06-05");

        assertThat(after.get("summary")).isEqualTo(before.get("summary"));
        assertThat(compared(after)).isEqualTo(new Compared(List.of(), List.of()));
    }

    @Test
    void a_document_that_ends_too_early_is_found_by_the_catalog() {
        fill("me");
        assertThat(compared(document(catalog, "2026-06-02"))).isEqualTo(new Compared(List.of(), List.of()));

        JsonNode cut = document(catalog.subList(0, 7), "2026-06-02");
        assertThat(compared(cut).wrong().toString()).contains("1 entries more", "they were left out");

        JsonNode early = document(catalog.subList(0, 7), "2026-05-10");
        assertThat(compared(early).wrong()).isEmpty();
        assertThat(compared(early).open().toString()).contains("1 entries more", "before its period was over");

        JsonNode late = document(catalog.subList(1, catalog.size()), "2026-06-02");
        assertThat(compared(late).wrong().toString()).contains("it has 0 entries where the catalog has 1");
        JsonNode head = document(catalog.subList(2, catalog.size()), "2026-06-02");
        assertThat(compared(head).wrong().toString()).contains("entry 2 is another one");
    }

    @Test
    void a_document_that_was_made_anew_with_other_entries_is_found_by_the_catalog() {
        fill("me");
        EvidenceDocumentTest forged = new EvidenceDocumentTest();
        forged.fill("mallory");

        Compared compared = compared(document(forged.catalog, "2026-06-02"));

        assertThat(compared.wrong())
                .contains("entry 1 is another one in the catalog", "entry 8 is another one in the catalog");
        assertThat(Evidence.compared(document(catalog, "2026-06-02"), catalog, "other")
                        .wrong())
                .containsExactly("it is of workspace 'shop', and this is 'other'");
    }
}
