package dev.lastgood.workspace;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.snapshot.Ed25519;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
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

    private static final int LARGEST_FILE = 1 << 20;
    private static final String PRIVATE = "Make one with 'openssl genpkey -algorithm ed25519 -out signing.pem'.";
    private static final String PUBLIC = "Make one with 'openssl pkey -in signing.pem -pubout -out keys/backup.pub'.";

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
        List<PublicKey> keys = new ArrayList<>();
        for (Pattern pattern : trust) {
            for (Path file : files(pattern, problems)) {
                publicKey(file, pattern, problems).ifPresent(keys::add);
            }
        }
        problems.throwIfErrors();
        return Trust.in(keys);
    }

    private List<Path> files(Pattern pattern, Problems problems) {
        try {
            List<Path> files = FilePatterns.matching(folder, pattern.text());
            if (files.isEmpty()) {
                problems.error(
                        pattern.place(),
                        "no file matches '%s', so there is no key to trust".formatted(pattern.text()),
                        "Patterns start at the workspace's folder, %s. %s".formatted(folder, PUBLIC));
            }
            return files;
        } catch (PatternSyntaxException | InvalidPathException e) {
            problems.error(
                    pattern.place(),
                    "'%s' is no pattern for files".formatted(pattern.text()),
                    "* stands for any part of a name, ** for any folders, {a,b} for a or b.");
        } catch (IOException | java.io.UncheckedIOException e) {
            problems.error(
                    pattern.place(),
                    "cannot list the files of '%s': %s".formatted(pattern.text(), References.reason(e)),
                    "The folder must be readable for the user who runs lastgood.");
        }
        return List.of();
    }

    private static Optional<PublicKey> publicKey(Path file, Pattern pattern, Problems problems) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new IOException("it has more than %,d bytes".formatted(LARGEST_FILE));
            }
            return Optional.of(Ed25519.publicKey(References.decode(Files.readAllBytes(file))));
        } catch (IOException e) {
            problems.error(
                    pattern.place(),
                    "cannot read the public key %s: %s".formatted(file, References.reason(e)),
                    "Every file that 'trust' names must be readable, for a key left out would be one less trusted.");
        } catch (IllegalArgumentException e) {
            problems.error(
                    pattern.place(), "the public key %s cannot be used: %s".formatted(file, e.getMessage()), PUBLIC);
        }
        return Optional.empty();
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
