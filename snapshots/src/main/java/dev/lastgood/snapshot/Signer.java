package dev.lastgood.snapshot;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs manifests before they are published. Shows its key to nobody. */
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
        if (key == null) {
            return manifest;
        }
        byte[] value = Ed25519.sign(key, Trust.message(manifest));
        return manifest.signed(new Manifest.Signature(
                Manifest.Signature.ED25519, id, Base64.getEncoder().encodeToString(value)));
    }

    @Override
    public String toString() {
        return key == null ? "nobody" : "the owner of the key " + id;
    }
}
