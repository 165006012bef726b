package dev.lastgood.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.LocalStore;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.contract.Opener;
import dev.lastgood.snapshot.contract.SharedStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HadoopStoreTest extends SharedStoreContract {

    /** Public for the other process. */
    public static final class HadoopOpener implements Opener {
        @Override
        public Store open(Path folder) throws IOException {
            var system = new NoReplaceFileSystem();
            system.initialize(folder.toUri(), new Configuration(false));
            return HadoopStore.on(system, new org.apache.hadoop.fs.Path(folder.toUri()));
        }
    }

    @Override
    protected Opener opener() {
        return new HadoopOpener();
    }

    /** Hadoop's local file system is slow: it sets the permissions of each file by a command. */
    @Override
    protected int races() {
        return super.races() / 4;
    }

    @ParameterizedTest
    @CsvSource({
        "store, file:/srv/shop/store",
        "../store, file:/srv/store",
        "/backups/a b, file:/backups/a b",
        "file:/backups/a b, file:/backups/a b",
        "file:/backups/a%20b, file:/backups/a b",
        "file:///backups/, file:/backups"
    })
    void a_local_folder_is_a_local_store(String address, String root) {
        Store store = HadoopStore.open(address, Path.of("/srv/shop"), new Configuration(false));

        assertThat(store).isInstanceOf(LocalStore.class);
        assertThat(store.root()).isEqualTo(root);
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3a://bucket/store", "wasbs://c@a.blob.core.windows.net/x", "gs://b/x", "HTTP://x/y"})
    void where_nothing_can_be_published_there_is_no_store(String address) {
        String scheme = address.substring(0, address.indexOf(':')).toLowerCase(java.util.Locale.ROOT);

        assertThatThrownBy(() -> HadoopStore.open(address, Path.of("/srv"), new Configuration(false)))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                        error: a store cannot be at %s: on '%s' no way is known to move a file without replacing another
                        hint: Use abfss:, abfs:, hdfs: or a local folder. Datasets may lie anywhere.""".formatted(address, scheme));
    }

    @Test
    void a_file_system_that_cannot_be_reached_is_named() {
        String address = "abfss://backups@acmelake.dfs.core.windows.net/lastgood";

        assertThatThrownBy(() -> HadoopStore.open(address, Path.of("/srv"), new Configuration(false)))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageStartingWith("could not reach the store at " + address + ": ");
    }
}
