package dev.lastgood.workspace;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;

/** Files by patterns like {@code rules/*.yaml}, relative to a folder. */
final class FilePatterns {

    private static final int DEEPEST = 20;

    private FilePatterns() {}

    /**
     * The regular files that match, by name. A folder that does not exist holds none.
     *
     * @throws java.util.regex.PatternSyntaxException if the pattern is none
     * @throws java.nio.file.InvalidPathException if it cannot name files here
     */
    static List<Path> matching(Path folder, String pattern) throws IOException {
        if (!hasWildcard(pattern)) {
            Path file = folder.resolve(pattern);
            return Files.isRegularFile(file) ? List.of(file) : List.of();
        }
        int firstWildcard = firstWildcard(pattern);
        int slash = pattern.lastIndexOf('/', firstWildcard);
        Path base = slash < 0 ? folder : folder.resolve(slash == 0 ? "/" : pattern.substring(0, slash));
        String rest = pattern.substring(slash + 1);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + rest);
        if (!Files.isDirectory(base)) {
            return List.of();
        }
        int depth = rest.contains("**")
                ? DEEPEST
                : (int) rest.chars().filter(c -> c == '/').count() + 1;
        try (Stream<Path> files = Files.walk(base, depth)) {
            return files.filter(file -> matcher.matches(base.relativize(file)))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }

    static boolean hasWildcard(String pattern) {
        return firstWildcard(pattern) >= 0;
    }

    private static int firstWildcard(String pattern) {
        for (int i = 0; i < pattern.length(); i++) {
            if ("*?[{\\".indexOf(pattern.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }
}
