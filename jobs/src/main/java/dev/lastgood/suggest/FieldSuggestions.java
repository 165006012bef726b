package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.path.Step;
import dev.lastgood.rule.Check;
import dev.lastgood.spark.Shape;
import dev.lastgood.yaml.YamlText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DecimalType;

/** Suggestions about the values of single fields: that they are there, which they are, how large, how written. Pure. */
final class FieldSuggestions {
    /** A text that occurs more rarely may be one of several that have not occurred yet. */
    private static final long LEAST_OCCURRENCES = 5;

    /** So many values for each that a list names. */
    private static final long VALUES_A_TEXT = 20;

    /** What is that much greater than 99 of 100 has no upper bound that could be told from them. */
    private static final BigDecimal LONG_TAIL = BigDecimal.valueOf(5);

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private static final BigDecimal ROOM = new BigDecimal("1.5");
    private static final List<BigDecimal> WHOLES = List.of(BigDecimal.ZERO, BigDecimal.ONE, BigDecimal.valueOf(100));

    /** Names of files and of people look like those of hosts. */
    private static final Set<String> OF_HOSTS = Set.of("host", "hostname", "domain", "server", "site");

    /** What has such a name gets new values with time. */
    private static final Set<String> OF_RELEASES = Set.of("version", "release", "build", "batch", "revision");

    private final Profile profile;
    private final FieldProfile values;
    private final Field field;
    private final boolean masked;
    private final Instant now;

    private FieldSuggestions(Profile profile, FieldProfile values, Instant now) {
        this.profile = profile;
        this.values = values;
        this.field = values.field();
        this.masked = field.isMasked(profile.dataset());
        this.now = now;
    }

    /** @param now no time of the snapshot is later, if none lies in the future */
    static List<Suggestion> of(Profile profile, Instant now) {
        List<Suggestion> all = new ArrayList<>();
        for (FieldProfile values : profile.fields()) {
            if (values.values() >= Evidence.ENOUGH) {
                new FieldSuggestions(profile, values, now).addTo(all);
            }
        }
        return all;
    }

    private void addTo(List<Suggestion> all) {
        required().ifPresent(all::add);
        switch (field.kind()) {
            case TEXT -> text().ifPresent(all::add);
            case WHOLE, FRACTION -> range().ifPresent(all::add);
            case TIME -> past().ifPresent(all::add);
            case BOOLEAN -> {}
        }
    }

    private boolean isAlwaysThere() {
        return values.values() == profile.count(field.of());
    }

    private Optional<Suggestion> required() {
        if (!isAlwaysThere()) {
            return Optional.empty();
        }
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put("required", "true");
        Integer shortest = values.shortest();
        boolean written = shortest != null && shortest > 0;
        if (written) {
            checks.put("min_length", "1");
        }
        return Optional.of(check("required", checks, written ? "Never missing, never empty" : "Never missing"));
    }

    // ---- texts

    private Optional<Suggestion> text() {
        List<String> texts = profile.texts(field);
        Optional<Check.Form> form = TextShape.form(texts)
                .filter(any ->
                        any != Check.Form.HOSTNAME || field.words().stream().anyMatch(OF_HOSTS::contains));
        if (form.isPresent()) {
            return Optional.of(check("format", Map.of("format", form.get().text()), "All are written alike"));
        }
        Optional<String> pattern = TextShape.pattern(texts, !masked);
        boolean manifold = new HashSet<>(texts).size() > 1;
        boolean digits = texts.stream().allMatch(text -> text.chars().anyMatch(Character::isDigit));
        if (pattern.isPresent() && manifold && digits) {
            return Optional.of(matches(pattern.get()));
        }
        if (TextShape.areNumbers(texts)) {
            return manifold
                    ? Optional.of(check("type", Map.of("type", "double"), "All texts are numbers"))
                    : Optional.empty();
        }
        Optional<Suggestion> domain = domain();
        return domain.isPresent() || !manifold ? domain : pattern.map(this::matches);
    }

    private Suggestion matches(String pattern) {
        return check("matches", Map.of("matches", YamlText.literal(Literal.text(pattern))), "All are written alike");
    }

    private Optional<Suggestion> domain() {
        Map<String, Long> counts = values.counts();
        long rarest = counts.values().stream().mapToLong(Long::longValue).min().orElse(0);
        boolean grows = field.words().stream().anyMatch(OF_RELEASES::contains);
        if (rarest < LEAST_OCCURRENCES || values.values() < VALUES_A_TEXT * counts.size() || grows || masked) {
            return Optional.empty();
        }
        List<Literal> texts = counts.keySet().stream().map(Literal::text).toList();
        return Optional.of(check(
                "in",
                Map.of("in", YamlText.literals(texts)),
                texts.size() == 1
                        ? "It is always the same"
                        : "%d different texts, the rarest %,d times".formatted(texts.size(), rarest)));
    }

    // ---- numbers and times

    private Optional<Suggestion> range() {
        BigDecimal least = values.least();
        BigDecimal most = values.most();
        BigDecimal usual = values.usual();
        boolean names = field.isNamedLikeAnId()
                || profile.isOfKey(field)
                || profile.isStamp(field)
                || field.words().stream().anyMatch(OF_RELEASES::contains)
                || (field.kind() == Field.Kind.WHOLE && values.distinct() >= 0.9 * values.values());
        if (names || masked || least == null || most == null || usual == null || least.compareTo(most) == 0) {
            return Optional.empty();
        }
        Map<String, String> checks = new LinkedHashMap<>();
        boolean tail = most.compareTo(LONG_TAIL.multiply(usual.abs())) > 0;
        if (least.signum() >= 0) {
            checks.put("min", "0");
        } else if (!tail && isWritable(beyond(least.abs()))) {
            checks.put("min", text(beyond(least.abs()).negate()));
        }
        if (most.signum() <= 0) {
            checks.put("max", "0");
        } else if (!tail && isWritable(beyond(most))) {
            checks.put("max", text(beyond(most)));
        }
        return checks.isEmpty()
                ? Optional.empty()
                : Optional.of(check("range", checks, "From %s to %s".formatted(text(least), text(most))));
    }

    /** A round number with some room; a share stays one. */
    private static BigDecimal beyond(BigDecimal number) {
        if (WHOLES.stream().anyMatch(whole -> whole.compareTo(number) == 0)) {
            return number;
        }
        BigDecimal wanted = number.multiply(ROOM);
        BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen(wanted.precision() - wanted.scale() - 1);
        for (int digit : new int[] {1, 2, 5}) {
            BigDecimal round = power.multiply(BigDecimal.valueOf(digit));
            if (round.compareTo(wanted) >= 0) {
                return round;
            }
        }
        return power.scaleByPowerOfTen(1);
    }

    /** Whether SQL has a number with so many digits. */
    private static boolean isWritable(BigDecimal number) {
        BigDecimal plain = number.stripTrailingZeros();
        int scale = Math.max(plain.scale(), 0);
        return scale + Math.max(plain.precision() - plain.scale(), 1) <= DecimalType.MAX_PRECISION();
    }

    private static String text(BigDecimal number) {
        BigDecimal shown = number.precision() > 12
                ? number.setScale(Math.max(0, number.scale() - number.precision() + 12), RoundingMode.HALF_EVEN)
                : number;
        return shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    }

    private Optional<Suggestion> past() {
        Instant latest = values.latest();
        if (latest == null || latest.isAfter(now)) {
            return Optional.empty();
        }
        Map<String, String> keys =
                new LinkedHashMap<>(Map.of("assert", YamlText.text(sql(field.path()) + " <= now()")));
        String seen = masked
                ? "None lies in the future"
                : "None lies in the future, the latest is of "
                        + latest.toString().replace("T00:00:00Z", "");
        return Optional.of(suggestion("past", keys, seen));
    }

    private static String sql(FieldPath path) {
        return path.steps().stream()
                .map(step -> ((Step.Name) step).name())
                .map(name -> NAME.matcher(name).matches() ? name : Shape.quoted(name))
                .collect(Collectors.joining("."));
    }

    // ---- what they have in common

    private Suggestion check(String family, Map<String, String> checks, String seen) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("field", YamlText.text(field.path().toString()));
        keys.putAll(checks);
        return suggestion(family, keys, seen);
    }

    private Suggestion suggestion(String family, Map<String, String> keys, String seen) {
        if (!isAlwaysThere() || profile.isSometimesAbsent(field.of())) {
            keys.put("on_null", "pass");
        }
        return Suggestion.of(
                field,
                family,
                keys,
                new Evidence(seen, values.values(), isAlwaysThere() ? field.of().things() : "values"));
    }
}
