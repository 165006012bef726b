package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.InvalidInput;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StoreFormatTest {

    private final MemoryStore store = new MemoryStore();

    @Test
    void the_first_to_come_makes_the_store_and_all_others_find_it() {
        StoreFormat made = StoreFormat.establish(store, "shop");

        assertThat(StoreFormat.establish(store, "shop")).isEqualTo(made);
        assertThat(StoreFormat.open(store, "shop")).isEqualTo(made);
        assertThat(new String(store.content.get("format.json"), StandardCharsets.UTF_8))
                .isEqualTo("{\"format\":\"lastgood-store\",\"formatVersion\":1,\"id\":\"%s\",\"workspace\":\"shop\"}"
                        .formatted(made.id()));
    }

    @Test
    void a_store_of_another_workspace_is_refused() {
        StoreFormat.establish(store, "shop");

        assertThatThrownBy(() -> StoreFormat.open(store, "billing"))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                        error: the store at memory: belongs to workspace 'shop', not to 'billing'
                        hint: Give each workspace a store of its own, or correct 'workspace' or 'store' in lastgood.yaml.""");
    }

    @Test
    void where_there_is_no_store_one_is_told_how_to_make_it() {
        assertThatThrownBy(() -> StoreFormat.open(store, "shop"))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                        error: there is no store at memory:: it has no format.json
                        hint: Check 'store' in lastgood.yaml; the first 'lastgood snapshot take' makes the store.""");
    }

    @Test
    void another_format_is_refused_by_name() {
        put("{\"format\":\"restic\",\"formatVersion\":1,\"id\":\"x\",\"workspace\":\"shop\"}");
        assertThatThrownBy(() -> StoreFormat.open(store, "shop"))
                .hasMessage("format.json cannot be used: its format is 'restic', not 'lastgood-store'");

        put("{\"format\":\"lastgood-store\",\"formatVersion\":7,\"id\":\"x\",\"workspace\":\"shop\"}");
        assertThatThrownBy(() -> StoreFormat.open(store, "shop"))
                .hasMessage("format.json cannot be used: it has format version 7, and this program knows version 1")
                .extracting(e -> ((UnusableEntry) e).hint())
                .isEqualTo("Use the release of Lastgood that wrote it, or a newer one.");
    }

    private void put(String json) {
        store.content.put("format.json", json.getBytes(StandardCharsets.UTF_8));
    }
}
