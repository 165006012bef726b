package dev.lastgood.audit;

import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.rule.Check;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Sql;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an examiner must know of a rule, in a form that travels to where records are.
 *
 * @param footprint paths of the fields it blames
 * @param sentence what must be true, for people
 * @param array of a rule over array elements the path of every element, {@code lines[]}, else null
 * @param byField whether it is about each field of its footprint by itself, and its elements are these fields
 * @param absence whether what it says against a record is that it is not there
 * @param acrossTime whether it is about what happened between before and after
 * @param recounted whether only a pair tells if the rule is about it
 * @param accepted which of its violations somebody has accepted
 */
public record RuleInfo(
        String id,
        String hash,
        String severity,
        CompiledRule.Kind kind,
        List<String> footprint,
        String sentence,
        @Nullable String array,
        boolean byField,
        boolean absence,
        boolean acrossTime,
        boolean recounted,
        List<AcceptedAt> accepted)
        implements Serializable {

    /**
     * An accepted violation.
     *
     * @param key of the record, as {@link dev.lastgood.record.JsonValues#tagged} writes it
     * @param path null for all violations of the record
     */
    public record AcceptedAt(String key, @Nullable String path) implements Serializable {}

    /**
     * What an examiner must know of a rule.
     *
     * @param accepted its violations that still are accepted
     */
    public static RuleInfo of(CompiledRule compiled, List<AcceptedAt> accepted) {
        Rule rule = compiled.rule();
        String array = elements(rule.constraint()).map(FieldPath::toString).orElse(null);
        return new RuleInfo(
                rule.id(),
                rule.hash(),
                rule.severity().name().toLowerCase(java.util.Locale.ROOT),
                compiled.kind(),
                compiled.footprint().stream().map(FieldPath::toString).collect(Collectors.toList()),
                sentence(rule.constraint()),
                array,
                FitsType.is(rule.id()),
                false,
                rule.isCrossTime(),
                compiled.isRecounted(),
                new ArrayList<>(accepted));
    }

    /**
     * Of a relation that accuses records of another dataset. It blames no field of them: that they are not there, or of
     * what is there for them in its own dataset nothing fits.
     */
    static RuleInfo ofOther(CompiledRule compiled) {
        RuleInfo info = of(compiled, List.of());
        boolean absence = compiled.rule().constraint() instanceof Constraint.Reference reference
                && reference.cardinality() != Constraint.Cardinality.AT_LEAST_ONE_CHILD;
        return new RuleInfo(
                info.id(),
                info.hash(),
                info.severity(),
                info.kind(),
                List.of(),
                compiled.rule().dataset() + "." + info.sentence(),
                null,
                false,
                absence,
                info.acrossTime(),
                false,
                List.of());
    }

    /** The path of every element a rule is about; empty if it is about none. */
    private static Optional<FieldPath> elements(Constraint constraint) {
        if (constraint instanceof Constraint.Each each) {
            return Optional.of(each.array());
        }
        Optional<FieldPath> through = constraint instanceof Constraint.Reference reference
                ? reference.fields().stream().filter(path -> !path.isPlain()).findFirst()
                : Optional.empty();
        return through.map(path -> {
            List<Step> steps = path.steps();
            return new FieldPath(steps.subList(0, steps.indexOf(new Step.Each()) + 1));
        });
    }

    /** The constraint in one line. */
    public static String sentence(Constraint constraint) {
        return constraint.accept(new Sentence());
    }

    private static final class Sentence implements Constraint.Visitor<String> {
        private static String list(List<FieldPath> fields) {
            return fields.stream().map(FieldPath::toString).collect(Collectors.joining(", "));
        }

        @Override
        public String assertion(Constraint.Assert constraint) {
            return constraint.condition().text().strip();
        }

        @Override
        public String fieldCheck(Constraint.FieldCheck constraint) {
            return constraint.path() + " "
                    + constraint.checks().stream()
                            .map(check -> check.accept(new CheckSentence()))
                            .collect(Collectors.joining(" and "));
        }

        @Override
        public String each(Constraint.Each constraint) {
            return "each " + constraint.array() + ": " + constraint.element().accept(this);
        }

        @Override
        public String unique(Constraint.Unique constraint) {
            return "unique " + list(constraint.fields());
        }

        @Override
        public String depends(Constraint.Depends constraint) {
            return list(constraint.to()) + " follows from " + list(constraint.from());
        }

        @Override
        public String deny(Constraint.Deny constraint) {
            return "no %s and %s with %s and %s"
                    .formatted(
                            constraint.one(),
                            constraint.other(),
                            constraint.join().text().strip(),
                            constraint.condition().text().strip());
        }

        @Override
        public String metric(Constraint.Metric constraint) {
            List<String> bounds = new ArrayList<>();
            bound(bounds, "at least %s", constraint.min());
            bound(bounds, "at most %s", constraint.max());
            Constraint.Ratio ratio = constraint.vsBaseline();
            if (ratio != null) {
                bound(bounds, "at least %s of the baseline's", ratio.min());
                bound(bounds, "at most %s of the baseline's", ratio.max());
            }
            Constraint.History history = constraint.vsHistory();
            if (history != null) {
                bounds.add("within %s standard deviations of the last %d audits"
                        .formatted(history.maxSigma().toPlainString(), history.last()));
            }
            return constraint.aggregate().text().strip() + " " + String.join(" and ", bounds);
        }

        private static void bound(List<String> bounds, String words, @Nullable BigDecimal bound) {
            if (bound != null) {
                bounds.add(words.formatted(bound.toPlainString()));
            }
        }

        @Override
        public String join(Constraint.Join constraint) {
            return constraint.condition().text().strip();
        }

        @Override
        public String reconcile(Constraint.Reconcile constraint) {
            return "by %s the sum of %s equals the sum of %s of %s"
                    .formatted(
                            list(constraint.by()),
                            constraint.left().sum().text().strip(),
                            constraint.right().sum().text().strip(),
                            constraint.right().dataset());
        }

        @Override
        public String reference(Constraint.Reference constraint) {
            return list(constraint.fields()) + " exists as " + constraint.to() + " " + list(constraint.key());
        }

        @Override
        public String unchanged(Constraint.Unchanged constraint) {
            return list(constraint.fields()) + " unchanged";
        }

        @Override
        public String transition(Constraint.Transition constraint) {
            return constraint.field() + " only "
                    + constraint.allow().entrySet().stream()
                            .map(entry -> entry.getKey() + " to " + String.join("|", entry.getValue()))
                            .collect(Collectors.joining(", "));
        }

        @Override
        public String increasing(Constraint.Increasing constraint) {
            return constraint.field() + " never goes back";
        }

        @Override
        public String appendOnly(Constraint.AppendOnly constraint) {
            return "elements of " + constraint.path() + " are only added";
        }

        @Override
        public String frozenWhen(Constraint.FrozenWhen constraint) {
            String except = constraint.except().isEmpty() ? "" : " but " + list(constraint.except());
            return "nothing%s changes once %s"
                    .formatted(except, constraint.condition().text().strip());
        }

        @Override
        public String silentChange(Constraint.SilentChange constraint) {
            return constraint.version() + " changes with the content";
        }

        @Override
        public String explained(Constraint.Explained constraint) {
            return "the change of %s is that of the sum of %s of %s"
                    .formatted(constraint.delta(), constraint.sum().text().strip(), constraint.dataset());
        }

        @Override
        public String query(Constraint.Query constraint) {
            return "not among: " + constraint.sql().text().strip();
        }

        @Override
        public String noDelete(Constraint.NoDelete constraint) {
            return "not deleted" + unless(constraint.unless());
        }

        @Override
        public String noInsert(Constraint.NoInsert constraint) {
            return "not inserted" + unless(constraint.unless());
        }

        private static String unless(@Nullable Sql unless) {
            return unless == null ? "" : " unless " + unless.text().strip();
        }

        @Override
        public String assertChange(Constraint.AssertChange constraint) {
            return constraint.condition().text().strip();
        }
    }

    private static final class CheckSentence implements Check.Visitor<String> {
        @Override
        public String required(Check.Required check) {
            return "required";
        }

        @Override
        public String type(Check.Type check) {
            return "of type " + check.type();
        }

        @Override
        public String in(Check.In check) {
            return "in " + check.values().stream().map(Object::toString).collect(Collectors.joining(", "));
        }

        @Override
        public String notIn(Check.NotIn check) {
            return "not in " + check.values().stream().map(Object::toString).collect(Collectors.joining(", "));
        }

        @Override
        public String min(Check.Min check) {
            return "at least " + check.bound();
        }

        @Override
        public String max(Check.Max check) {
            return "at most " + check.bound();
        }

        @Override
        public String matches(Check.Matches check) {
            return "matches " + check.pattern();
        }

        @Override
        public String minLength(Check.MinLength check) {
            return "of length at least " + check.length();
        }

        @Override
        public String maxLength(Check.MaxLength check) {
            return "of length at most " + check.length();
        }

        @Override
        public String format(Check.Format check) {
            return "is " + check.form().text();
        }
    }
}
