package dev.lastgood.audit;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.diff.Pairs;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.Codes;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The table of examined records that an audit leaves behind: one row a record that changed or is accused. Everything else
 * an audit says is derived from it. Values in it are real; it lies with the images, not with what people are shown.
 */
public final class Records {
    private Records() {}

    private static final StructType FIELD = new StructType()
            .add("path", DataTypes.StringType)
            .add("before", DataTypes.StringType)
            .add("after", DataTypes.StringType)
            .add("kind", DataTypes.StringType)
            .add("fault", DataTypes.StringType);

    private static final StructType FINDING = new StructType()
            .add("rule", DataTypes.StringType)
            .add("hash", DataTypes.StringType)
            .add("severity", DataTypes.StringType)
            .add("sentence", DataTypes.StringType)
            .add("path", DataTypes.StringType)
            .add("code", DataTypes.StringType)
            .add("preExisting", DataTypes.BooleanType)
            .add("actual", DataTypes.StringType)
            .add("before", DataTypes.StringType);

    /** The columns; values and images are JSON as {@link JsonValues} writes it, images so that they read back equal. */
    public static final StructType SCHEMA = new StructType()
            .add("key", DataTypes.StringType)
            .add("keyTagged", DataTypes.StringType)
            .add("change", DataTypes.StringType)
            .add("fault", DataTypes.StringType)
            .add("copiesBefore", DataTypes.LongType)
            .add("copiesAfter", DataTypes.LongType)
            .add("fields", DataTypes.createArrayType(FIELD))
            .add("findings", DataTypes.createArrayType(FINDING))
            .add("beforeImage", DataTypes.StringType)
            .add("afterImage", DataTypes.StringType)
            .add("version", DataTypes.StringType)
            .add("changedAt", DataTypes.TimestampType)
            .add("dimensions", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType));

    /** Columns of the rows an examination takes in, beside those of {@link Pairs}. */
    static final String CODES_AFTER = "_codes_after";

    static final String CODES_BEFORE = "_codes_before";
    static final String ELEMENTS = "_elements";
    static final String ACCUSATIONS = "_accusations";

    /** Less the number of a code, what the stage says by a rule; below 0, where the relations have the numbers from 0 on. */
    static int staged(int rule) {
        return -1 - rule * Code.values().length;
    }

    /** Turns pairs with codes into rows of {@link #SCHEMA}; what turns out to be nothing gives none. */
    static final class Examination implements MapPartitionsFunction<Row, Row>, Serializable {
        private static final long serialVersionUID = 1;

        private final Examiner examiner;
        private final int own;
        private final Shape shape;
        private final List<String> keyFields;
        private final @Nullable String version;
        private final @Nullable String changedAt;
        private final List<String> dimensions;

        /** @param own how many rules, the first, are about these records; the others are references to them */
        Examination(
                Examiner examiner,
                int own,
                Shape shape,
                List<String> keyFields,
                @Nullable String version,
                @Nullable String changedAt,
                List<String> dimensions) {
            this.examiner = examiner;
            this.own = own;
            this.shape = shape;
            this.keyFields = new ArrayList<>(keyFields);
            this.version = version;
            this.changedAt = changedAt;
            this.dimensions = new ArrayList<>(dimensions);
        }

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            Iterable<Row> once = () -> rows;
            return StreamSupport.stream(once.spliterator(), false)
                    .flatMap(this::examine)
                    .iterator();
        }

        private Stream<Row> examine(Row row) {
            List<Image> before = images(row, Pairs.RECORDS_BEFORE);
            List<Image> after = images(row, Pairs.RECORDS_AFTER);
            if (before.size() > 1 || after.size() > 1) {
                return duplicates(row, before, after);
            }
            Image b = before.isEmpty() ? null : before.get(0);
            Image a = after.isEmpty() ? null : after.get(0);
            if (a == null && b == null) {
                return Stream.of();
            }
            Examiner.Examined examined = examiner.examine(b, a, rulings(row, b, a));
            return examined.isNotable()
                    ? Stream.of(row(row, examined, b, a, before.size(), after.size()))
                    : Stream.of();
        }

        /** A key with several records is compared as a multiset: one line with the number of copies if they differ. */
        private Stream<Row> duplicates(Row row, List<Image> before, List<Image> after) {
            List<Image> one = sorted(before);
            List<Image> other = sorted(after);
            List<Integer> accused = accusations(row);
            byte[] pairs = row.getAs(CODES_AFTER);
            int rules = examiner.rules().size();
            List<Code> codes = new ArrayList<>();
            for (int i = 0; i < rules; i++) {
                boolean pair = examiner.rules().get(i).kind() == CompiledRule.Kind.PAIR;
                boolean stands = i < own ? !after.isEmpty() : !one.equals(other);
                codes.add(pair ? ofPairs(Codes.at(pairs, i), one, other) : stands ? staged(i, accused) : Code.OUTSIDE);
            }
            if (one.equals(other) && codes.stream().allMatch(code -> code == Code.OUTSIDE)) {
                return Stream.of();
            }
            List<Code> none = java.util.Collections.nCopies(rules, Code.OUTSIDE);
            List<@Nullable List<Code>> elements = new ArrayList<>(java.util.Collections.nCopies(rules, null));
            List<Examiner.Finding> findings = examiner.findings(new Examiner.Rulings(codes, none, elements));
            Examiner.Change change = one.equals(other)
                    ? Examiner.Change.NONE
                    : before.isEmpty()
                            ? Examiner.Change.ADDED
                            : after.isEmpty() ? Examiner.Change.REMOVED : Examiner.Change.CHANGED;
            return Stream.of(row(
                    row,
                    new Examiner.Examined(
                            change,
                            findings.isEmpty() ? Examiner.Fault.UNATTRIBUTED : Examiner.Fault.CORRUPT,
                            List.of(),
                            findings),
                    before.isEmpty() ? null : before.get(0),
                    after.isEmpty() ? null : after.get(0),
                    before.size(),
                    after.size()));
        }

        /** What the stage, or a relation, says of the records that share a key: one that breaks the rule is enough. */
        private static Code staged(int rule, List<Integer> accused) {
            if (accused.contains(rule)) {
                return Code.FALSE;
            }
            return Stream.of(Code.FALSE, Code.UNKNOWN, Code.ERROR)
                    .filter(code -> accused.contains(Records.staged(rule) - code.number()))
                    .findFirst()
                    .orElse(Code.OUTSIDE);
        }

        /** Nobody knows which of several records was which before, so a rule about both cannot be evaluated. */
        private static Code ofPairs(Code ofFirst, List<Image> before, List<Image> after) {
            if (ofFirst == Code.OUTSIDE || before.equals(after)) {
                return Code.OUTSIDE;
            }
            return before.isEmpty() || after.isEmpty() ? ofFirst : Code.ERROR;
        }

        private static List<Image> sorted(List<Image> images) {
            return images.stream()
                    .sorted((x, y) -> Canonical.compare(x.object(), y.object()))
                    .toList();
        }

        private List<Image> images(Row row, String column) {
            List<Row> records = row.getList(row.fieldIndex(column));
            return records.stream().map(shape::image).toList();
        }

        private static List<Integer> accusations(Row row) {
            int at = row.fieldIndex(ACCUSATIONS);
            return row.isNullAt(at) ? List.of() : row.getList(at);
        }

        /**
         * What was said of a record when it was staged holds of it no more if it is gone since; and that it is missing, as
         * the parent of others, if it is as it was.
         */
        private Examiner.Rulings rulings(Row row, @Nullable Image then, @Nullable Image now) {
            List<Integer> accused = accusations(row);
            byte[] after = row.getAs(CODES_AFTER);
            byte[] before = row.getAs(CODES_BEFORE);
            List<scala.collection.Seq<Integer>> elements = row.getList(row.fieldIndex(ELEMENTS));
            List<Code> codesAfter = new ArrayList<>();
            List<Code> codesBefore = new ArrayList<>();
            List<@Nullable List<Code>> codesOfElements = new ArrayList<>();
            for (int i = 0; i < elements.size(); i++) {
                boolean stands = i < own ? now != null : !Objects.equals(then, now);
                codesAfter.add(stands && accused.contains(i) ? Code.FALSE : Codes.at(after, i));
                codesBefore.add(Codes.at(before, i));
                scala.collection.Seq<Integer> of = elements.get(i);
                codesOfElements.add(
                        of == null
                                ? null
                                : CollectionConverters.asJava(of).stream()
                                        .map(Code::of)
                                        .toList());
            }
            return new Examiner.Rulings(codesAfter, codesBefore, codesOfElements);
        }

        private Row row(
                Row pair,
                Examiner.Examined examined,
                @Nullable Image before,
                @Nullable Image after,
                long copiesBefore,
                long copiesAfter) {
            Key key = key(pair.getStruct(pair.fieldIndex(Fingerprint.KEY)));
            Image newest = Objects.requireNonNull(after == null ? before : after);
            return RowFactory.create(
                    keyFields.isEmpty() ? null : JsonValues.write(JsonValues.json(key)),
                    keyFields.isEmpty() ? null : JsonValues.write(JsonValues.tagged(key)),
                    examined.change().text(),
                    examined.fault().text(),
                    copiesBefore,
                    copiesAfter,
                    seq(examined.fields().stream().map(Examination::field).toList()),
                    seq(examined.findings().stream()
                            .map(finding -> finding(finding, before, after))
                            .toList()),
                    tagged(before),
                    tagged(after),
                    version == null ? null : text(at(newest, version)),
                    changedAt == null ? null : instant(at(newest, changedAt)),
                    CollectionConverters.asScala(dimensions(newest)));
        }

        private static Object seq(List<Row> rows) {
            return CollectionConverters.asScala(rows).toSeq();
        }

        private Key key(Row struct) {
            Map<String, Value> parts = new LinkedHashMap<>();
            String[] names = struct.schema().fieldNames();
            for (int i = 0; i < names.length; i++) {
                parts.put(names[i], Rows.value(struct.get(i)));
            }
            return new Key(parts);
        }

        private static Row field(Examiner.Field field) {
            return RowFactory.create(
                    field.change().path().toString(),
                    json(field.change().before()),
                    json(field.change().after()),
                    field.kind().text(),
                    field.fault().text());
        }

        private Row finding(Examiner.Finding finding, @Nullable Image before, @Nullable Image after) {
            RuleInfo rule = examiner.rules().get(finding.rule());
            FieldPath path = finding.path();
            return RowFactory.create(
                    rule.id(),
                    rule.hash(),
                    rule.severity(),
                    rule.sentence(),
                    path == null ? null : path.toString(),
                    finding.code().name(),
                    finding.preExisting(),
                    json(examiner.shown(finding, after)),
                    json(examiner.shown(finding, before)));
        }

        private Map<String, String> dimensions(Image image) {
            Map<String, String> found = new LinkedHashMap<>();
            for (String dimension : dimensions) {
                Value value = at(image, dimension);
                if (value != null && !value.isNull()) {
                    found.put(dimension, value.toString());
                }
            }
            return found;
        }

        private static @Nullable Value at(Image image, String path) {
            return Patch.at(image, FieldPath.valueOf(path)).value();
        }

        private static @Nullable String text(@Nullable Value value) {
            return value == null || value.isNull() ? null : value.toString();
        }

        private static @Nullable Instant instant(@Nullable Value value) {
            if (value instanceof Value.Moment moment) {
                return moment.value();
            }
            return value instanceof Value.LocalMoment local ? local.value().toInstant(java.time.ZoneOffset.UTC) : null;
        }

        private static @Nullable String json(@Nullable Value value) {
            return value == null ? null : JsonValues.text(value);
        }

        private static @Nullable String tagged(@Nullable Image image) {
            return image == null ? null : JsonValues.write(JsonValues.tagged(image.object()));
        }
    }
}
