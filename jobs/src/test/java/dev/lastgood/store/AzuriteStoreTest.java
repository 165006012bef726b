package dev.lastgood.store;

import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.contract.Opener;
import dev.lastgood.snapshot.contract.SharedStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * ABFS over the Blob endpoint, where a move without replacing is a conditional copy. In the full tier: it takes Node, and
 * installs the emulator.
 */
@Tag("full")
class AzuriteStoreTest extends SharedStoreContract {
    static final String ACCOUNT = "devstoreaccount1.dfs.core.windows.net";

    /** Of every Azurite; published by its makers, and worth nothing. */
    static final String KEY =
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /** Times {@link #races()}: 3,000 names, each tried by four. */
    private static final int EMULATORS = 30;

    private static @Nullable Process azurite;

    @BeforeAll
    static void start() throws Exception {
        azurite = Azurite.start();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (azurite != null) {
            azurite.destroyForcibly().waitFor();
        }
    }

    /** Public for the other process. */
    public static final class AzuriteOpener implements Opener {
        @Override
        public Store open(Path folder) throws IOException {
            String name = String.valueOf(folder.getFileName());
            return HadoopStore.open("abfs://lastgood@%s/%s".formatted(ACCOUNT, name), folder, configuration());
        }
    }

    /** Of the emulator that was started, signed in to by key. */
    static Configuration configuration() throws IOException {
        Configuration configuration = new Configuration();
        configuration.set("fs.abfs.impl", AzuriteFileSystem.class.getName());
        configuration.setBoolean("fs.abfs.impl.disable.cache", true);
        configuration.set("fs.azure.abfs.endpoint", "127.0.0.1:" + Azurite.port());
        configuration.set("fs.azure.always.use.https", "false");
        configuration.set("fs.azure.account.hns.enabled", "false");
        configuration.set("fs.azure.fns.account.service.type", "BLOB");
        configuration.set("fs.azure.createRemoteFileSystemDuringInitialization", "true");
        configuration.set("fs.azure.account.key." + ACCOUNT, KEY);
        configuration.set("fs.azure.io.retry.max.retries", "2");
        return configuration;
    }

    @Override
    protected Opener opener() {
        return new AzuriteOpener();
    }

    /** Each is half a dozen requests of each racer to an emulator, which answers the slower the more names it has. */
    @Override
    protected int races() {
        return 100;
    }

    @Override
    protected int kills() {
        return 20;
    }

    /** As many as an emulator has the breath for, over and over, each time on an emulator just started. */
    @Test
    void of_thousands_of_races_each_has_one_winner() throws Exception {
        for (int emulator = 0; emulator < EMULATORS; emulator++) {
            stop();
            start();
            open();
            race();
        }
    }
}
