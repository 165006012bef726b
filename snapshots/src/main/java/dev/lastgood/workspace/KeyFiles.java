package dev.lastgood.workspace;

import dev.lastgood.problem.Problems;
import dev.lastgood.snapshot.Ed25519;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/**
 * Files with public keys of Ed25519. They are read when they are asked for, each time anew.
 *
 * @param patterns where they are
 * @param folder the workspace's, where relative paths start
 */
public record KeyFiles(List<Signing.Pattern> patterns, Path folder) {
    static final KeyFiles NONE = new KeyFiles(List.of(), Path.of(""));

    private static final int LARGEST_FILE = 1 << 20;

    public KeyFiles {
        patterns = List.copyOf(patterns);
    }

    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    /** The keys by file. A pattern that no file matches, and a file that cannot be read or holds no key, is a problem. */
    public Map<Path, PublicKey> read(Problems problems) {
        Map<Path, PublicKey> keys = new LinkedHashMap<>();
        for (Signing.Pattern pattern : patterns) {
            for (Path file : files(pattern, problems)) {
                key(file, pattern, problems).ifPresent(key -> keys.put(file, key));
            }
        }
        return keys;
    }

    private List<Path> files(Signing.Pattern pattern, Problems problems) {
        try {
            List<Path> files = FilePatterns.matching(folder, pattern.text());
            if (files.isEmpty()) {
                problems.error(
                        pattern.place(),
                        "no file matches '%s', so there is no key to trust".formatted(pattern.text()),
                        "Patterns start at the workspace's folder, %s. %s".formatted(folder, Signing.PUBLIC));
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

    private static Optional<PublicKey> key(Path file, Signing.Pattern pattern, Problems problems) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new IOException("it has more than %,d bytes".formatted(LARGEST_FILE));
            }
            return Optional.of(Ed25519.publicKey(References.decode(Files.readAllBytes(file))));
        } catch (IOException e) {
            problems.error(
                    pattern.place(),
                    "cannot read the public key %s: %s".formatted(file, References.reason(e)),
                    "Every file that a pattern names must be readable, for a key left out would be one less trusted.");
        } catch (IllegalArgumentException e) {
            problems.error(
                    pattern.place(),
                    "the public key %s cannot be used: %s".formatted(file, e.getMessage()),
                    Signing.PUBLIC);
        }
        return Optional.empty();
    }
}
