package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.rule.Constraint;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A sentence said of every element of an array, which may lie in the elements of another. */
final class Elements {
    /** What the element of an array of plain values is called. */
    private static final String PLAIN = "element";

    private final Binding binding;
    private final Constraint.Each constraint;
    private final StructType element;
    private final boolean plain;
    /** From the record to the first array, from its element to the next, and so on. */
    private final List<FieldPath> ways;

    private final Catalyst sentence;

    private Elements(Binding binding, Constraint.Each constraint, DataType type, Catalyst sentence) {
        this.binding = binding;
        this.constraint = constraint;
        this.element = fields(type);
        this.plain = !(type instanceof StructType);
        this.ways = ways(constraint.array());
        this.sentence = sentence;
    }

    static Optional<Elements> of(Constraint.Each constraint, Binding binding) {
        FieldPath array = constraint.array();
        Optional<DataType> type = binding.type(array);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        Elements unsaid = new Elements(binding, constraint, type.get(), Catalyst.of(lit(true)));
        return unsaid.parsed()
                .map(sentence -> new Elements(binding, constraint, type.get(), sentence))
                .filter(elements -> binding.analyzes(
                        exists(elements.codes(col(AFTER), AFTER, 0), code -> code.equalTo(0)),
                        binding.place(array),
                        "'each'"));
    }

    private static StructType fields(DataType type) {
        return type instanceof StructType struct ? struct : new StructType().add(PLAIN, type);
    }

    private static List<FieldPath> ways(FieldPath array) {
        List<FieldPath> ways = new ArrayList<>();
        List<Step> way = new ArrayList<>();
        for (Step step : array.steps()) {
            if (step instanceof Step.Each) {
                ways.add(new FieldPath(way));
                way = new ArrayList<>();
            } else {
                way.add(step);
            }
        }
        return ways;
    }

    private boolean startsInside(List<String> name) {
        return Arrays.asList(element.fieldNames()).contains(name.get(0));
    }

    private Optional<List<String>> inside(List<String> name) {
        return startsInside(name) ? Optional.of(plain ? name.subList(1, name.size()) : name) : Optional.empty();
    }

    private FieldPath path(String name) {
        return plain ? constraint.array() : constraint.array().child(name);
    }

    private Optional<Catalyst> parsed() {
        if (constraint.element() instanceof Constraint.Assert assertion) {
            Binding.Names record = binding.ofRecord(AFTER);
            return binding.parsed(assertion.condition(), name -> {
                        if (startsInside(name)) {
                            binding.name(path(name.get(0)));
                            return Optional.empty();
                        }
                        return record.unknown(name);
                    })
                    .map(parsed -> binding.tolerant(parsed, named()));
        }
        Constraint.FieldCheck check = (Constraint.FieldCheck) constraint.element();
        FieldPath path = check.path();
        Optional<DataType> type = binding.type(path, binding.rule().dataset(), element, binding.place(path));
        if (type.isEmpty()) {
            return Optional.empty();
        }
        binding.name(plain ? constraint.array() : constraint.array().resolve(path));
        Column value = functions.col(path.steps().stream()
                .map(step -> Shape.quoted(((Step.Name) step).name()))
                .collect(Collectors.joining(".")));
        return Optional.of(Catalyst.of(CheckColumns.all(check.checks(), value, type.get())));
    }

    /** What a name in the sentence may mean: first a field of the element, then one of the record. */
    private StructType named() {
        StructType names = element;
        for (var field : binding.fields().fields()) {
            names = Arrays.asList(names.fieldNames()).contains(field.name())
                    ? names
                    : names.add(field.name(), field.dataType());
        }
        return names;
    }

    /** The codes of all elements on one side; of an inner array that is absent, one that is unknown. NULL without an array. */
    private Column codes(Column from, String side, int depth) {
        Column array = Binding.at(from, ways.get(depth));
        return depth == ways.size() - 1
                ? ofElements(array, side)
                : flatten(transform(array, outer -> coalesce(codes(outer, side, depth + 1), array(unknown()))));
    }

    private Column ofElements(Column array, String side) {
        return sentence.renamed(
                        name -> startsInside(name) ? name : Binding.on(side).apply(name))
                .codes(array, this::inside, binding.unknown());
    }

    private Column unknown() {
        return Binding.number(binding.unknown());
    }

    /** The elements on one side that are not TRUE, each with the indexes that lead to it. */
    Column broken(String side) {
        return filter(
                at(col(side), side, 0, List.of()), one -> one.getField("code").notEqual(Code.TRUE.number()));
    }

    private Column at(Column from, String side, int depth, List<Column> indexes) {
        Column array = Binding.at(from, ways.get(depth));
        if (depth == ways.size() - 1) {
            return transform(ofElements(array, side), (code, index) -> one(plus(indexes, index), code));
        }
        return flatten(transform(array, (outer, index) -> {
            List<Column> here = plus(indexes, index);
            return coalesce(at(outer, side, depth + 1, here), array(one(here, unknown())));
        }));
    }

    private static List<Column> plus(List<Column> indexes, Column index) {
        List<Column> more = new ArrayList<>(indexes);
        more.add(index);
        return more;
    }

    private static Column one(List<Column> indexes, Column code) {
        return struct(array(indexes.toArray(Column[]::new)).alias("at"), code.alias("code"));
    }

    /** The code of the whole: an error, else a false element, else an unknown one, else true. An absent array is NULL. */
    Column worst(String side) {
        Column codes = codes(col(side), side, 0);
        return when(Binding.at(side, ways.get(0)).isNull(), unknown())
                .when(has(codes, Code.ERROR), Binding.number(Code.ERROR))
                .when(has(codes, Code.FALSE), Binding.number(Code.FALSE))
                .when(has(codes, Code.UNKNOWN), Binding.number(Code.UNKNOWN))
                .otherwise(Binding.number(Code.TRUE));
    }

    private static Column has(Column codes, Code code) {
        return exists(codes, one -> one.equalTo(lit(code.number())));
    }
}
