package dev.lastgood.snapshot;

import dev.lastgood.snapshot.contract.Opener;
import dev.lastgood.snapshot.contract.StoreContract;

class MemoryStoreTest extends StoreContract {
    @Override
    protected Opener opener() {
        return folder -> new MemoryStore();
    }
}
