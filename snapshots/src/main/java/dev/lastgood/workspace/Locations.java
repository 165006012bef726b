package dev.lastgood.workspace;

import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.YamlNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Turns what the workspace says about folders into URIs and absolute paths. */
final class Locations {

    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

    private final Path folder;
    private final Problems problems;

    /** @param folder where relative paths start; absolute */
    Locations(Path folder, Problems problems) {
        this.folder = folder;
        this.problems = problems;
    }

    static boolean hasScheme(String text) {
        return SCHEME.matcher(text).matches();
    }

    /** A URI as it stands, or an absolute path; without a slash at the end. */
    Optional<String> folder(YamlNode.Scalar scalar) {
        String text = address(scalar);
        boolean localUri = text.startsWith("file:") && !text.startsWith("file:/");
        if (hasScheme(text) && !localUri) {
            return uri(scalar, text);
        }
        try {
            return Optional.of(folder.resolve(localUri ? text.substring("file:".length()) : text)
                    .normalize()
                    .toString());
        } catch (InvalidPathException e) {
            problems.error(scalar.place(), "'%s' is no folder".formatted(scalar.shown()));
            return Optional.empty();
        }
    }

    private Optional<String> uri(YamlNode.Scalar scalar, String text) {
        try {
            var uri = new URI(text);
            if (uri.isOpaque() || uri.getPath() == null) {
                throw new URISyntaxException(text, "no path");
            }
        } catch (URISyntaxException e) {
            problems.error(
                    scalar.place(),
                    "'%s' is no URI of a folder".formatted(scalar.shown()),
                    "It looks like abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER, hdfs://HOST/FOLDER or a path.");
            return Optional.empty();
        }
        boolean root = text.endsWith("//") || text.endsWith(":/");
        return Optional.of(text.endsWith("/") && !root ? text.substring(0, text.length() - 1) : text);
    }

    /** The address as it stands. One that brings a secret in by reference is reported; one written out has been. */
    String address(YamlNode.Scalar scalar) {
        boolean writtenOut = SecretGuard.secretIn(scalar.place().source()).isPresent();
        if (!writtenOut && SecretGuard.secretIn(scalar.text()).isPresent()) {
            problems.error(
                    scalar.place(),
                    "a secret is part of this address",
                    "Leave it out, and give it by a key of its own as ${env:NAME} or ${file:PATH}.");
        }
        return scalar.text();
    }
}
