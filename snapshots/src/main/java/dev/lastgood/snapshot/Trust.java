package dev.lastgood.snapshot;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whose signatures count. With keys, a manifest is trusted that one of them has signed, and nothing else; without any,
 * nobody is asked, and a signature proves nothing. Immutable.
 */
public final class Trust {

    /** No signature is asked for. */
    public static final Trust ANYONE = new Trust(new TreeMap<>());

    /** What the signature of a manifest is worth. */
    public enum Standing {
        /** Signed by a key that is trusted. */
        TRUSTED(null),
        /** No key is trusted, so nobody has looked. */
        NOT_ASKED(null),
        UNSIGNED(Damage.Kind.UNSIGNED),
        /** Signed by a key that is not trusted, or said to be. */
        UNKNOWN_KEY(Damage.Kind.UNKNOWN_KEY),
        /** It names a key that is trusted, which has not signed this manifest. */
        WRONG_SIGNATURE(Damage.Kind.WRONG_SIGNATURE);

        private final Damage.@Nullable Kind damage;

        Standing(Damage.@Nullable Kind damage) {
            this.damage = damage;
        }

        /** Null if the manifest may be relied on as far as signatures go. */
        public Damage.@Nullable Kind damage() {
            return damage;
        }
    }

    private final SortedMap<String, PublicKey> keys;

    private Trust(SortedMap<String, PublicKey> keys) {
        this.keys = keys;
    }

    /** Trust in the owners of these keys, at least one. */
    public static Trust in(Collection<PublicKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("trust in nobody");
        }
        SortedMap<String, PublicKey> byId = new TreeMap<>();
        keys.forEach(key -> byId.put(Ed25519.id(key), key));
        return new Trust(byId);
    }

    /** Whether a signature is asked for. */
    public boolean asks() {
        return !keys.isEmpty();
    }

    /** The ids of the keys that are trusted, in order. */
    public Set<String> keys() {
        return keys.keySet();
    }

    /** The trusted key that verifies a signature of these bytes. */
    Optional<String> signerOf(byte[] message, byte[] signature) {
        return keys.entrySet().stream()
                .filter(key -> Ed25519.isSignature(key.getValue(), message, signature))
                .map(java.util.Map.Entry::getKey)
                .findFirst();
    }

    public Standing standing(Manifest manifest) {
        return standing(message(manifest), manifest.signature());
    }

    /** What a signature of these bytes is worth; null: there is none. */
    public Standing standing(byte[] message, Manifest.@Nullable Signature signature) {
        if (keys.isEmpty()) {
            return Standing.NOT_ASKED;
        }
        if (signature == null) {
            return Standing.UNSIGNED;
        }
        PublicKey key = keys.get(signature.key());
        if (key == null) {
            return Standing.UNKNOWN_KEY;
        }
        byte[] value = value(signature.value());
        return value.length == Ed25519.SIGNATURE_BYTES && Ed25519.isSignature(key, message, value)
                ? Standing.TRUSTED
                : Standing.WRONG_SIGNATURE;
    }

    /** Nothing if it is not base64 in the one form of it, so that a signature cannot be written in two ways. */
    private static byte[] value(String base64) {
        try {
            byte[] value = Base64.getDecoder().decode(base64);
            byte[] again = Base64.getEncoder().encode(value);
            return Arrays.equals(again, base64.getBytes(StandardCharsets.UTF_8)) ? value : new byte[0];
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** What is signed: the digest, in words that nothing else the key may ever sign begins with. */
    static byte[] message(Manifest manifest) {
        return "lastgood manifest signature 1\n%s\n"
                .formatted(manifest.digest())
                .getBytes(StandardCharsets.UTF_8);
    }

    /** What is wrong with the signature, null if nothing is. */
    @Nullable
    Damage damage(Manifest manifest) {
        Standing standing = standing(manifest);
        Damage.Kind kind = standing.damage();
        return kind == null ? null : new Damage(Manifest.NAME, kind, defect(standing, manifest));
    }

    /** Throws {@link UnusableEntry}, which says what is wrong with the signature, unless the manifest may be relied on. */
    void check(String name, Manifest manifest) {
        Standing standing = standing(manifest);
        if (standing.damage() != null) {
            throw new UnusableEntry(name, defect(standing, manifest), hint(standing));
        }
    }

    private static String defect(Standing standing, Manifest manifest) {
        Manifest.Signature signature = manifest.signature();
        String key = signature == null ? "" : signature.key();
        return switch (standing) {
            case UNSIGNED -> "it is not signed, and 'signing.trust' asks for a signature";
            case UNKNOWN_KEY ->
                "it is signed by the key '%s', which is not among those of 'signing.trust'".formatted(key);
            case WRONG_SIGNATURE -> "its signature is not one of the key '%s', which it names".formatted(key);
            case TRUSTED, NOT_ASKED -> throw new IllegalStateException("nothing is wrong with it");
        };
    }

    private static String hint(Standing standing) {
        String other = "'lastgood snapshot list' shows which snapshots are signed; use one of them.";
        return switch (standing) {
            case UNSIGNED -> "It was taken before snapshots were signed, or somebody took the signature away. " + other;
            case UNKNOWN_KEY -> "Add the public key to 'signing.trust' only if you know whose it is. " + other;
            default -> "Somebody or something has changed it. Bring it back from a copy of the store. " + other;
        };
    }
}
