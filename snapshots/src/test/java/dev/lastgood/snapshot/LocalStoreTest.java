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
}
