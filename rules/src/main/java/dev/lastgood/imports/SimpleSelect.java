package dev.lastgood.imports;

import dev.lastgood.imports.SqlWords.Word;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A query of one table without joins, groups and subqueries: {@code select WHAT from TABLE where CONDITION}.
 *
 * @param what one expression, or columns with commas between them
 * @param columns how many expressions it is
 * @param table the last part of its name
 * @param where null for all records
 */
record SimpleSelect(
        String what, int columns, String table, @Nullable String where) {

    private static final Set<String> MORE = Set.of(
            "select",
            "group",
            "order",
            "having",
            "limit",
            "union",
            "intersect",
            "except",
            "minus",
            "qualify",
            "window",
            "join",
            "lateral",
            "offset",
            "fetch",
            "over",
            "distribute",
            "cluster",
            "sort",
            "tablesample",
            "pivot");

    static Optional<SimpleSelect> of(List<Word> words) {
        if (words.size() < 4 || !words.get(0).is("select")) {
            return Optional.empty();
        }
        int from = top(words, "from", 1);
        if (from < 2 || from + 1 >= words.size()) {
            return Optional.empty();
        }
        List<Word> rest = words.subList(1, words.size());
        boolean plain =
                rest.stream().noneMatch(word -> MORE.contains(word.text().toLowerCase(Locale.ROOT)));
        int end = from + 2;
        while (end + 1 < words.size() && words.get(end).isSymbol(".")) {
            end += 2;
        }
        boolean all = end == words.size();
        boolean filtered = end + 1 < words.size() && words.get(end).is("where");
        if (!plain || words.get(1).is("distinct") || !(all || filtered)) {
            return Optional.empty();
        }
        String table = words.get(end - 1).text().replace("`", "");
        List<Word> what = unnamed(words.subList(1, from));
        String where = all ? null : text(words.subList(end + 1, words.size()), table);
        return Optional.of(new SimpleSelect(text(what, table), columns(what), table, where));
    }

    /** The first such keyword outside brackets. */
    private static int top(List<Word> words, String keyword, int start) {
        int depth = 0;
        for (int i = start; i < words.size(); i++) {
            depth += words.get(i).isSymbol("(") ? 1 : words.get(i).isSymbol(")") ? -1 : 0;
            if (depth == 0 && words.get(i).is(keyword)) {
                return i;
            }
        }
        return -1;
    }

    /** Without the name the expression gets. */
    private static List<Word> unnamed(List<Word> what) {
        int as = top(what, "as", 0);
        return as > 0 && as == what.size() - 2 ? what.subList(0, as) : what;
    }

    private static int columns(List<Word> what) {
        int depth = 0;
        int columns = 1;
        for (Word word : what) {
            depth += word.isSymbol("(") ? 1 : word.isSymbol(")") ? -1 : 0;
            columns += depth == 0 && word.isSymbol(",") ? 1 : 0;
        }
        return columns;
    }

    /** Fields without the name of the table before them. */
    private static String text(List<Word> words, String table) {
        List<Word> unqualified = IntStream.range(0, words.size())
                .filter(i -> !qualifies(words, i, table) && !(i > 0 && qualifies(words, i - 1, table)))
                .mapToObj(i -> i > 1 && qualifies(words, i - 2, table)
                        ? new Word(
                                words.get(i).kind(),
                                words.get(i).text(),
                                words.get(i - 2).spaced())
                        : words.get(i))
                .toList();
        return SqlWords.text(unqualified);
    }

    private static boolean qualifies(List<Word> words, int i, String table) {
        boolean inside = i > 0 && words.get(i - 1).isSymbol(".");
        return !inside
                && i + 2 < words.size()
                && words.get(i + 1).isSymbol(".")
                && words.get(i).text().replace("`", "").equalsIgnoreCase(table);
    }

    /** Whether it counts records. */
    boolean counts() {
        String bare = what.replace(" ", "").toLowerCase(Locale.ROOT);
        return bare.equals("count(*)") || bare.equals("count(1)");
    }
}
