package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problems;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What rules say to each other that their authors cannot have meant: the same twice, or what no record fulfils. A warning
 * for what is needless, an error for what makes a check worthless.
 */
public final class Lint {
    private final Problems problems;

    private Lint(Problems problems) {
        this.problems = problems;
    }

    public static void check(List<Rule> rules, Problems problems) {
        Lint lint = new Lint(problems);
        lint.duplicates(rules);
        rules.forEach(lint::allowsAll);
        lint.contradictions(rules);
    }

    private void duplicates(List<Rule> rules) {
        Map<String, Rule> byMeaning = new HashMap<>();
        for (Rule rule : rules) {
            Rule first = byMeaning.putIfAbsent(rule.hash(), rule);
            if (first != null) {
                problems.warning(
                        rule.place(),
                        "rule '%s' says what rule '%s' says".formatted(rule.id(), first.id()),
                        "The other stands at %s. Leave one of them out.".formatted(first.place()));
            }
        }
    }

    private void allowsAll(Rule rule) {
        BigDecimal ratio = rule.allow().ratio();
        if (ratio != null
                && ratio.compareTo(BigDecimal.ONE) >= 0
                && rule.allow().count() == null) {
            problems.error(
                    rule.place(),
                    "rule '%s' can never fail: it allows every record to break it".formatted(rule.id()),
                    "Write a smaller ratio.");
        }
    }

    /** The checks of the same values, taken together. Rules that differ in what they are about may both hold. */
    private void contradictions(List<Rule> rules) {
        Map<List<Object>, List<Said>> byValue = new LinkedHashMap<>();
        for (Rule rule : rules) {
            checks(rule).ifPresent(checks -> {
                List<Object> value = List.of(rule.dataset(), whole(rule), Optional.ofNullable(rule.where()));
                List<Said> said = byValue.computeIfAbsent(value, any -> new ArrayList<>());
                checks.forEach(check -> said.add(new Said(rule, check)));
            });
        }
        byValue.values().forEach(this::compare);
    }

    private record Said(Rule rule, Check check) {}

    private static Optional<List<Check>> checks(Rule rule) {
        Constraint constraint = rule.constraint();
        Constraint of = constraint instanceof Constraint.Each each ? each.element() : constraint;
        return of instanceof Constraint.FieldCheck check ? Optional.of(check.checks()) : Optional.empty();
    }

    private static FieldPath whole(Rule rule) {
        return rule.constraint().fields().get(0);
    }

    private void compare(List<Said> all) {
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                if (contradict(all.get(i).check(), all.get(j).check())
                        || contradict(all.get(j).check(), all.get(i).check())) {
                    report(all.get(i), all.get(j));
                }
            }
        }
    }

    private void report(Said one, Said other) {
        boolean same = one.rule().equals(other.rule());
        problems.error(
                other.rule().place(),
                same
                        ? "rule '%s' asks for what no value is: '%s' and '%s' exclude each other"
                                .formatted(
                                        one.rule().id(),
                                        one.check().keyword(),
                                        other.check().keyword())
                        : "rules '%s' and '%s' ask for what no value is: '%s' and '%s' of %s exclude each other"
                                .formatted(
                                        one.rule().id(),
                                        other.rule().id(),
                                        one.check().keyword(),
                                        other.check().keyword(),
                                        whole(one.rule())),
                same ? null : "The other stands at %s.".formatted(one.rule().place()));
    }

    private static boolean contradict(Check one, Check other) {
        if (one instanceof Check.In in) {
            return (other instanceof Check.In also && isDisjoint(in.values(), also.values()))
                    || (other instanceof Check.NotIn out && out.values().containsAll(in.values()))
                    || in.values().stream().noneMatch(value -> fits(value, other));
        }
        if (one instanceof Check.Min min && other instanceof Check.Max max) {
            return isGreater(min.bound(), max.bound());
        }
        return one instanceof Check.MinLength min
                && other instanceof Check.MaxLength max
                && min.length() > max.length();
    }

    private static boolean isDisjoint(List<Literal> one, List<Literal> other) {
        Set<Literal> both = new HashSet<>(one);
        both.retainAll(other);
        return both.isEmpty();
    }

    /** Whether a value can pass a check, as far as that can be told without its type. */
    private static boolean fits(Literal value, Check check) {
        if (check instanceof Check.Min min) {
            return !isGreater(min.bound(), value);
        }
        if (check instanceof Check.Max max) {
            return !isGreater(value, max.bound());
        }
        long length = value.text().codePointCount(0, value.text().length());
        boolean text = value.kind() == Literal.Kind.TEXT;
        if (check instanceof Check.MinLength min) {
            return !text || length >= min.length();
        }
        return !(check instanceof Check.MaxLength max) || !text || length <= max.length();
    }

    /** Of numbers; of other values nobody knows. */
    private static boolean isGreater(Literal one, Literal other) {
        return one.number().isPresent()
                && other.number().isPresent()
                && one.number().get().compareTo(other.number().get()) > 0;
    }
}
