package dev.lastgood.judge;

import dev.lastgood.problem.Suggestions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which SQL functions a rule may call: Spark's built-in ones whose answer depends on their arguments alone. */
final class Functions {
    private Functions() {}

    /** Why a function is refused. */
    record Objection(String message, String hint) {}

    static final String TIME_OF_AUDIT = "Use now(), which is the time of the audit, or leave it out.";
    static final String OF_ELEMENTS =
            "For the elements of an array use array_sum, array_max, exists, forall or aggregate.";

    private static final Set<String> OWN = Set.of("array_sum");

    private static final String MANY_RECORDS = "many records";
    private static final String ANY_OF_MANY = "any of many";
    private static final String CHANGING = "changing";
    private static final String ALLOWED = "allowed";

    /** By function what is said of it in the list. */
    private static final Map<String, String> JUDGED = judged();

    private static Map<String, String> judged() {
        Map<String, String> judged = new HashMap<>();
        String section = "";
        for (String line : text().lines().toList()) {
            String written = line.startsWith("#") ? "" : line.strip();
            if (written.startsWith("[")) {
                section = written.substring(1, written.indexOf(']'));
                continue;
            }
            for (String name : written.split(" ", -1)) {
                judged.put(name, section);
            }
        }
        return Map.copyOf(judged);
    }

    private static String text() {
        try (InputStream list = Functions.class.getResourceAsStream("functions.txt")) {
            return new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether anybody has judged that function. */
    static boolean isJudged(String function) {
        return JUDGED.containsKey(function);
    }

    /** What a piece of SQL is about. */
    enum About {
        ONE_RECORD,
        MANY_RECORDS
    }

    static Optional<Objection> objection(String function, About about) {
        if (OWN.contains(function)) {
            return Optional.empty();
        }
        String judged = JUDGED.get(function);
        if (judged == null && !Catalyst.isFunction(function)) {
            return Optional.of(new Objection(
                    "there is no function %s()".formatted(function),
                    Suggestions.nearest(function, names())
                            .map(near -> "Did you mean " + near + "?")
                            .orElse("Rules may call the built-in functions of Spark SQL.")));
        }
        if (about == About.MANY_RECORDS && MANY_RECORDS.equals(judged)) {
            return Optional.empty();
        }
        if (ALLOWED.equals(judged)) {
            return Optional.empty();
        }
        if (about == About.MANY_RECORDS && ANY_OF_MANY.equals(judged)) {
            return Optional.of(new Objection(
                    "%s() takes any of many records, another each time".formatted(function),
                    "Use min or max, which do not depend on an order."));
        }
        if (CHANGING.equals(judged)) {
            return Optional.of(new Objection("%s() gives another answer each time".formatted(function), TIME_OF_AUDIT));
        }
        return MANY_RECORDS.equals(judged) || ANY_OF_MANY.equals(judged)
                ? Optional.of(new Objection(
                        "%s() is about many records, the sentence about one".formatted(function), OF_ELEMENTS))
                : Optional.of(new Objection("%s() may not be called by a rule".formatted(function), ""));
    }

    private static List<String> names() {
        Set<String> names = new TreeSet<>(OWN);
        names.addAll(Catalyst.functionNames());
        return List.copyOf(names);
    }
}
