package dev.lastgood.snapshot;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs manifests before they are published, and approvals. Shows its key to nobody. */
public final class Signer {

    /** Signs nothing: manifests stay as they are. */
    public static final Signer NOBODY = new Signer(null, "");

    private static final byte[] PROBE = "lastgood probe of a key 1\n".getBytes(StandardCharsets.UTF_8);

    private final @Nullable PrivateKey key;
    private final String id;

    private Signer(@Nullable PrivateKey key, String id) {
        this.key = key;
        this.id = id;
    }

    /** Who signs with this key; nobody if its public half is not trusted, for then no reader would accept what it signs. */
    public static Optional<Signer> of(PrivateKey key, Trust trust) {
        return trust.signerOf(PROBE, Ed25519.sign(key, PROBE)).map(id -> new Signer(key, id));
    }

    /** The same manifest with a signature. */
    public Manifest signed(Manifest manifest) {
        return key == null ? manifest : manifest.signed(signature(Trust.message(manifest)));
    }

    /** A signature of these bytes, which nothing else that is signed begins like. Not to be asked of nobody. */
    public Manifest.Signature signature(byte[] message) {
        byte[] value = Ed25519.sign(Objects.requireNonNull(key), message);
        return new Manifest.Signature(
                Manifest.Signature.ED25519, id, Base64.getEncoder().encodeToString(value));
    }

    /** The id of the key; empty for nobody. */
    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return key == null ? "nobody" : "the owner of the key " + id;
    }
}
