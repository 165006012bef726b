package dev.lastgood.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.size;

import dev.lastgood.diff.ChangeKind;
import dev.lastgood.diff.Fingerprint;
import dev.lastgood.diff.Pairs;
import dev.lastgood.diff.Pattern;
import dev.lastgood.diff.Patterns;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.Codes;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Paths;
import dev.lastgood.record.Value;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.Location;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
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
            .add("fault", DataTypes.StringType)
            .add("patterns", DataTypes.createArrayType(DataTypes.StringType))
            .add("schemaPath", DataTypes.StringType);

    private static final StructType FINDING = new StructType()
            .add("rule", DataTypes.StringType)
            .add("hash", DataTypes.StringType)
            .add("severity", DataTypes.StringType)
            .add("sentence", DataTypes.StringType)
            .add("path", DataTypes.StringType)
            .add("code", DataTypes.StringType)
            .add("preExisting", DataTypes.BooleanType)
            .add("actual", DataTypes.StringType)
            .add("before", DataTypes.StringType)
            .add("detail", DataTypes.StringType)
            .add("accepted", DataTypes.BooleanType);

    private static final StructType RECOUNT =
            new StructType().add("rule", DataTypes.IntegerType).add("by", DataTypes.IntegerType);

    /** What is said against a record, by the stage or by a relation. */
    static final StructType ACCUSATION = new StructType()
            .add("rule", DataTypes.IntegerType)
            .add("staged", DataTypes.BooleanType)
            .add("code", DataTypes.IntegerType)
            .add("at", DataTypes.createArrayType(DataTypes.IntegerType))
            .add("detail", DataTypes.StringType)
            .add("was", DataTypes.BooleanType);

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
            .add("dimensions", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType))
            .add("recounts", DataTypes.createArrayType(RECOUNT));

    /** How they are written: what is different in each record makes no dictionary. */
    static final Map<String, String> WRITTEN = Stream.of("key", "keyTagged", "beforeImage", "afterImage")
            .collect(Collectors.toMap(column -> "parquet.enable.dictionary#" + column, column -> "false"));

    /** Those of an audit that differ or that a rule finds something on, from where they lie. */
    public static Dataset<Row> read(SparkSession session, String location) {
        return all(session, location)
                .where(col("change")
                        .notEqual(Examiner.Change.NONE.text())
                        .or(size(col("findings")).gt(0)));
    }

    /** Those of an audit, and those that only had to be counted again. */
    static Dataset<Row> all(SparkSession session, String location) {
        return session.read().schema(SCHEMA).parquet(ReadPaths.literal(location));
    }

    /** Columns of the rows an examination takes in, beside those of {@link Pairs}. */
    static final String CODES_AFTER = "_codes_after";

    /** The codes of the rules to recount, for a record after that stayed as it was. */
    static final String CODES_STAGED = "_codes_staged";

    /** Counted from 1, of the records that share a key. */
    static final String COPY = "_copy";

    static final String CODES_BEFORE = "_codes_before";
    static final String ELEMENTS = "_elements";
    static final String ELEMENTS_BEFORE = "_elements_before";
    static final String ACCUSATIONS = "_accusations";

    /** A key as a text by which two are the same if and only if they are equal. */
    static String text(Key key) {
        return JsonValues.write(JsonValues.tagged(key));
    }

    /** Whether the stage counts a record with such a code as examined; what stayed as it was cannot break a rule about pairs. */
    static boolean counts(CompiledRule.Kind kind, Code code) {
        return kind == CompiledRule.Kind.PAIR ? code != Code.OUTSIDE : code == Code.TRUE || code.accuses();
    }

    /** Turns pairs with codes into rows of {@link #SCHEMA}; what turns out to be nothing gives none. */
    static final class Examination implements MapPartitionsFunction<Row, Row>, Serializable {
        private static final long serialVersionUID = 1;

        private final Examiner examiner;
        private final Shape shape;
        private final List<String> keyFields;
        private final @Nullable String version;
        private final @Nullable String changedAt;
        private final Dimensions dimensions;
        private final boolean isWhole;

        /** @param isWhole whether images are kept of what changed and has a key; of all else they are */
        Examination(
                Examiner examiner,
                Shape shape,
                List<String> keyFields,
                @Nullable String version,
                @Nullable String changedAt,
                Dimensions dimensions,
                boolean isWhole) {
            this.examiner = examiner;
            this.shape = shape;
            this.keyFields = new ArrayList<>(keyFields);
            this.version = version;
            this.changedAt = changedAt;
            this.dimensions = dimensions;
            this.isWhole = isWhole;
        }

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            return new Iterator<>() {
                private @Nullable Row ahead = rows.hasNext() ? rows.next() : null;
                private @Nullable Row found;

                @Override
                public boolean hasNext() {
                    while (found == null && ahead != null) {
                        found = examine(copies(ahead));
                    }
                    return found != null;
                }

                /** Rows that follow each other are one where they are copies of a key. */
                private List<Row> copies(Row first) {
                    ahead = rows.hasNext() ? rows.next() : null;
                    if (ahead == null || ahead.getInt(ahead.fieldIndex(COPY)) == 1) {
                        return List.of(first);
                    }
                    List<Row> copies = new ArrayList<>(List.of(first));
                    while (ahead != null && ahead.getInt(ahead.fieldIndex(COPY)) > 1) {
                        copies.add(ahead);
                        ahead = rows.hasNext() ? rows.next() : null;
                    }
                    return copies;
                }

                @Override
                public Row next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    Row next = Objects.requireNonNull(found);
                    found = null;
                    return next;
                }
            };
        }

        /**
         * @param copies at least one, of one key
         * @return null if nothing is to be said of it
         */
        private @Nullable Row examine(List<Row> copies) {
            Row row = copies.get(0);
            List<Image> before = images(row, Pairs.RECORDS_BEFORE);
            List<Image> after = images(row, Pairs.RECORDS_AFTER);
            if (before.size() > 1 || after.size() > 1) {
                return duplicates(copies, before, after);
            }
            Image b = before.isEmpty() ? null : before.get(0);
            Image a = after.isEmpty() ? null : after.get(0);
            if (a == null && b == null) {
                return null;
            }
            Named named = named(row);
            Examiner.Examined examined = examiner.examine(named.text(), b, a, rulings(row, b, a));
            return examined.isNotable() ? row(named, examined, b, a, before.size(), after.size()) : null;
        }

        /** A key with several records is compared as a multiset: one line with the number of copies if they differ. */
        private @Nullable Row duplicates(List<Row> copies, List<Image> before, List<Image> after) {
            Row row = copies.get(0);
            List<Image> one = sorted(before.stream().map(examiner::compared).toList());
            List<Image> other = sorted(after.stream().map(examiner::compared).toList());
            List<Row> accused = accusations(row);
            int rules = examiner.rules().size();
            List<Code> codes = new ArrayList<>();
            for (int i = 0; i < rules; i++) {
                RuleInfo rule = examiner.rules().get(i);
                boolean both = !before.isEmpty() && !after.isEmpty();
                boolean stands = rule.absence() ? !one.equals(other) : rule.recounted() ? both : !after.isEmpty();
                codes.add(
                        rule.kind() == CompiledRule.Kind.PAIR
                                ? ofPairs(rule, i, copies, one, other)
                                : stands ? staged(i, accused) : Code.OUTSIDE);
            }
            if (one.equals(other) && codes.stream().allMatch(code -> code == Code.OUTSIDE)) {
                return null;
            }
            List<Code> none = java.util.Collections.nCopies(rules, Code.OUTSIDE);
            List<@Nullable List<Examiner.Element>> elements =
                    new ArrayList<>(java.util.Collections.nCopies(rules, null));
            Examiner.Rulings rulings = new Examiner.Rulings(codes, none, elements, elements, List.of(), List.of());
            Named named = named(row);
            List<Examiner.Finding> findings = examiner.findings(named.text(), null, null, rulings);
            Examiner.Change change = one.equals(other)
                    ? Examiner.Change.NONE
                    : before.isEmpty()
                            ? Examiner.Change.ADDED
                            : after.isEmpty() ? Examiner.Change.REMOVED : Examiner.Change.CHANGED;
            return row(
                    named,
                    new Examiner.Examined(
                            change,
                            findings.isEmpty() ? Examiner.Fault.UNATTRIBUTED : Examiner.Fault.CORRUPT,
                            List.of(),
                            findings,
                            one.equals(other) ? List.of() : recounts(copies, codes, before.size(), after.size())),
                    before.isEmpty() ? null : before.get(0),
                    after.isEmpty() ? null : after.get(0),
                    before.size(),
                    after.size());
        }

        /** By how much the stage counted wrongly what it took for records that stayed as they were. */
        private List<Examiner.Recount> recounts(List<Row> copies, List<Code> codes, int before, int after) {
            List<Examiner.Recount> recounts = new ArrayList<>();
            int number = 0;
            for (int i = 0; i < codes.size(); i++) {
                RuleInfo rule = examiner.rules().get(i);
                if (!rule.recounted()) {
                    continue;
                }
                int staged = (int) codes(copies.subList(0, after), CODES_STAGED, number++).stream()
                        .filter(code -> counts(rule.kind(), code))
                        .count();
                int now = 0;
                if (rule.kind() != CompiledRule.Kind.PAIR) {
                    now = before > 0 ? staged : 0;
                } else if (before == 0 || after == 0) {
                    now = (int) codes(copies, CODES_AFTER, i).stream()
                            .filter(code -> code == Code.TRUE || code.accuses())
                            .count();
                }
                if (now != staged) {
                    recounts.add(new Examiner.Recount(i, now - staged));
                }
            }
            return recounts;
        }

        private static List<Code> codes(List<Row> copies, String column, int rule) {
            return copies.stream()
                    .map(copy -> Codes.at(copy.getAs(column), rule))
                    .toList();
        }

        /** What the stage, or a relation, says of the records that share a key: one that breaks the rule is enough. */
        private static Code staged(int rule, List<Row> accused) {
            Set<Code> said = accused.stream()
                    .filter(one -> one.getInt(0) == rule)
                    .map(one -> Code.of(one.getInt(2)))
                    .collect(Collectors.toSet());
            return Stream.of(Code.ERROR, Code.FALSE, Code.UNKNOWN)
                    .filter(said::contains)
                    .findFirst()
                    .orElse(Code.OUTSIDE);
        }

        /** Nobody knows which of several records was which before, so a rule about both cannot be evaluated. */
        private Code ofPairs(RuleInfo rule, int number, List<Row> copies, List<Image> before, List<Image> after) {
            List<Code> ofEach = codes(copies, CODES_AFTER, number);
            if (before.equals(after)) {
                return Code.OUTSIDE;
            } else if (!before.isEmpty() && !after.isEmpty()) {
                return isOutside(rule, copies, ofEach, before, after) ? Code.OUTSIDE : Code.ERROR;
            }
            return Stream.of(Code.ERROR, Code.FALSE, Code.UNKNOWN)
                    .filter(ofEach::contains)
                    .findFirst()
                    .orElse(Code.OUTSIDE);
        }

        /** Whether the rule is about none of them, as far as they are the ones before in their order, or as they are after. */
        private boolean isOutside(
                RuleInfo rule, List<Row> copies, List<Code> ofEach, List<Image> before, List<Image> after) {
            if (!rule.recounted() || before.size() != after.size()) {
                return false;
            }
            int number = (int) examiner.rules().subList(0, examiner.rules().indexOf(rule)).stream()
                    .filter(RuleInfo::recounted)
                    .count();
            return Stream.concat(ofEach.stream(), codes(copies, CODES_STAGED, number).stream())
                    .allMatch(code -> code == Code.OUTSIDE);
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

        private static List<Row> accusations(Row row) {
            int at = row.fieldIndex(ACCUSATIONS);
            return row.isNullAt(at) ? List.of() : row.getList(at);
        }

        /**
         * What was said of a record when it was staged holds of it no more if it is gone since; and that it is missing, as
         * the parent of others, if it is as it was.
         */
        private Examiner.Rulings rulings(Row row, @Nullable Image then, @Nullable Image now) {
            byte[] after = row.getAs(CODES_AFTER);
            byte[] before = row.getAs(CODES_BEFORE);
            List<scala.collection.Seq<Row>> elements = row.getList(row.fieldIndex(ELEMENTS));
            List<scala.collection.Seq<Row>> elementsBefore = row.getList(row.fieldIndex(ELEMENTS_BEFORE));
            List<Examiner.Accusation> accusations = new ArrayList<>();
            for (Row one : accusations(row)) {
                int rule = one.getInt(0);
                boolean stands = examiner.rules().get(rule).absence() ? !Objects.equals(then, now) : now != null;
                if (stands && !one.getBoolean(1)) {
                    accusations.add(new Examiner.Accusation(
                            rule,
                            Code.of(one.getInt(2)),
                            one.isNullAt(3) ? null : one.getList(3),
                            one.getString(4),
                            one.getBoolean(5)));
                }
            }
            List<Code> codesAfter = new ArrayList<>();
            List<Code> codesBefore = new ArrayList<>();
            List<@Nullable List<Examiner.Element>> broken = new ArrayList<>();
            List<@Nullable List<Examiner.Element>> brokenBefore = new ArrayList<>();
            for (int i = 0; i < elements.size(); i++) {
                codesAfter.add(worst(i, accusations).orElse(Codes.at(after, i)));
                codesBefore.add(Codes.at(before, i));
                broken.add(elements(elements.get(i)));
                brokenBefore.add(elements(elementsBefore.get(i)));
            }
            accusations.sort(IN_ORDER);
            return new Examiner.Rulings(
                    codesAfter, codesBefore, broken, brokenBefore, accusations, counted(row, now != null));
        }

        /** By rule whether the stage counted the record after; null for those it need not be asked of. */
        private List<@Nullable Boolean> counted(Row row, boolean there) {
            byte[] staged = row.getAs(CODES_STAGED);
            List<@Nullable Boolean> counted = new ArrayList<>();
            int number = 0;
            for (RuleInfo rule : examiner.rules()) {
                if (!rule.recounted()) {
                    counted.add(null);
                    continue;
                }
                Code code = Codes.at(staged, number++);
                counted.add(there && counts(rule.kind(), code));
            }
            return counted;
        }

        private static final Comparator<Examiner.Accusation> IN_ORDER =
                Comparator.comparing(one -> String.valueOf(one.at()).length() + " " + one.at());

        private static Optional<Code> worst(int rule, List<Examiner.Accusation> accusations) {
            return accusations.stream()
                    .filter(one -> one.rule() == rule)
                    .map(Examiner.Accusation::code)
                    .max(Comparator.naturalOrder());
        }

        private static @Nullable List<Examiner.Element> elements(scala.collection.@Nullable Seq<Row> elements) {
            return elements == null
                    ? null
                    : CollectionConverters.asJava(elements).stream()
                            .map(one -> new Examiner.Element(one.getList(0), Code.of(one.getInt(1))))
                            .toList();
        }

        /** A key, and its text; empty where there is none. */
        private record Named(Key key, String text) {}

        private Named named(Row pair) {
            Key key = key(pair.getStruct(pair.fieldIndex(Fingerprint.KEY)));
            return new Named(key, keyFields.isEmpty() ? "" : text(key));
        }

        private Row row(
                Named named,
                Examiner.Examined examined,
                @Nullable Image before,
                @Nullable Image after,
                long copiesBefore,
                long copiesAfter) {
            Image newest = Objects.requireNonNull(after == null ? before : after);
            boolean images = isWhole || keyFields.isEmpty() || examined.change() != Examiner.Change.CHANGED;
            Object[] values = {
                keyFields.isEmpty() ? null : JsonValues.write(JsonValues.json(named.key())),
                keyFields.isEmpty() ? null : named.text(),
                examined.change().text(),
                examined.fault().text(),
                copiesBefore,
                copiesAfter,
                seq(examined.fields().stream()
                        .map(field -> field(field, before, after))
                        .toList()),
                seq(examined.findings().stream()
                        .map(finding -> finding(finding, before, after))
                        .toList()),
                images ? tagged(before) : null,
                images ? tagged(after) : null,
                version == null ? null : plain(at(newest, version)),
                changedAt == null ? null : instant(at(newest, changedAt)),
                CollectionConverters.asScala(dimensions.values(newest)),
                seq(examined.recounts().stream()
                        .map(one -> RowFactory.create(one.rule(), one.by()))
                        .toList())
            };
            return new GenericRowWithSchema(values, SCHEMA);
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

        private static Row field(Examiner.Field field, @Nullable Image before, @Nullable Image after) {
            FieldChange change = field.change();
            List<Pattern> patterns = Patterns.of(change.path(), change.before(), change.after(), before, after);
            Object[] values = {
                change.path().toString(),
                json(change.before()),
                json(change.after()),
                ChangeKind.of(change.before(), change.after(), patterns).text(),
                field.fault().text(),
                CollectionConverters.asScala(
                                patterns.stream().map(Pattern::text).toList())
                        .toSeq(),
                Paths.schema(change.path()).toString()
            };
            return new GenericRowWithSchema(values, FIELD);
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
                    json(examiner.shown(finding, before)),
                    finding.detail(),
                    finding.accepted());
        }

        private static @Nullable Value at(Image image, String path) {
            return Patch.at(image, FieldPath.valueOf(path)).value();
        }

        private static @Nullable String plain(@Nullable Value value) {
            return value == null || value.isNull() ? null : value.toString();
        }

        private @Nullable Instant instant(@Nullable Value value) {
            if (value instanceof Value.Moment moment) {
                return moment.value();
            }
            if (value instanceof Value.LocalMoment local) {
                return local.value().toInstant(ZoneOffset.UTC);
            }
            if (value instanceof Value.Num seconds
                    && Location.Container.WRITTEN.toString().equals(changedAt)) {
                return Instant.ofEpochSecond(seconds.value().longValue());
            }
            return value instanceof Value.Text text ? instant(text.value()) : null;
        }

        /** Documents hold times as text: with an offset, or without for UTC. */
        private static @Nullable Instant instant(String text) {
            try {
                TemporalAccessor time = DateTimeFormatter.ISO_DATE_TIME.parseBest(
                        text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from);
                return time instanceof OffsetDateTime at
                        ? at.toInstant()
                        : ((LocalDateTime) time).toInstant(ZoneOffset.UTC);
            } catch (DateTimeParseException e) {
                return null;
            }
        }

        private static @Nullable String json(@Nullable Value value) {
            return value == null ? null : JsonValues.text(value);
        }

        private static @Nullable String tagged(@Nullable Image image) {
            return image == null ? null : JsonValues.write(JsonValues.tagged(image.object()));
        }
    }
}
