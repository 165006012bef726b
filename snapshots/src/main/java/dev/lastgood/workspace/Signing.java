package dev.lastgood.workspace;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.snapshot.Ed25519;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Trust;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who signs, and whose signatures count. Reads the keys when they are asked for, each time anew, and keeps none.
 *
 * @param key null: this identity signs nothing
 * @param trust files with public keys; none: no signature is asked for
 * @param folder the workspace's, where relative paths start
 * @param place of the section
 */
public record Signing(@Nullable Key key, List<Pattern> trust, Path folder, Place place) {

    private static final String PRIVATE = "Make one with 'openssl genpkey -algorithm ed25519 -out signing.pem'.";
    static final String PUBLIC = "Make one with 'openssl pkey -in signing.pem -pubout -out keys/backup.pub'.";

    /** A private key in PEM, resolved when revealed, and where it is referred to. */
    public record Key(Secret pem, Place place) {}

    /** A pattern for files, and where it is written. */
    public record Pattern(String text, Place place) {}

    public Signing {
        trust = List.copyOf(trust);
    }

    /**
     * Trust in the owners of all the keys that the patterns name.
     *
     * @throws InvalidInput with every problem: a pattern that no file matches, a file that cannot be read or holds no
     *     public key of Ed25519
     */
    public Trust trusted() {
        if (trust.isEmpty()) {
            return Trust.ANYONE;
        }
        var problems = new Problems();
        var keys = new KeyFiles(trust, folder).read(problems).values();
        problems.throwIfErrors();
        return Trust.in(keys);
    }

    /**
     * Who signs what is taken; nobody where there is neither a key nor trust.
     *
     * @param trusted as {@link #trusted} gave it
     * @throws InvalidInput if the key cannot be read or is none of Ed25519, if no reader would trust what it signs, or if
     *     readers ask for a signature and there is no key
     */
    public Signer signer(Trust trusted) {
        if (key == null && !trusted.asks()) {
            return Signer.NOBODY;
        }
        if (key == null) {
            throw invalid(
                    place,
                    "there is no 'key' to sign with, and 'trust' asks every snapshot for a signature; nothing was taken",
                    "Add 'key: ${file:PATH}' where snapshots are taken. " + PRIVATE);
        }
        if (!trusted.asks()) {
            throw invalid(
                    key.place(),
                    "this key signs snapshots, but there is no 'trust', so nobody would look at its signatures; nothing was taken",
                    "Add its public half, as in 'trust: [keys/*.pub]'. " + PUBLIC);
        }
        return Signer.of(privateKey(key), trusted)
                .orElseThrow(() -> invalid(
                        key.place(),
                        "the public half of this key is not among those of 'trust', so nobody would accept what it"
                                + " signs; nothing was taken",
                        "Put its public half there. " + PUBLIC));
    }

    private static java.security.PrivateKey privateKey(Key key) {
        try {
            return Ed25519.privateKey(key.pem().reveal());
        } catch (IllegalArgumentException e) {
            throw invalid(key.place(), "the key to sign with cannot be used: " + e.getMessage(), PRIVATE);
        }
    }

    private static InvalidInput invalid(Place place, String message, String hint) {
        var problems = new Problems();
        problems.error(place, message, hint);
        return new InvalidInput(problems.list());
    }
}
