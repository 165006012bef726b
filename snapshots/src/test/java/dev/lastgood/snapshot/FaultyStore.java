package dev.lastgood.snapshot;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** A store whose k-th call fails, before or after its effect, once or from then on. */
public final class FaultyStore implements Store {

    public enum When {
        BEFORE,
        AFTER
    }

    public enum HowOften {
        ONCE,
        FOR_GOOD
    }

    private final Store store;
    private final int failing;
    private final When when;
    private final HowOften howOften;
    private int calls;

    public FaultyStore(Store store, int failing, When when, HowOften howOften) {
        this.store = store;
        this.failing = failing;
        this.when = when;
        this.howOften = howOften;
    }

    public boolean hasFailed() {
        return calls >= failing;
    }

    private <T> T call(Supplier<T> effect) {
        calls++;
        boolean fails = howOften == HowOften.ONCE ? calls == failing : calls >= failing;
        if (!fails) {
            return effect.get();
        }
        String lost = when == When.AFTER ? " with the answer %s".formatted(effect.get()) : "";
        throw new StoreUnavailable("call %d failed%s".formatted(calls, lost), null, null);
    }

    private void call(Runnable effect) {
        call(() -> {
            effect.run();
            return true;
        });
    }

    @Override
    public Trust trust() {
        return store.trust();
    }

    @Override
    public String root() {
        return store.root();
    }

    @Override
    public Published publish(String name, byte[] bytes) {
        return call(() -> store.publish(name, bytes));
    }

    @Override
    public Optional<byte[]> read(String name) {
        return call(() -> store.read(name));
    }

    @Override
    public Optional<InputStream> open(String name) {
        return call(() -> store.open(name));
    }

    @Override
    public OptionalLong size(String name) {
        return call(() -> store.size(name));
    }

    @Override
    public List<String> list(String folder) {
        return call(() -> store.list(folder));
    }

    @Override
    public List<Stored> files(String folder) {
        return call(() -> store.files(folder));
    }

    @Override
    public OutputStream create(String name) {
        return call(() -> store.create(name));
    }

    @Override
    public void settle(String folder) {
        call(() -> store.settle(folder));
    }

    @Override
    public void delete(String name) {
        call(() -> store.delete(name));
    }

    @Override
    public void retire(String entry, String copy) {
        call(() -> store.retire(entry, copy));
    }

    @Override
    public String location(String name) {
        return store.location(name);
    }
}
