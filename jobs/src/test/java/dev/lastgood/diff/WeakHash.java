package dev.lastgood.diff;

/** Hashes of keys of which only some bits count, so that keys collide. */
public final class WeakHash {
    private WeakHash() {}

    /** Runs something while only these bits count. Nothing else may use the session. */
    public static void of(long bits, Runnable act) {
        Fingerprint.weaken(bits);
        try {
            act.run();
        } finally {
            Fingerprint.weaken(-1);
        }
    }
}
