package dev.lastgood.snapshot;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys and signatures of Ed25519 (RFC 8032), as Java has them, and keys in PEM as {@code openssl genpkey} and {@code
 * openssl pkey -pubout} write them. What is wrong with a key is said without showing any of it.
 */
public final class Ed25519 {
    private Ed25519() {}

    static final int SIGNATURE_BYTES = 64;

    private static final String NAME = "Ed25519";
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    /**
     * The private key in a text. Throws {@link IllegalArgumentException}, whose message goes on after "the key cannot be
     * used: ".
     *
     * @param pem PKCS#8, not encrypted
     */
    public static PrivateKey privateKey(String pem) {
        byte[] der = der(pem, "PRIVATE KEY");
        try {
            return KeyFactory.getInstance(NAME).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw otherAlgorithm();
        }
    }

    /** The public key in a text, a SubjectPublicKeyInfo. Throws as {@link #privateKey} does. */
    public static PublicKey publicKey(String pem) {
        byte[] der = der(pem, "PUBLIC KEY");
        try {
            return KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw otherAlgorithm();
        }
    }

    // The cause may quote the key, so it goes nowhere.
    private static IllegalArgumentException otherAlgorithm() {
        return new IllegalArgumentException("it is no key of Ed25519");
    }

    private static byte[] der(String pem, String wanted) {
        Matcher matcher = BLOCK.matcher(pem);
        if (!matcher.find()) {
            throw new IllegalArgumentException("it is not PEM: there is no block from BEGIN to END");
        }
        String label = matcher.group(1);
        if (!label.equals(wanted)) {
            throw new IllegalArgumentException("it holds '%s', not '%s'".formatted(label, wanted));
        }
        String base64 = matcher.group(2);
        if (matcher.find()) {
            throw new IllegalArgumentException("it holds more than one block of PEM");
        }
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("its block of PEM is not base64", null);
        }
    }

    /** What names a public key: the SHA-256 of it in DER. */
    public static String id(PublicKey key) {
        return Sha256.of(key.getEncoded()).toString();
    }

    static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance(NAME);
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key of Ed25519 signs anything");
        }
    }

    /** False for whatever is not the signature, however malformed. */
    static boolean isSignature(PublicKey key, byte[] message, byte[] value) {
        try {
            Signature signature = Signature.getInstance(NAME);
            signature.initVerify(key);
            signature.update(message);
            return signature.verify(value);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
