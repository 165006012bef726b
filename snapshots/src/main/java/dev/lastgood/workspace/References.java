package dev.lastgood.workspace;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.YamlNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces <code>${env:NAME}</code> and <code>${file:PATH}</code> in what a person wrote. What comes in is not looked
 * at again, and is never shown in a message.
 */
final class References {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)(}?)");
    private static final Pattern WHOLE = Pattern.compile("\\$\\{(env|file):[^}]+}");
    private static final int LARGEST_FILE = 1 << 20;

    private final Path folder;
    private final Map<String, String> env;
    private final Problems problems;

    References(Path folder, Map<String, String> env, Problems problems) {
        this.folder = folder;
        this.env = Map.copyOf(env);
        this.problems = problems;
    }

    /** Whether the text is one reference and nothing else, as a secret must be. */
    static boolean isOne(String text) {
        return WHOLE.matcher(text).matches();
    }

    /** A copy in which every value is resolved, except under the entries to be left as they are. */
    YamlNode resolved(YamlNode node, Predicate<List<String>> leave) {
        return resolved(node, List.of(), leave);
    }

    private YamlNode resolved(YamlNode node, List<String> path, Predicate<List<String>> leave) {
        if (leave.test(path)) {
            return node;
        }
        return node.accept(new YamlNode.Visitor<YamlNode>() {
            @Override
            public YamlNode scalar(YamlNode.Scalar scalar) {
                return resolved(scalar);
            }

            @Override
            public YamlNode sequence(YamlNode.Sequence sequence) {
                List<YamlNode> items = sequence.items().stream()
                        .map(item -> resolved(item, plus(path, "[]"), leave))
                        .toList();
                return new YamlNode.Sequence(items, sequence.place());
            }

            @Override
            public YamlNode mapping(YamlNode.Mapping mapping) {
                List<YamlNode.Entry> entries = mapping.entries().stream()
                        .map(entry -> new YamlNode.Entry(
                                entry.key(),
                                resolved(entry.value(), plus(path, entry.key().text()), leave)))
                        .toList();
                return new YamlNode.Mapping(entries, mapping.place());
            }
        });
    }

    private static List<String> plus(List<String> path, String step) {
        var longer = new ArrayList<>(path);
        longer.add(step);
        return longer;
    }

    /** The scalar with its references replaced; unchanged, and reported, if one cannot be. */
    YamlNode.Scalar resolved(YamlNode.Scalar scalar) {
        if (!scalar.text().contains("${")) {
            return scalar;
        }
        return text(scalar, problems)
                .map(text -> new YamlNode.Scalar(text, scalar.plain(), scalar.place()))
                .orElse(scalar);
    }

    /** The secret a scalar refers to, looked up now; reported if it is not there. */
    Secret secret(YamlNode.Scalar scalar) {
        return Secret.of(text(scalar, problems).orElse(""));
    }

    /** The secret a scalar refers to, looked up when revealed. That it is no reference at all is reported now. */
    Secret lateSecret(YamlNode.Scalar scalar) {
        Matcher matcher = REFERENCE.matcher(scalar.text());
        while (matcher.find()) {
            isWellFormed(matcher, scalar, problems);
        }
        return Secret.lazy(() -> {
            var late = new Problems();
            Optional<String> text = text(scalar, late);
            return text.orElseThrow(() -> new InvalidInput(late.list()));
        });
    }

    private Optional<String> text(YamlNode.Scalar scalar, Problems reported) {
        var text = new StringBuilder();
        boolean complete = true;
        int end = 0;
        Matcher matcher = REFERENCE.matcher(scalar.text());
        while (matcher.find()) {
            text.append(scalar.text(), end, matcher.start());
            end = matcher.end();
            Optional<String> value =
                    isWellFormed(matcher, scalar, reported) ? value(matcher, scalar, reported) : Optional.empty();
            value.ifPresent(text::append);
            complete &= value.isPresent();
        }
        text.append(scalar.text().substring(end));
        return complete ? Optional.of(text.toString()) : Optional.empty();
    }

    private static boolean isWellFormed(Matcher matcher, YamlNode.Scalar scalar, Problems reported) {
        if (isOne(matcher.group())) {
            return true;
        }
        boolean closed = !matcher.group(2).isEmpty();
        reported.error(
                place(matcher, scalar),
                closed ? "'%s' refers to nothing".formatted(matcher.group()) : "the closing } is missing",
                "Write ${env:NAME} for a variable of the environment, ${file:PATH} for what a file holds.");
        return false;
    }

    private Optional<String> value(Matcher matcher, YamlNode.Scalar scalar, Problems reported) {
        String reference = matcher.group(1);
        int colon = reference.indexOf(':');
        String name = reference.substring(colon + 1);
        if (reference.startsWith("env:")) {
            String value = env.get(name);
            if (value == null) {
                reported.error(
                        place(matcher, scalar),
                        "the environment variable '%s' is not set".formatted(name),
                        "Set it for the process that runs lastgood.");
            }
            return Optional.ofNullable(value);
        }
        try {
            return Optional.of(content(name));
        } catch (IOException | InvalidPathException e) {
            reported.error(
                    place(matcher, scalar),
                    "cannot read the file '%s': %s".formatted(name, reason(e)),
                    "A relative path starts at the workspace's folder.");
            return Optional.empty();
        }
    }

    /** Without the newline that editors put at the end. */
    private String content(String name) throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new IOException("it has more than %,d bytes".formatted(LARGEST_FILE));
            }
            String text = decode(bytes);
            String withoutNewline = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            return withoutNewline.endsWith("\r")
                    ? withoutNewline.substring(0, withoutNewline.length() - 1)
                    : withoutNewline;
        }
    }

    /** Text in UTF-8; anything else is refused rather than guessed. */
    static String decode(byte[] bytes) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("it is not UTF-8 text", e);
        }
    }

    /** Why a file could not be read, in a few words. */
    static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "access is denied";
        }
        if (e instanceof InvalidPathException) {
            return "that is no file name";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : lowerFirst(message);
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    private static Place place(Matcher matcher, YamlNode.Scalar scalar) {
        return scalar.at(matcher.start(), matcher.end() - matcher.start());
    }
}
