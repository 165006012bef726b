package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule's meaning as one text: a word and its value a line, each value with its length before it, so that two rules of
 * different meaning never give the same text.
 */
final class Meaning {

    private final StringBuilder text = new StringBuilder();

    private Meaning() {}

    static Meaning of(Rule rule) {
        var meaning = new Meaning();
        meaning.add("dataset", rule.dataset());
        rule.constraint().accept(meaning.new Constraints());
        meaning.add("where", rule.where());
        meaning.add("severity", rule.severity().text());
        meaning.add("allow.count", rule.allow().count());
        meaning.add("allow.ratio", number(rule.allow().ratio()));
        meaning.add("tolerance.abs", number(rule.tolerance().abs()));
        meaning.add("tolerance.rel", number(rule.tolerance().rel()));
        meaning.add("on_null", rule.onNull());
        meaning.add("fields", rule.fields());
        meaning.add("restore", rule.restore());
        meaning.add("allow_empty", rule.allowEmpty());
        return meaning;
    }

    String digest() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(String word, @Nullable Object value) {
        if (value != null) {
            String shown = value.toString();
            text.append(word)
                    .append(' ')
                    .append(shown.length())
                    .append(':')
                    .append(shown)
                    .append('\n');
        }
    }

    private void add(String word, Collection<?> values) {
        text.append(word).append(" #").append(values.size()).append('\n');
        values.forEach(value -> add("-", value));
    }

    /** By value: 0.50 and 0.5 mean the same. */
    private static @Nullable String number(@Nullable BigDecimal number) {
        return number == null ? null : number.stripTrailingZeros().toString();
    }

    private final class Constraints implements Constraint.Visitor<Meaning>, Check.Visitor<Meaning> {

        @Override
        public Meaning assertion(Constraint.Assert constraint) {
            return add(constraint, constraint.condition());
        }

        @Override
        public Meaning fieldCheck(Constraint.FieldCheck constraint) {
            add(constraint, constraint.path());
            constraint.checks().forEach(check -> check.accept(this));
            return Meaning.this;
        }

        @Override
        public Meaning each(Constraint.Each constraint) {
            add(constraint, constraint.array());
            return constraint.element().accept(this);
        }

        @Override
        public Meaning unique(Constraint.Unique constraint) {
            return fields(constraint);
        }

        @Override
        public Meaning depends(Constraint.Depends constraint) {
            Meaning.this.add("depends.from", constraint.from());
            Meaning.this.add("to", constraint.to());
            Meaning.this.add("blame", constraint.blame().text());
            return Meaning.this;
        }

        @Override
        public Meaning deny(Constraint.Deny constraint) {
            add(constraint, constraint.condition());
            Meaning.this.add("pair", List.of(constraint.one(), constraint.other()));
            Meaning.this.add("join", constraint.join());
            return Meaning.this;
        }

        @Override
        public Meaning metric(Constraint.Metric constraint) {
            add(constraint, constraint.aggregate());
            Meaning.this.add("min", number(constraint.min()));
            Meaning.this.add("max", number(constraint.max()));
            Constraint.Ratio ratio = constraint.vsBaseline();
            if (ratio != null) {
                Meaning.this.add("vs_baseline.min", number(ratio.min()));
                Meaning.this.add("vs_baseline.max", number(ratio.max()));
            }
            Constraint.History history = constraint.vsHistory();
            if (history != null) {
                Meaning.this.add("vs_history.max_sigma", number(history.maxSigma()));
                Meaning.this.add("vs_history.last", history.last());
            }
            return Meaning.this;
        }

        @Override
        public Meaning join(Constraint.Join constraint) {
            add(constraint, constraint.condition());
            constraint.joined().forEach((alias, joined) -> {
                Meaning.this.add("joined", alias);
                Meaning.this.add("of", joined.dataset());
                Meaning.this.add("on", joined.on());
            });
            return Meaning.this;
        }

        @Override
        public Meaning reconcile(Constraint.Reconcile constraint) {
            Meaning.this.add("reconcile", constraint.by());
            sum("left", constraint.left());
            sum("right", constraint.right());
            return Meaning.this;
        }

        private void sum(String side, Constraint.Sum sum) {
            Meaning.this.add(side, sum.dataset());
            Meaning.this.add("where", sum.where());
            Meaning.this.add("key", sum.key());
            Meaning.this.add("sum", sum.sum());
        }

        @Override
        public Meaning reference(Constraint.Reference constraint) {
            fields(constraint);
            Meaning.this.add("to", constraint.to());
            Meaning.this.add("key", constraint.key());
            Meaning.this.add("cardinality", constraint.cardinality().text());
            return Meaning.this;
        }

        @Override
        public Meaning unchanged(Constraint.Unchanged constraint) {
            return fields(constraint);
        }

        @Override
        public Meaning transition(Constraint.Transition constraint) {
            add(constraint, constraint.field());
            constraint.allow().forEach((from, to) -> {
                Meaning.this.add("from", from);
                Meaning.this.add("to", to);
            });
            Meaning.this.add("reachable", constraint.reachable());
            return Meaning.this;
        }

        @Override
        public Meaning increasing(Constraint.Increasing constraint) {
            add(constraint, constraint.field());
            Meaning.this.add("strict", constraint.strictWhenChanged());
            return Meaning.this;
        }

        @Override
        public Meaning appendOnly(Constraint.AppendOnly constraint) {
            return add(constraint, constraint.path());
        }

        @Override
        public Meaning frozenWhen(Constraint.FrozenWhen constraint) {
            add(constraint, constraint.condition());
            Meaning.this.add("except", constraint.except());
            return Meaning.this;
        }

        @Override
        public Meaning silentChange(Constraint.SilentChange constraint) {
            return add(constraint, constraint.version());
        }

        @Override
        public Meaning explained(Constraint.Explained constraint) {
            add(constraint, constraint.delta());
            Meaning.this.add("by", constraint.dataset());
            Meaning.this.add("on", constraint.on());
            Meaning.this.add("sum", constraint.sum());
            return Meaning.this;
        }

        @Override
        public Meaning query(Constraint.Query constraint) {
            return add(constraint, constraint.sql());
        }

        @Override
        public Meaning noDelete(Constraint.NoDelete constraint) {
            return add(constraint, unless(constraint.unless()));
        }

        @Override
        public Meaning noInsert(Constraint.NoInsert constraint) {
            return add(constraint, unless(constraint.unless()));
        }

        @Override
        public Meaning assertChange(Constraint.AssertChange constraint) {
            return add(constraint, constraint.condition());
        }

        @Override
        public Meaning required(Check.Required check) {
            return add(check, "");
        }

        @Override
        public Meaning type(Check.Type check) {
            return add(check, check.type());
        }

        @Override
        public Meaning in(Check.In check) {
            return literals(check, check.values());
        }

        @Override
        public Meaning notIn(Check.NotIn check) {
            return literals(check, check.values());
        }

        @Override
        public Meaning min(Check.Min check) {
            return add(check, check.bound());
        }

        @Override
        public Meaning max(Check.Max check) {
            return add(check, check.bound());
        }

        @Override
        public Meaning matches(Check.Matches check) {
            return add(check, check.pattern());
        }

        @Override
        public Meaning minLength(Check.MinLength check) {
            return add(check, check.length());
        }

        @Override
        public Meaning maxLength(Check.MaxLength check) {
            return add(check, check.length());
        }

        @Override
        public Meaning format(Check.Format check) {
            return add(check, check.form().text());
        }

        private String unless(@Nullable Sql condition) {
            return condition == null ? "" : condition.text();
        }

        private Meaning fields(Constraint constraint) {
            List<FieldPath> fields = constraint.fields();
            Meaning.this.add(constraint.keyword(), fields);
            return Meaning.this;
        }

        private Meaning literals(Check check, List<Literal> values) {
            Meaning.this.add(check.keyword(), values);
            return Meaning.this;
        }

        private Meaning add(Constraint constraint, Object value) {
            Meaning.this.add(constraint.keyword(), value);
            return Meaning.this;
        }

        private Meaning add(Check check, Object value) {
            Meaning.this.add(check.keyword(), value);
            return Meaning.this;
        }
    }
}
