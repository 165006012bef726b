package dev.lastgood.workspace;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.yaml.YamlNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses secrets written into the workspace file, and hides what may be one from every message, also where the key
 * above it is misspelt or the file is no YAML.
 */
final class SecretGuard {

    /** Keys whose value is only ever a reference. */
    static final Set<String> SECRET_KEYS = Set.of("password", "key", "secret", "connection_string");

    private static final Pattern WORDS = Pattern.compile(
            "(?i)(?:passwor[dt]|passwd|passphrase|pwd|secret|credential|connection_?string|account_?key|api_?key|sas_?token)");

    /** The value after such a word, up to the end of the line. */
    private static final Pattern IN_TEXT = Pattern.compile(WORDS + "[\\w.-]{0,60}['\"]?\\s*[:=]\\s*(?!\\$\\{)(\\S.*)");

    private static final Pattern KEY_IN_TEXT = Pattern.compile("\\bkey['\"]?\\s*:\\s*(?!\\$\\{)(\\S.*)");

    private static final List<Pattern> IN_URL = List.of(
            Pattern.compile("//[^/?#@\\s]*:([^/?#@\\s]+)@"),
            Pattern.compile("(?i)jdbc:oracle:\\w+:[^/@\\s]+/([^@\\s]+)@"),
            Pattern.compile(
                    "(?i)[?&;,(](?:\\w*password|passwd|pwd|\\w*secret|access_?token|api_?key|account_?key|sig|shared_?access_?\\w+)=([^&;,)\\s]+)"));

    /** Looking for secrets is quadratic in the worst case. No driver takes longer addresses. */
    private static final int LONGEST_ADDRESS = 4000;

    private static final Set<String> SECTIONS = Set.of("sources", "hadoop", "signing");

    private final Problems problems;

    SecretGuard(Problems problems) {
        this.problems = problems;
    }

    /** Hides by the look of the lines: works on any text, YAML or not. */
    void concealIn(SourceFile file) {
        String section = "";
        int number = 0;
        for (String line : LINE_BREAK.split(file.text(), -1)) {
            number++;
            Matcher top = TOP_LEVEL.matcher(line);
            if (top.find()) {
                section = top.group(1);
            }
            conceal(file, number, line, IN_TEXT.matcher(line));
            if (!section.equals("datasets")) {
                conceal(file, number, line, KEY_IN_TEXT.matcher(line));
            }
        }
    }

    private static final Pattern LINE_BREAK = Pattern.compile("\\r\\n|\\r|\\n");

    private static final Pattern TOP_LEVEL = Pattern.compile("^['\"]?(\\w+)['\"]?\\s*:");

    /** The value reaches to the end of the line, so there is one at most. */
    private void conceal(SourceFile file, int number, String line, Matcher value) {
        if (value.find()) {
            int column = line.codePointCount(0, value.start(1)) + 1;
            problems.conceal(new Place(file, number, column, line.codePointCount(value.start(1), line.length())));
        }
    }

    /** Reports every secret in the tree that is written out, and hides it. Looks outside datasets only. */
    void check(YamlNode.Mapping root) {
        for (YamlNode.Entry entry : root.entries()) {
            String section = entry.key().text();
            if (!section.equals("datasets") && !section.equals("rules")) {
                check(entry, SECTIONS.contains(section));
            }
        }
    }

    private void check(YamlNode.Entry entry, boolean mayHoldSecrets) {
        entry.value().accept(new YamlNode.Visitor<Optional<Void>>() {
            @Override
            public Optional<Void> scalar(YamlNode.Scalar scalar) {
                check(entry.key().text(), scalar, mayHoldSecrets);
                return Optional.empty();
            }

            @Override
            public Optional<Void> sequence(YamlNode.Sequence sequence) {
                sequence.items().forEach(item -> check(new YamlNode.Entry(entry.key(), item), mayHoldSecrets));
                return Optional.empty();
            }

            @Override
            public Optional<Void> mapping(YamlNode.Mapping mapping) {
                mapping.entries().forEach(inner -> check(inner, mayHoldSecrets));
                return Optional.empty();
            }
        });
    }

    private void check(String key, YamlNode.Scalar value, boolean mayHoldSecrets) {
        if (mayHoldSecrets && !value.isNull() && !value.text().isBlank() && !References.isOne(value.text())) {
            if (isSecret(key)) {
                problems.conceal(value.place());
                problems.error(
                        value.place(),
                        "a secret is written out under '%s'".formatted(key),
                        "Write ${env:NAME} or ${file:PATH}, and nothing else.");
                return;
            }
            if (Suggestions.nearest(key, SECRET_KEYS).isPresent()
                    || WORDS.matcher(key).find()) {
                problems.conceal(value.place());
            }
        }
        secretIn(value.text()).ifPresent(span -> {
            Place place = value.at(span.start(), span.length());
            problems.conceal(value.place());
            problems.error(
                    place,
                    "a secret is part of this address",
                    "Leave it out, and give it by a key of its own as ${env:NAME} or ${file:PATH}.");
        });
    }

    /** A stretch of a text. */
    record Span(int start, int length) {}

    /** Where a URL or JDBC URL holds a password, a signature or a token. */
    static Optional<Span> secretIn(String address) {
        String looked = address.substring(0, Math.min(address.length(), LONGEST_ADDRESS));
        for (Pattern pattern : IN_URL) {
            Matcher matcher = pattern.matcher(looked);
            if (matcher.find()) {
                return Optional.of(new Span(matcher.start(1), matcher.end(1) - matcher.start(1)));
            }
        }
        return Optional.empty();
    }

    /** Whether the value of such a key, one of ours or a setting of Hadoop, is a secret. */
    static boolean isSecret(String key) {
        if (SECRET_KEYS.contains(key)) {
            return true;
        }
        String[] segments = key.toLowerCase(Locale.ROOT).split("\\.", -1);
        if (segments.length < 2) {
            return false;
        }
        for (int i = 0; i < segments.length; i++) {
            String next = i + 1 < segments.length ? segments[i + 1] : "";
            // Of fs.azure.sas.token.provider.type, which names a class, neither part is a secret.
            String after = i + 2 < segments.length ? segments[i + 2] : "";
            boolean location = next.equals("file")
                    || next.equals("endpoint")
                    || next.equals("provider")
                    || (next.equals("token") && after.equals("provider"));
            if (!location && SECRET_SEGMENTS.contains(segments[i])) {
                return true;
            }
        }
        return false;
    }

    private static final Set<String> SECRET_SEGMENTS =
            Set.of("key", "secret", "password", "passwd", "token", "sas", "credential", "connection-string");
}
