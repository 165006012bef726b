package dev.lastgood.diff;

/** Hashes of keys of which only some bits count, so that keys collide, until it is closed. */
public final class WeakHash implements AutoCloseable {
    private WeakHash() {}

    public static WeakHash of(long bits) {
        Fingerprint.weaken(bits);
        return new WeakHash();
    }

    @Override
    public void close() {
        Fingerprint.weaken(-1);
    }
}
