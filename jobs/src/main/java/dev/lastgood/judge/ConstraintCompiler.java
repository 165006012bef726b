package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Sql;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/** Compiles what one record, or its before and after, decides; and leaves to {@link RelationCompiler} what several do. */
final class ConstraintCompiler implements Constraint.Visitor<Optional<CompiledRule>> {
    private final Binding binding;
    private final RelationCompiler relations;

    ConstraintCompiler(Binding binding) {
        this.binding = binding;
        this.relations = new RelationCompiler(binding);
    }

    private static Column noElements() {
        return lit(null).cast(CompiledRule.ELEMENTS);
    }

    // ---- one record

    private Optional<CompiledRule> record(Function<String, Column> code, Function<String, Column> elements) {
        Optional<Column> after = binding.where(binding.ofRecord(AFTER));
        Optional<Column> before = binding.where(binding.ofRecord(BEFORE));
        if (!binding.isSound()) {
            return Optional.empty();
        }
        return Optional.of(new CompiledRule(
                binding.rule(),
                CompiledRule.Kind.RECORD,
                ifPresent(AFTER, Binding.within(after, code.apply(AFTER))),
                ifPresent(BEFORE, Binding.within(before, code.apply(BEFORE))),
                within(after, elements.apply(AFTER)),
                within(before, elements.apply(BEFORE)),
                null,
                binding.named(),
                binding.conditions()));
    }

    /** Of a record that the rule is not about, or of which nobody can tell, no element is at fault. */
    private static Column within(Optional<Column> where, Column elements) {
        return where.isEmpty() ? elements : when(Binding.inside(where), elements);
    }

    private static Column ifPresent(String side, Column code) {
        return when(col(side).isNull(), Binding.outside()).otherwise(code);
    }

    @Override
    public Optional<CompiledRule> assertion(Constraint.Assert constraint) {
        return binding.sentence(constraint.condition(), binding.ofRecord(AFTER))
                .flatMap(after -> record(
                        side -> binding.code(
                                after.renamed(name -> moved(name, side)).column()),
                        side -> noElements()));
    }

    /** A name of the record after as one of the record on that side. */
    private static List<String> moved(List<String> name, String side) {
        return Binding.on(side).apply(name.subList(1, name.size()));
    }

    @Override
    public Optional<CompiledRule> fieldCheck(Constraint.FieldCheck constraint) {
        FieldPath path = constraint.path();
        Optional<DataType> type = binding.type(path);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        binding.name(path);
        Function<String, Column> sentence =
                side -> CheckColumns.all(constraint.checks(), Binding.at(side, path), type.get());
        if (!binding.depends(sentence.apply(AFTER), binding.ofSides().columns(), binding.place(path), "this check")) {
            return Optional.empty();
        }
        return record(side -> binding.code(sentence.apply(side)), side -> noElements());
    }

    @Override
    public Optional<CompiledRule> each(Constraint.Each constraint) {
        return Elements.of(constraint, binding).flatMap(elements -> record(elements::worst, elements::broken));
    }

    // ---- before and after

    /** Of records that are there on both sides. */
    private Optional<CompiledRule> pair(Column code) {
        return pair(col(BEFORE).isNotNull().and(col(AFTER).isNotNull()), binding.ofSides(), code);
    }

    /** @param there whether the rule can be asked at all, which nothing is evaluated for otherwise */
    private Optional<CompiledRule> pair(Column there, Binding.Names where, Column code) {
        Optional<Column> inside = binding.where(where);
        if (!binding.isSound()) {
            return Optional.empty();
        }
        return Optional.of(new CompiledRule(
                binding.rule(),
                CompiledRule.Kind.PAIR,
                when(there, Binding.within(inside, code)).otherwise(Binding.outside()),
                Binding.outside(),
                noElements(),
                noElements(),
                null,
                binding.named(),
                binding.conditions()));
    }

    @Override
    public Optional<CompiledRule> unchanged(Constraint.Unchanged constraint) {
        Same same = new Same(Set.of());
        Column all = lit(true);
        for (FieldPath path : constraint.fields()) {
            Optional<DataType> type = binding.type(path);
            if (type.isEmpty()) {
                return Optional.empty();
            }
            binding.name(path);
            all = all.and(same.value(Binding.at(BEFORE, path), Binding.at(AFTER, path), type.get(), path));
        }
        return pair(binding.code(all));
    }

    @Override
    public Optional<CompiledRule> transition(Constraint.Transition constraint) {
        FieldPath path = constraint.field();
        if (binding.type(path).isEmpty()) {
            return Optional.empty();
        }
        binding.name(path);
        Column from = Binding.at(BEFORE, path).cast("string");
        Column to = Binding.at(AFTER, path).cast("string");
        Column allowed = lit(false);
        for (Map.Entry<String, Set<String>> entry : constraint.permitted().entrySet()) {
            if (!entry.getValue().isEmpty()) {
                allowed = allowed.or(from.equalTo(entry.getKey())
                        .and(to.isin(entry.getValue().toArray())));
            }
        }
        // A state that nobody knows and that stayed as it is went nowhere.
        Column sentence = when(from.eqNullSafe(to), true).when(from.isNotNull().and(to.isNotNull()), allowed);
        return pair(binding.code(sentence));
    }

    @Override
    public Optional<CompiledRule> increasing(Constraint.Increasing constraint) {
        FieldPath path = constraint.field();
        if (binding.type(path).isEmpty()) {
            return Optional.empty();
        }
        binding.name(path);
        Column before = Binding.at(BEFORE, path);
        Column after = Binding.at(AFTER, path);
        Column sentence = constraint.strictWhenChanged()
                ? when(before.eqNullSafe(after), sameBut(Set.of()).or(when(before.isNotNull(), false)))
                        .otherwise(after.gt(before))
                : after.geq(before).or(before.eqNullSafe(after));
        return binding.analyzes(sentence, binding.place(path), "'increasing'")
                ? pair(binding.code(sentence))
                : Optional.empty();
    }

    /** Whether nothing changed but what the dataset ignores and these fields. */
    private Column sameBut(Set<FieldPath> except) {
        return new Same(left(except)).fields(col(BEFORE), col(AFTER), binding.fields());
    }

    private Set<FieldPath> left(Set<FieldPath> except) {
        Set<FieldPath> left = new HashSet<>(binding.dataset().ignore());
        left.addAll(except);
        return left;
    }

    private void nameAllBut(Set<FieldPath> except) {
        Set<FieldPath> left = left(except);
        Arrays.stream(binding.fields().fieldNames())
                .map(FieldPath::of)
                .filter(path -> !left.contains(path))
                .forEach(binding::name);
    }

    @Override
    public Optional<CompiledRule> appendOnly(Constraint.AppendOnly constraint) {
        FieldPath path = constraint.path();
        Optional<DataType> type = binding.type(path);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        if (!(type.get() instanceof ArrayType array)) {
            binding.error(
                    binding.place(path),
                    "'append_only' is about an array, and '%s' is of type %s"
                            .formatted(path, type.get().simpleString()),
                    "Write 'unchanged' for a value that stays as it is.");
            return Optional.empty();
        }
        binding.name(path);
        Same same = new Same(Set.copyOf(binding.dataset().ignore()));
        Column before = same.normal(Binding.at(BEFORE, path), array, path);
        Column after = same.normal(Binding.at(AFTER, path), array, path);
        // How many of the elements before are found, each behind the one before it: the greedy search finds all if any
        // does.
        Column found = aggregate(
                after,
                lit(0),
                (seen, element) -> when(
                                seen.lt(size(before)).and(get(before, seen).eqNullSafe(element)), seen.plus(1))
                        .otherwise(seen));
        Column kept =
                when(before.isNull(), true).otherwise(coalesce(found, lit(0)).equalTo(size(before)));
        return pair(binding.code(kept));
    }

    @Override
    public Optional<CompiledRule> noDelete(Constraint.NoDelete constraint) {
        return vanished(constraint.unless(), BEFORE, AFTER);
    }

    @Override
    public Optional<CompiledRule> noInsert(Constraint.NoInsert constraint) {
        return vanished(constraint.unless(), AFTER, BEFORE);
    }

    /** A record there is on one side only; which is a finding unless the condition is true of it. */
    private Optional<CompiledRule> vanished(@Nullable Sql unless, String there, String gone) {
        Binding.Names names = binding.ofRecord(there);
        Column allowed = lit(false);
        if (unless != null) {
            Optional<Catalyst> condition = binding.aside(() -> binding.condition(unless, names, "'unless'"));
            if (condition.isEmpty()) {
                return Optional.empty();
            }
            allowed = condition.get().column();
        }
        Column code = when(col(gone).isNotNull(), Binding.number(Code.TRUE)).otherwise(binding.code(allowed));
        return pair(col(there).isNotNull(), names, code);
    }

    @Override
    public Optional<CompiledRule> frozenWhen(Constraint.FrozenWhen constraint) {
        Set<FieldPath> except = Set.copyOf(constraint.except());
        except.forEach(binding::type);
        nameAllBut(except);
        Optional<Catalyst> condition = binding.aside(
                () -> binding.condition(constraint.condition(), binding.ofRecord(BEFORE), "'frozen_when'"));
        if (condition.isEmpty()) {
            return Optional.empty();
        }
        Column frozen = Catalyst.code(condition.get().column());
        Column same = sameBut(except);
        Column code = when(frozen.equalTo(Code.FALSE.number()), Binding.outside())
                .when(frozen.equalTo(Code.ERROR.number()), frozen)
                .when(Catalyst.code(same).equalTo(Code.TRUE.number()), Binding.number(Code.TRUE))
                .when(frozen.equalTo(Code.TRUE.number()), Binding.number(Code.FALSE))
                .otherwise(Binding.number(binding.unknown()));
        return pair(code);
    }

    @Override
    public Optional<CompiledRule> silentChange(Constraint.SilentChange constraint) {
        FieldPath version = constraint.version();
        Optional<DataType> type = binding.type(version);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        nameAllBut(Set.of(version));
        Column moved = not(
                new Same(Set.of()).value(Binding.at(BEFORE, version), Binding.at(AFTER, version), type.get(), version));
        return pair(binding.code(moved.or(sameBut(Set.of(version)))));
    }

    @Override
    public Optional<CompiledRule> assertChange(Constraint.AssertChange constraint) {
        return binding.sentence(constraint.condition(), binding.ofSides())
                .flatMap(sentence -> pair(binding.code(sentence.column())));
    }

    // ---- several records

    @Override
    public Optional<CompiledRule> unique(Constraint.Unique constraint) {
        return relations.unique(constraint);
    }

    @Override
    public Optional<CompiledRule> depends(Constraint.Depends constraint) {
        return relations.depends(constraint);
    }

    @Override
    public Optional<CompiledRule> deny(Constraint.Deny constraint) {
        return relations.deny(constraint);
    }

    @Override
    public Optional<CompiledRule> metric(Constraint.Metric constraint) {
        return relations.metric(constraint);
    }

    @Override
    public Optional<CompiledRule> reference(Constraint.Reference constraint) {
        return relations.reference(constraint);
    }

    @Override
    public Optional<CompiledRule> join(Constraint.Join constraint) {
        return relations.join(constraint);
    }

    @Override
    public Optional<CompiledRule> reconcile(Constraint.Reconcile constraint) {
        return relations.reconcile(constraint);
    }

    @Override
    public Optional<CompiledRule> explained(Constraint.Explained constraint) {
        return relations.explained(constraint);
    }

    @Override
    public Optional<CompiledRule> query(Constraint.Query constraint) {
        return relations.query(constraint);
    }
}
