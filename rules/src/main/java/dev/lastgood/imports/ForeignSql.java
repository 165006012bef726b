package dev.lastgood.imports;

import dev.lastgood.imports.SqlWords.Kind;
import dev.lastgood.imports.SqlWords.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * SQL of a check, looked at before a rule takes it over. What Spark would silently read as something else is objected to;
 * what Spark does not know at all is found when rules are bound to their datasets.
 */
final class ForeignSql {

    /** Whose SQL it is. */
    enum Dialect {
        SPARK,
        /** Of some database: what dialects differ in is objected to. */
        ANY
    }

    static final String JINJA = "it holds Jinja, which only dbt can render";
    static final String MANY_RECORDS = "its SQL looks at other records as well";

    /** Jinja in braces, or a call that dbt takes for Jinja without them. */
    private static final Pattern JINJA_SIGN =
            Pattern.compile("\\{\\{|\\{%|\\{#|^\\s*(env_var|ref|var|source|doc)\\s*\\(.*\\)\\s*$", Pattern.DOTALL);

    private static final Set<String> AGGREGATES = Set.of(
            "count",
            "sum",
            "avg",
            "min",
            "max",
            "mean",
            "median",
            "stddev",
            "stddev_pop",
            "stddev_samp",
            "variance",
            "var_pop",
            "var_samp",
            "count_if",
            "bool_and",
            "bool_or",
            "every",
            "any_value",
            "corr",
            "percentile");

    private final List<Word> words;
    private final Optional<String> objection;

    private ForeignSql(List<Word> words, Optional<String> objection) {
        this.words = List.copyOf(words);
        this.objection = objection;
    }

    static boolean holdsJinja(String text) {
        return JINJA_SIGN.matcher(text).find();
    }

    static ForeignSql of(String sql, Dialect dialect) {
        if (holdsJinja(sql)) {
            return new ForeignSql(List.of(), Optional.of(JINJA));
        }
        Optional<List<Word>> words = SqlWords.of(sql).map(ForeignSql::withoutEnd);
        if (words.isEmpty()) {
            return new ForeignSql(List.of(), Optional.of("its SQL ends inside a quote, a comment or brackets"));
        }
        Optional<String> objection = objection(words.get(), dialect);
        return new ForeignSql(portable(words.get()), objection);
    }

    private static List<Word> withoutEnd(List<Word> words) {
        int end = words.size();
        while (end > 0 && words.get(end - 1).isSymbol(";")) {
            end--;
        }
        return words.subList(0, end);
    }

    private static Optional<String> objection(List<Word> words, Dialect dialect) {
        if (words.isEmpty()) {
            return Optional.of("its SQL is empty");
        }
        if (words.stream().anyMatch(word -> word.isSymbol(";"))) {
            return Optional.of("its SQL is several statements");
        }
        if (words.stream().anyMatch(word -> word.isSymbol("{") || word.isSymbol("}"))) {
            return Optional.of("its SQL holds a placeholder");
        }
        if (dialect == Dialect.SPARK) {
            return Optional.empty();
        }
        if (words.stream().anyMatch(word -> word.kind() == Kind.DOUBLE_QUOTED)) {
            return Optional.of("double quotes in its SQL mean a name in some databases and a text in others");
        }
        boolean escaped = words.stream()
                .anyMatch(word -> word.kind() == Kind.TEXT && word.text().contains("\\"));
        return escaped
                ? Optional.of("what a backslash in a text of its SQL means depends on the database")
                : Optional.empty();
    }

    /** Spark's {@code current_date} is the day of the run, and so refused by rules; the day of the audit is not. */
    private static List<Word> portable(List<Word> words) {
        List<Word> portable = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            Word word = words.get(i);
            if (!word.is("current_date")) {
                portable.add(word);
                continue;
            }
            portable.add(new Word(Kind.NAME, "cast(now() as date)", word.spaced()));
            boolean called = i + 2 < words.size()
                    && words.get(i + 1).isSymbol("(")
                    && words.get(i + 2).isSymbol(")");
            i += called ? 2 : 0;
        }
        return portable;
    }

    List<Word> words() {
        return words;
    }

    /** Why it cannot be taken over at all. */
    Optional<String> objection() {
        return objection;
    }

    /** Why it cannot be a sentence about one record. */
    Optional<String> objectionAsSentence() {
        boolean reaches = false;
        for (int i = 0; i < words.size(); i++) {
            boolean window = words.get(i).is("over")
                    && i + 1 < words.size()
                    && words.get(i + 1).isSymbol("(");
            reaches |= window || words.get(i).is("select");
        }
        return objection.isEmpty() && reaches ? Optional.of(MANY_RECORDS) : objection;
    }

    /** Whether it calls a function of many records. */
    boolean aggregates() {
        for (int i = 0; i + 1 < words.size(); i++) {
            if (words.get(i + 1).isSymbol("(")
                    && AGGREGATES.contains(words.get(i).text().toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    /** In one line, without comments. */
    String text() {
        return SqlWords.text(words);
    }
}
