package dev.lastgood.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import dev.lastgood.cosmos.contract.CosmosForTests;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the change feed gives is what a query gives of the documents that were written. */
class ChangeFeedTest {
    private final CosmosForTests cosmos = cosmos();
    private final CosmosContainer container = cosmos.container("/tenant");
    private final dev.lastgood.cosmos.CosmosContainer reached = CosmosTargetTest.reached(cosmos, container);

    /** The service it is tried on. */
    CosmosForTests cosmos() {
        return CosmosForTests.shared();
    }

    @BeforeEach
    void forty_things() {
        for (int i = 0; i < 40; i++) {
            thing(i, 0);
        }
    }

    /** One whose clock and pages are set, for what other services do not do on demand. */
    private CosmosForTests standIn() {
        cosmos.server();
        return CosmosForTests.standIn();
    }

    private void thing(int i, int value) {
        CosmosForTests.put(container, "{\"id\":\"%d\",\"tenant\":\"t%d\",\"v\":%d}".formatted(i, i % 7, value));
    }

    private List<String> written(Instant since) {
        List<String> written = new ArrayList<>();
        for (String range : reached.feedRanges()) {
            reached.written(range, since).forEachRemaining(version -> written.add(version.document()));
        }
        return written;
    }

    private List<String> queried() {
        List<String> queried = new ArrayList<>();
        for (String range : reached.feedRanges()) {
            reached.documents(range, dev.lastgood.cosmos.CosmosContainer.Wanted.ALL)
                    .forEachRemaining(queried::add);
        }
        return queried;
    }

    @Test
    void a_document_comes_once_as_it_is_now_and_one_that_is_gone_does_not() {
        thing(1, 1);
        thing(1, 2);
        thing(8, 1);
        container.deleteItem("9", new PartitionKey("t2"), new CosmosItemRequestOptions());

        List<String> written = written(Instant.EPOCH);

        assertThat(written).hasSize(39).containsExactlyInAnyOrderElementsOf(queried());
        assertThat(written(Instant.now().plus(Duration.ofDays(1)))).isEmpty();
    }

    @Test
    void what_was_written_before_that_second_does_not_come() {
        CosmosForTests own = standIn();
        CosmosContainer there = own.container("/tenant");
        Instant second = Instant.parse("2026-11-22T02:00:00Z");
        for (int i = 0; i < 3; i++) {
            int at = i;
            own.server().clock(() -> second.getEpochSecond() - 1 + at);
            CosmosForTests.put(there, "{\"id\":\"%d\",\"tenant\":\"t\"}".formatted(i));
        }
        List<String> ids = new ArrayList<>();
        dev.lastgood.cosmos.CosmosContainer read = CosmosTargetTest.reached(own, there);
        for (String range : read.feedRanges()) {
            read.written(range, second).forEachRemaining(version -> ids.add(version.document()));
        }
        assertThat(ids).hasSize(2).noneMatch(document -> document.contains("\"id\":\"0\""));
    }

    @Test
    void one_that_is_written_while_the_feed_is_read_comes_again_later() {
        CosmosForTests own = standIn();
        CosmosContainer there = own.container("/tenant");
        for (int i = 0; i < 20; i++) {
            CosmosForTests.put(there, "{\"id\":\"%d\",\"tenant\":\"t\",\"v\":1}".formatted(i));
        }
        own.server().largestPage(3);
        own.server().afterNextPageOfChanges(() -> CosmosForTests.put(there, "{\"id\":\"0\",\"tenant\":\"t\",\"v\":2}"));
        List<String> versions = new ArrayList<>();
        dev.lastgood.cosmos.CosmosContainer read = CosmosTargetTest.reached(own, there);
        for (String range : read.feedRanges()) {
            read.written(range, Instant.EPOCH).forEachRemaining(version -> versions.add(version.document()));
        }
        assertThat(versions).hasSize(21);
        assertThat(versions.get(0)).contains("\"id\":\"0\"", "\"v\":1");
        assertThat(versions.get(20)).contains("\"id\":\"0\"", "\"v\":2");
    }
}
