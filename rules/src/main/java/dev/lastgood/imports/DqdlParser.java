package dev.lastgood.imports;

import dev.lastgood.imports.DqdlRule.Comparison;
import dev.lastgood.imports.DqdlRule.Operand;
import dev.lastgood.imports.DqdlRule.Operator;
import dev.lastgood.imports.DqdlTokens.Kind;
import dev.lastgood.imports.DqdlTokens.Token;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads DQDL from left to right. A rule that cannot be read is reported and left out; reading goes on behind it.
 *
 * @see <a href="https://github.com/awslabs/dqdl">the grammar</a>
 */
final class DqdlParser {

    /** Composite rules and expressions are not nested deeper than this. */
    private static final int DEEPEST = 50;

    private static final int MOST_CHARACTERS = 200_000;
    private static final int MOST_MISTAKES = 100;

    private static final Set<String> AFTER_PARAMETERS =
            Set.of("between", "in", "not", "matches", "where", "with", "labels");
    private static final Set<String> UNITS = Set.of("days", "hours", "minutes", "B", "KB", "MB", "GB", "TB");
    private static final Set<String> KEYWORDS =
            Set.of("NULL", "null", "EMPTY", "empty", "WHITESPACES_ONLY", "whitespaces_only");

    private final SourceFile file;
    private final Problems problems;
    private final List<Token> tokens;
    private final Map<String, List<String>> variables = new HashMap<>();
    private final List<DqdlRule> rules = new ArrayList<>();
    private final List<Place> analyzers = new ArrayList<>();
    private List<String> defaultLabels = List.of();
    private int at;
    private int depth;
    private int mistakes;

    private DqdlParser(SourceFile file, Problems problems) {
        this.file = file;
        this.problems = problems;
        this.tokens = DqdlTokens.of(file);
    }

    /**
     * What a file holds.
     *
     * @param analyzers where each stands
     */
    record Ruleset(List<DqdlRule> rules, List<Place> analyzers) {

        Ruleset {
            rules = List.copyOf(rules);
            analyzers = List.copyOf(analyzers);
        }
    }

    static Ruleset read(SourceFile file, Problems problems) {
        if (file.text().length() > MOST_CHARACTERS) {
            problems.error(
                    new SourceFile(file.name(), "").start(),
                    "the file has more than %,d characters".formatted(MOST_CHARACTERS),
                    "Split it into several files.");
            return new Ruleset(List.of(), List.of());
        }
        var parser = new DqdlParser(file, problems);
        try {
            parser.document();
        } catch (Unreadable e) {
            e.report(problems);
        }
        return new Ruleset(parser.rules, parser.analyzers);
    }

    // ---- the document

    private void document() throws Unreadable {
        boolean found = false;
        while (peek().kind() != Kind.END) {
            Token name = expect(Kind.WORD, "the name of a section, as Rules");
            expect("=");
            found |= name.is("Rules") || name.is("Analyzers");
            section(name);
        }
        if (!found) {
            throw new Unreadable(place(peek(), peek()), "there are no rules", "Write Rules = [ ... ].");
        }
    }

    private void section(Token name) throws Unreadable {
        switch (name.text()) {
            case "Rules" -> list(() -> rules.add(rule()));
            case "Analyzers" -> list(() -> analyzers.add(analyzer()));
            case "Metadata", "DataSources" -> dictionary();
            case "DefaultLabels" -> defaultLabels = labels();
            default -> variables.put(name.text(), variable());
        }
    }

    /** One item of a list. */
    private interface Item {
        void read() throws Unreadable;
    }

    /** Items between brackets. After one that cannot be read it goes on behind the next comma. */
    private void list(Item item) throws Unreadable {
        Token open = expect("[");
        while (!take("]")) {
            int start = at;
            try {
                item.read();
                if (!peek().is("]")) {
                    expect(",");
                }
            } catch (Unreadable e) {
                e.report(problems);
                if (++mistakes == MOST_MISTAKES) {
                    throw new Unreadable(place(open, open), "more mistakes in this list than are worth showing", null);
                }
                at = start;
                depth = 0;
                skipItem(open);
            }
        }
    }

    private void skipItem(Token open) throws Unreadable {
        int brackets = 0;
        while (peek().kind() != Kind.END) {
            if (brackets == 0 && peek().is("]")) {
                return;
            }
            Token token = tokens.get(at++);
            if (brackets == 0 && token.is(",")) {
                return;
            }
            brackets += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
            brackets = Math.max(brackets, 0);
        }
        throw new Unreadable(place(open, open), "what begins here is not closed before the file ends", null);
    }

    private void dictionary() throws Unreadable {
        expect("{");
        while (!take("}")) {
            text("a name in quotes");
            expect(":");
            if (peek().is("[")) {
                list(() -> text("a name in quotes"));
            } else {
                text("a value in quotes");
            }
            if (!peek().is("}")) {
                expect(",");
            }
        }
    }

    private List<String> variable() throws Unreadable {
        List<String> values = new ArrayList<>();
        if (peek().is("[")) {
            list(() -> values.add(text("a text")));
        } else {
            values.add(text("a text or a list of texts"));
        }
        return values;
    }

    private List<String> labels() throws Unreadable {
        List<String> labels = new ArrayList<>();
        list(() -> {
            String key = text("the name of a label");
            expect("=");
            labels.add(key + "=" + text("the value of a label"));
        });
        return labels;
    }

    private Place analyzer() throws Unreadable {
        Token first = expect(Kind.WORD, "an analyzer");
        parameters();
        return place(first, tokens.get(at - 1));
    }

    // ---- rules

    private DqdlRule rule() throws Unreadable {
        return composite("or", "OR", () -> composite("and", "AND", this::operand));
    }

    /** A side of a composite rule. */
    private interface Side {
        DqdlRule read() throws Unreadable;
    }

    private DqdlRule composite(String word, String upper, Side side) throws Unreadable {
        Token first = peek();
        List<DqdlRule> sides = new ArrayList<>();
        do {
            sides.add(side.read());
        } while (take(word) || take(upper));
        return sides.size() == 1
                ? sides.get(0)
                : new DqdlRule.Composite(place(first, tokens.get(at - 1)), word.equals("and"), sides);
    }

    private DqdlRule operand() throws Unreadable {
        if (!peek().is("(")) {
            return single();
        }
        Token open = tokens.get(at++);
        enter(open);
        DqdlRule inner = rule();
        expect(")");
        depth--;
        if (take("labels")) {
            expect("=");
            return inner.labelled(labels());
        }
        return inner;
    }

    private void enter(Token token) throws Unreadable {
        if (++depth > DEEPEST) {
            throw new Unreadable(place(token, token), "nested more than %d deep".formatted(DEEPEST), null);
        }
    }

    private DqdlRule single() throws Unreadable {
        Token first = expect(Kind.WORD, "a rule");
        List<String> parameters = parameters();
        Comparison comparison = comparison();
        String where = null;
        Comparison threshold = null;
        List<String> tags = new ArrayList<>();
        List<String> labels = defaultLabels;
        while (true) {
            if (take("where")) {
                where = text("a condition in quotes");
            } else if (take("labels")) {
                expect("=");
                labels = labels();
            } else if (take("with")) {
                Token tag = expect(Kind.WORD, "threshold");
                Comparison value = required(comparison(), tag);
                threshold = tag.is("threshold") ? value : threshold;
                if (!tag.is("threshold")) {
                    tags.add(tag.text());
                }
            } else {
                Place place = place(first, tokens.get(at - 1));
                return new DqdlRule.Single(place, first.text(), parameters, comparison, where, threshold, tags, labels);
            }
        }
    }

    private Comparison required(@Nullable Comparison comparison, Token after) throws Unreadable {
        if (comparison == null) {
            throw expected("a comparison after '%s', as > 0.9".formatted(after.text()));
        }
        return comparison;
    }

    private List<String> parameters() throws Unreadable {
        List<String> parameters = new ArrayList<>();
        while (true) {
            boolean connected = (peek().is("of") || peek().is("OF") || peek().is("and") || peek().is("AND"))
                    && isParameter(tokens.get(at + 1))
                    && !DqdlTypes.isKnown(tokens.get(at + 1).text());
            if (connected) {
                at++;
            }
            if (!isParameter(peek())) {
                return parameters;
            }
            parameters.add(parameter());
        }
    }

    private static boolean isParameter(Token token) {
        return switch (token.kind()) {
            case TEXT -> true;
            case WORD -> !AFTER_PARAMETERS.contains(token.text()) && !isLogical(token);
            default -> token.is("$");
        };
    }

    private static boolean isLogical(Token token) {
        return token.is("and") || token.is("AND") || token.is("or") || token.is("OR");
    }

    private String parameter() throws Unreadable {
        return peek().kind() == Kind.WORD ? tokens.get(at++).text() : unescaped(text("a parameter"));
    }

    /** A quote or a backslash after a backslash is meant itself. */
    static String unescaped(String text) {
        return text.replace("\\\"", "\"").replace("\\\\", "\\");
    }

    // ---- comparisons

    private @Nullable Comparison comparison() throws Unreadable {
        boolean not = take("not");
        if (take("between")) {
            Operand low = expression();
            if (!take("and") && !take("AND")) {
                throw expected("'and' and the other bound");
            }
            return new Comparison(not ? Operator.NOT_BETWEEN : Operator.BETWEEN, List.of(low, expression()));
        }
        if (take("in")) {
            return new Comparison(not ? Operator.NOT_IN : Operator.IN, operands());
        }
        if (take("matches")) {
            DqdlRule.Text pattern = new DqdlRule.Text(text("a regular expression in quotes"));
            return new Comparison(not ? Operator.NOT_MATCHES : Operator.MATCHES, List.of(pattern));
        }
        if (not) {
            throw expected("'between', 'in' or 'matches' after 'not'");
        }
        Optional<Operator> operator = sign();
        return operator.isEmpty() ? null : new Comparison(operator.get(), List.of(expression()));
    }

    private Optional<Operator> sign() throws Unreadable {
        if (take("!")) {
            expect("=");
            return Optional.of(Operator.NOT_EQUAL);
        }
        for (Operator operator :
                List.of(Operator.EQUAL, Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST)) {
            if (take(operator.sql())) {
                return Optional.of(operator);
            }
        }
        return Optional.empty();
    }

    private List<Operand> operands() throws Unreadable {
        if (peek().is("$")) {
            return variableValues().stream()
                    .map(text -> (Operand) new DqdlRule.Text(text))
                    .toList();
        }
        Token open = expect("[");
        List<Operand> operands = new ArrayList<>();
        do {
            operands.add(expression());
        } while (take(","));
        if (!take("]")) {
            throw new Unreadable(place(open, open), "the list that begins here is not closed", null);
        }
        return operands;
    }

    private Operand expression() throws Unreadable {
        Token first = peek();
        enter(first);
        Operand operand = term();
        while (peek().is("+") || peek().is("-") || peek().is("*") || peek().is("/")) {
            Token sign = tokens.get(at++);
            Operand right = term();
            boolean shifts = operand instanceof DqdlRule.Now now
                    && now.shift() == null
                    && right instanceof DqdlRule.Quantity
                    && (sign.is("+") || sign.is("-"));
            operand = shifts ? new DqdlRule.Now((DqdlRule.Quantity) right, sign.is("-")) : new DqdlRule.Computed();
        }
        depth--;
        return operand;
    }

    private Operand term() throws Unreadable {
        Token token = peek();
        if (token.kind() == Kind.NUMBER) {
            return number(false);
        }
        if (token.is("-")) {
            at++;
            return peek().kind() == Kind.NUMBER ? number(true) : negated(token);
        }
        if (token.is("(")) {
            at++;
            Operand inner = expression();
            expect(")");
            return inner;
        }
        if (token.kind() == Kind.WORD && KEYWORDS.contains(token.text())) {
            at++;
            return new DqdlRule.Keyword(token.text().toUpperCase(Locale.ROOT));
        }
        return token.kind() == Kind.WORD ? call() : new DqdlRule.Text(text("a value"));
    }

    private Operand negated(Token sign) throws Unreadable {
        enter(sign);
        term();
        depth--;
        return new DqdlRule.Computed();
    }

    private Operand number(boolean negative) throws Unreadable {
        Token token = tokens.get(at++);
        Optional<BigDecimal> number = Numbers.read(token.text());
        if (number.isEmpty()) {
            throw new Unreadable(place(token, token), "a number with so many digits", null);
        }
        BigDecimal value = negative ? number.get().negate() : number.get();
        if (peek().kind() == Kind.WORD && UNITS.contains(peek().text())) {
            return new DqdlRule.Quantity(value, tokens.get(at++).text());
        }
        return new DqdlRule.Amount(value);
    }

    /** {@code now()}, or a function of earlier runs. */
    private Operand call() throws Unreadable {
        Token name = tokens.get(at);
        if (!tokens.get(at + 1).is("(")) {
            throw expected("a value");
        }
        at += 2;
        boolean empty = take(")");
        if (!empty) {
            do {
                expression();
            } while (take(","));
            expect(")");
        }
        return name.is("now") && empty ? new DqdlRule.Now(null, false) : new DqdlRule.Computed();
    }

    // ---- tokens

    private Token peek() {
        return tokens.get(at);
    }

    private boolean take(String wordOrSymbol) {
        if (peek().is(wordOrSymbol)) {
            at++;
            return true;
        }
        return false;
    }

    private Token expect(String symbol) throws Unreadable {
        if (!peek().is(symbol)) {
            throw expected("'" + symbol + "'");
        }
        return tokens.get(at++);
    }

    private Token expect(Kind kind, String what) throws Unreadable {
        if (peek().kind() != kind) {
            throw expected(what);
        }
        return tokens.get(at++);
    }

    /** A text in quotes, or the one a variable stands for. */
    private String text(String what) throws Unreadable {
        if (peek().is("$")) {
            Token sign = peek();
            List<String> values = variableValues();
            if (values.size() != 1) {
                throw new Unreadable(place(sign, tokens.get(at - 1)), "this variable is a list", null);
            }
            return values.get(0);
        }
        return expect(Kind.TEXT, what).text();
    }

    private List<String> variableValues() throws Unreadable {
        Token sign = expect("$");
        Token name = expect(Kind.WORD, "the name of a variable");
        List<String> values = variables.get(name.text());
        if (values == null) {
            throw new Unreadable(
                    place(sign, name),
                    "there is no variable '%s' before this".formatted(name.text()),
                    "Write %s = \"...\" before the rules.".formatted(name.text()));
        }
        return values;
    }

    private Unreadable expected(String what) {
        Token found = peek();
        if (found.kind() == Kind.OPEN_TEXT) {
            return new Unreadable(file.place(found.start(), 1), "the quote that begins here is not closed", null);
        }
        return new Unreadable(place(found, found), "expected %s, not %s".formatted(what, found.shown()), null);
    }

    private Place place(Token first, Token last) {
        return DqdlTokens.place(file, first, last);
    }

    /** A part that cannot be read. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Place place;
        private final String message;
        private final @Nullable String hint;

        Unreadable(Place place, String message, @Nullable String hint) {
            super(message, null, false, false);
            this.place = place;
            this.message = message;
            this.hint = hint;
        }

        void report(Problems problems) {
            problems.error(place, message, hint);
        }
    }
}
