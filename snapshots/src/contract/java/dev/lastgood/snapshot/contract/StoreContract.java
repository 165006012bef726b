package dev.lastgood.snapshot.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store must do. */
public abstract class StoreContract {

    @TempDir
    protected Path folder;

    protected Store store;

    protected abstract Opener opener();

    @SuppressWarnings("NullAway.Init") // JUnit
    protected StoreContract() {}

    /** How many names are raced for; ten times as many in the profile full. */
    protected int races() {
        return Boolean.getBoolean("lastgood.full") ? 15_000 : 1_500;
    }

    @BeforeEach
    protected void open() throws IOException {
        store = opener().open(folder);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String read(String name) {
        return store.read(name)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("nothing");
    }

    private void create(String name, String content) throws IOException {
        try (OutputStream out = store.create(name)) {
            out.write(utf8(content));
        }
    }

    @Test
    void an_entry_is_there_once_it_is_published() throws IOException {
        assertThat(store.publish("catalog/000000000001.json", utf8("one"))).isEqualTo(new Published.Won());

        assertThat(read("catalog/000000000001.json")).isEqualTo("one");
        assertThat(store.size("catalog/000000000001.json")).hasValue(3);
        try (InputStream in = store.open("catalog/000000000001.json").orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo(utf8("one"));
        }
        assertThat(store.files("tmp")).isEmpty();
    }

    @Test
    void who_comes_second_gets_the_entry_of_the_first() {
        store.publish("entry", utf8("first"));

        assertThat(store.publish("entry", utf8("second")))
                .isInstanceOfSatisfying(
                        Published.Lost.class, lost -> assertThat(lost.existing()).isEqualTo(utf8("first")));
        assertThat(read("entry")).isEqualTo("first");
        assertThat(store.files("tmp")).isEmpty();
    }

    @Test
    void finding_my_own_bytes_means_that_i_won() {
        store.publish("entry", utf8("mine, with a random id"));

        assertThat(store.publish("entry", utf8("mine, with a random id"))).isEqualTo(new Published.Won());
    }

    @Test
    void an_entry_may_be_empty_or_large() {
        byte[] large = new byte[3 << 20];
        large[large.length - 1] = 7;

        assertThat(store.publish("empty", new byte[0]).won()).isTrue();
        assertThat(store.publish("large", large).won()).isTrue();

        assertThat(store.read("empty")).hasValue(new byte[0]);
        assertThat(store.read("large")).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(large));
    }

    @Test
    void what_is_not_there_is_absent() {
        assertThat(store.read("no/such")).isEmpty();
        assertThat(store.open("no/such")).isEmpty();
        assertThat(store.size("no/such")).isEmpty();
        assertThat(store.exists("no/such")).isFalse();
        assertThat(store.list("no")).isEmpty();
        assertThat(store.files("no")).isEmpty();
        store.delete("no/such");
        store.settle("no");
    }

    @Test
    void a_folder_is_no_file_and_a_file_no_folder() throws IOException {
        create("folder/file", "content");

        assertThat(store.read("folder")).isEmpty();
        assertThat(store.open("folder")).isEmpty();
        assertThat(store.size("folder")).isEmpty();
        assertThat(store.list("folder/file")).isEmpty();
        assertThat(store.files("folder/file")).isEmpty();
    }

    @Test
    void folders_are_listed_in_order() throws IOException {
        create("snapshots/orders/b/manifest.json", "12345");
        create("snapshots/orders/b/data/b0000-b0063.parquet", "123");
        create("snapshots/orders/a", "1");
        create("snapshots/orders-old/x", "");

        assertThat(store.list("snapshots")).containsExactly("orders-old/", "orders/");
        assertThat(store.list("snapshots/orders")).containsExactly("a", "b/");
        assertThat(store.files("snapshots/orders"))
                .extracting(Store.Stored::name, Store.Stored::bytes)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("snapshots/orders/a", 1L),
                        org.assertj.core.groups.Tuple.tuple("snapshots/orders/b/data/b0000-b0063.parquet", 3L),
                        org.assertj.core.groups.Tuple.tuple("snapshots/orders/b/manifest.json", 5L));
        assertThat(store.files("snapshots/orders"))
                .allSatisfy(file -> assertThat(file.modified()).isAfter("2020-01-01T00:00:00Z"));
    }

    @Test
    void unpublished_files_are_written_once_and_settled() throws IOException {
        create("tmp/x/file", "content");
        store.settle("tmp/x");

        assertThat(read("tmp/x/file")).isEqualTo("content");
        assertThatThrownBy(() -> store.create("tmp/x/file")).isInstanceOf(StoreUnavailable.class);
        assertThat(read("tmp/x/file")).isEqualTo("content");
    }

    @Test
    void files_and_folders_are_deleted_with_all_in_them() throws IOException {
        create("tmp/x/one", "1");
        create("tmp/x/deep/two", "2");
        create("tmp/y", "3");

        store.delete("tmp/x/one");
        assertThat(store.files("tmp/x")).hasSize(1);
        store.delete("tmp/x");
        assertThat(store.list("tmp")).containsExactly("y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"catalog/000000000001.json", "catalog", "format.json"})
    void what_the_store_is_made_of_cannot_be_deleted(String name) {
        assertThatThrownBy(() -> store.delete(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + " is never deleted");
    }

    @Test
    void an_entry_is_removed_only_for_a_copy_of_it() throws IOException {
        String entry = "catalog/000000000001.json";
        String copy = "lost/20261122T020000Z-1/000000000001.json";
        store.publish(entry, utf8("one"));
        assertNotRetired(entry, copy, entry + " is never deleted without a copy of it");
        create(copy, "two");
        assertNotRetired(entry, copy, entry + " is never deleted without a copy of it");
        store.delete(copy);
        create(copy, "one");
        create("tmp/000000000001.json", "one");
        create("lost/other", "one");
        for (String other : List.of("tmp/000000000001.json", "lost/other", entry)) {
            assertNotRetired(entry, other, "%s is never deleted for %s".formatted(entry, other));
        }
        for (String other : List.of("format.json", "catalog", "tmp/000000000001.json", "catalog/x/000000000001.json")) {
            assertNotRetired(other, copy, "%s is never deleted for %s".formatted(other, copy));
        }
        assertThat(read(entry)).isEqualTo("one");

        store.retire(entry, copy);
        store.retire(entry, copy);

        assertThat(read(entry)).isEqualTo("nothing");
        assertThat(read(copy)).isEqualTo("one");
    }

    private void assertNotRetired(String entry, String copy, String message) {
        assertThatThrownBy(() -> store.retire(entry, copy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void a_checkpoint_is_derived_and_may_be_deleted() throws IOException {
        create("catalog/checkpoint-000000001000.json", "{}");
        store.delete("catalog/checkpoint-000000001000.json");
        assertThat(store.list("catalog")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "/", "/a", "a/", "a//b", "a/../b", "../a", "a/./b", "a:b", "a b", "a\\b", "a\nb"})
    void what_is_no_name_is_refused(String name) {
        String message = "not a name in a store: " + name;
        assertThatThrownBy(() -> store.read(name)).hasMessage(message);
        assertThatThrownBy(() -> store.publish(name, new byte[0])).hasMessage(message);
        assertThatThrownBy(() -> store.create(name)).hasMessage(message);
        assertThatThrownBy(() -> store.delete(name)).hasMessage(message);
        assertThatThrownBy(() -> store.location(name)).hasMessage(message);
        assertThatThrownBy(() -> store.files(name)).hasMessage(message);
    }

    @Test
    void locations_lie_below_the_root() {
        assertThat(store.location("snapshots/orders")).isEqualTo(store.root() + "/snapshots/orders");
    }

    @Test
    void of_many_threads_one_wins_each_name() throws Exception {
        race();
    }

    /** Four threads try all names of this store; each has one winner, and is whole. */
    protected void race() throws Exception {
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<List<Racer.Won>>> racers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                racers.add(() -> Racer.publish(store, races()));
            }
            List<Racer.Won> won = new ArrayList<>();
            for (Future<List<Racer.Won>> racer : pool.invokeAll(racers)) {
                won.addAll(racer.get());
            }
            checkRace(won);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Every name has one winner, and its entry is the winner's, whole. */
    protected void checkRace(List<Racer.Won> won) {
        assertThat(won).hasSize(races());
        Map<String, String> entries = new HashMap<>();
        won.forEach(one -> assertThat(entries.put(one.name(), one.entry())).isNull());
        entries.forEach((name, entry) -> assertThat(read(name)).isEqualTo(entry));
        assertThat(store.files("race")).hasSize(races());
        assertThat(store.files("tmp")).isEmpty();
    }
}
