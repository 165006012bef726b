package dev.lastgood.snapshot;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A store in which only what a trusted key has signed is a snapshot. */
public final class TrustingStore implements Store {
    private final Store store;
    private final Trust trust;

    public TrustingStore(Store store, Trust trust) {
        this.store = store;
        this.trust = trust;
    }

    @Override
    public Trust trust() {
        return trust;
    }

    @Override
    public String root() {
        return store.root();
    }

    @Override
    public Published publish(String name, byte[] bytes) {
        return store.publish(name, bytes);
    }

    @Override
    public Optional<byte[]> read(String name) {
        return store.read(name);
    }

    @Override
    public Optional<InputStream> open(String name) {
        return store.open(name);
    }

    @Override
    public OptionalLong size(String name) {
        return store.size(name);
    }

    @Override
    public boolean exists(String name) {
        return store.exists(name);
    }

    @Override
    public List<String> list(String folder) {
        return store.list(folder);
    }

    @Override
    public List<Stored> files(String folder) {
        return store.files(folder);
    }

    @Override
    public OutputStream create(String name) {
        return store.create(name);
    }

    @Override
    public void settle(String folder) {
        store.settle(folder);
    }

    @Override
    public void delete(String name) {
        store.delete(name);
    }

    @Override
    public void retire(String entry, String copy) {
        store.retire(entry, copy);
    }

    @Override
    public String location(String name) {
        return store.location(name);
    }

    @Override
    public String toString() {
        return store.toString();
    }
}
