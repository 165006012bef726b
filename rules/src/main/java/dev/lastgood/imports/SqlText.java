package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.path.Step;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Parts of Spark SQL. */
final class SqlText {

    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** Names that Spark would not take for a field, or that a person would not. */
    private static final Set<String> WORDS = Set.of(
            "and",
            "any",
            "anti",
            "between",
            "both",
            "case",
            "cast",
            "cross",
            "current_date",
            "current_time",
            "current_timestamp",
            "current_user",
            "date",
            "distinct",
            "else",
            "end",
            "except",
            "exists",
            "false",
            "filter",
            "for",
            "from",
            "full",
            "group",
            "having",
            "in",
            "inner",
            "intersect",
            "interval",
            "is",
            "join",
            "lateral",
            "leading",
            "left",
            "like",
            "minus",
            "natural",
            "not",
            "null",
            "on",
            "or",
            "order",
            "over",
            "overlaps",
            "right",
            "rlike",
            "select",
            "semi",
            "some",
            "table",
            "then",
            "time",
            "timestamp",
            "trailing",
            "true",
            "union",
            "unique",
            "user",
            "using",
            "when",
            "where",
            "with");

    private SqlText() {}

    /** A field, as SQL names it. */
    static String path(FieldPath path) {
        return path.steps().stream()
                .map(step -> step instanceof Step.Name name ? name(name.name()) : step.toString())
                .collect(Collectors.joining("."));
    }

    static String name(String name) {
        boolean plain = PLAIN_NAME.matcher(name).matches() && !WORDS.contains(name.toLowerCase(Locale.ROOT));
        return plain ? name : "`" + name.replace("`", "``") + "`";
    }

    static String text(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    static String literal(Literal literal) {
        return literal.kind() == Literal.Kind.TEXT ? text(literal.text()) : literal.text();
    }

    static String list(List<Literal> literals) {
        return literals.stream().map(SqlText::literal).collect(Collectors.joining(", ", "(", ")"));
    }
}
