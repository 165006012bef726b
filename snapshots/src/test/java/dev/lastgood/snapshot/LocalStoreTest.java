package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.snapshot.contract.Opener;
import dev.lastgood.snapshot.contract.SharedStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LocalStoreTest extends SharedStoreContract {

    /** Public for the other process. */
    public static final class LocalOpener implements Opener {
        @Override
        public Store open(Path folder) {
            return LocalStore.at(folder);
        }
    }

    @Override
    protected Opener opener() {
        return new LocalOpener();
    }

    @Test
    void the_root_is_a_uri_as_hadoop_reads_it() {
        assertThat(LocalStore.at(Path.of("/a b/../c%d")).root()).isEqualTo("file:/c%d");
    }

    @Test
    void a_store_that_cannot_be_written_says_what_it_was_doing_and_what_is_true_now() throws IOException {
        Files.writeString(folder.resolve("catalog"), "in the way");

        assertThatThrownBy(() -> store.publish("catalog/000000000001.json", new byte[] {1}))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageStartingWith("could not publish catalog/000000000001.json: ")
                .hasMessageEndingWith("; nothing was published");
        assertThat(store.files("tmp")).isEmpty();
    }

    @Test
    void what_is_in_the_way_is_said_for_every_act() throws IOException {
        Files.writeString(folder.resolve("data"), "in the way");

        assertThatThrownBy(() -> store.create("data/x"))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageStartingWith("could not create data/x in the store " + store.root() + ": ");
        assertThat(store.read("data/x")).isEmpty();
        assertThat(store.open("data/x")).isEmpty();
        assertThat(store.size("data/x")).isEmpty();
        assertThat(store.list("data/x")).isEmpty();
        assertThat(store.files("data/x")).isEmpty();
    }

    @Test
    void a_document_beyond_all_measure_is_not_read_into_memory() throws IOException {
        try (var file = new java.io.RandomAccessFile(folder.resolve("huge").toFile(), "rw")) {
            file.setLength(1L << 40);
        }

        assertThatThrownBy(() -> store.read("huge"))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessage("could not read huge in the store %s: IOException:".formatted(store.root())
                        + " it has 1099511627776 bytes, more than any document");
        assertThat(store.size("huge")).hasValue(1L << 40);
    }

    @Test
    void closing_twice_does_nothing_more() throws IOException {
        var out = store.create("tmp/x");
        out.write(1);
        out.close();
        out.close();
        assertThat(store.size("tmp/x")).hasValue(1);
    }
}
