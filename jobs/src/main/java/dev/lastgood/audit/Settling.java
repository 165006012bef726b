package dev.lastgood.audit;

import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.transform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.judge.Share;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Paths;
import dev.lastgood.rule.Constraint;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Looks again at what was found in sources that others write to. What was read may have been in the middle of being
 * written, or put together from several moments. So what differs is read again after a while, and
 *
 * <ul>
 *   <li>a record that does not differ any more and is not at fault any more is left out;
 *   <li>a finding stands if it is found again and none of the fields its rule reads has moved in between, of a relation
 *       nothing of what it looks at, or if it is found at every reading;
 *   <li>what a rule said stands while it cannot be asked;
 *   <li>what is not found again is no finding;
 *   <li>a record whose findings come and go is read once more, up to {@value #READINGS} times; what is open then is
 *       unsettled.
 * </ul>
 *
 * Single records are read by their keys. Relations are asked again of all records, if any accuses something.
 */
final class Settling {
    /** After the first. */
    static final int READINGS = 3;

    /** Findings that have not stood twice. */
    private static final String OPEN = "_open";

    /** Findings of every reading so far. */
    private static final String ALWAYS = "_always";

    private static final StructType STATE = Records.SCHEMA
            .add(OPEN, DataTypes.createArrayType(DataTypes.StringType))
            .add(ALWAYS, DataTypes.createArrayType(DataTypes.StringType));

    private static final String NEWLINE = "\n";
    private static final String AGAIN = "again-";
    private static final String FIRST = AGAIN + 1;
    private static final int CHANGE = Records.SCHEMA.fieldIndex("change");
    private static final int FAULT = Records.SCHEMA.fieldIndex("fault");
    private static final int FIELDS = Records.SCHEMA.fieldIndex("fields");
    private static final int FINDINGS = Records.SCHEMA.fieldIndex("findings");
    private static final int AFTER_IMAGE = Records.SCHEMA.fieldIndex("afterImage");
    private static final int COPIES_AFTER = Records.SCHEMA.fieldIndex("copiesAfter");
    private static final int RECOUNTS = Records.SCHEMA.fieldIndex("recounts");

    private final SparkSession session;
    private final String folder;
    private final List<Side> sides;
    private final List<CompiledRule> rules;
    private final Auditor.Later later;
    private final Again again;

    /** Of the datasets that relations look at, as they were read last. */
    private Map<String, String> digests = Map.of();

    private final Function<Set<String>, Map<String, String>> first;

    /** Reads and judges once more. */
    interface Again {
        /**
         * What is read into a folder of its own.
         *
         * @param whole the datasets of which a digest is wanted
         */
        Read read(String at, List<Side> sides, List<CompiledRule> rules, Set<String> whole);
    }

    /**
     * What came of one reading.
     *
     * @param records where the records are that differ or are at fault, by dataset
     * @param failed the rules that could not be evaluated, which say nothing
     * @param digests of datasets that were read as a whole; the same if and only if all their records are
     */
    record Read(Map<String, String> records, Set<String> failed, Map<String, String> digests) {}

    /**
     * What was found in a dataset that moves.
     *
     * @param found where its {@link Records} are
     * @param settled where those of them are to be that stand
     */
    record Open(Side side, String found, String settled) {
        DatasetSpec dataset() {
            return side.dataset();
        }

        String name() {
            return side.dataset().name();
        }
    }

    /** @param first the digests of datasets as they were first read */
    Settling(
            SparkSession session,
            String folder,
            List<Side> sides,
            List<CompiledRule> rules,
            Auditor.Later later,
            Function<Set<String>, Map<String, String>> first,
            Again again) {
        this.session = session;
        this.folder = folder;
        this.sides = sides;
        this.rules = rules;
        this.later = later;
        this.first = first;
        this.again = again;
    }

    /** Settles all of it, and gives by rule how many records stay unsettled. */
    Map<String, Long> settle(List<Open> found) {
        Map<String, Dataset<Row>> states = new LinkedHashMap<>();
        for (Open open : found) {
            Column all =
                    transform(col("findings"), one -> concat_ws(NEWLINE, one.getField("rule"), one.getField("path")));
            states.put(
                    open.name(),
                    read(open.found(), Records.SCHEMA).withColumn(OPEN, all).withColumn(ALWAYS, all));
        }
        for (int reading = 1; reading <= READINGS; reading++) {
            Column wanted = reading == 1
                    ? col("change")
                            .notEqual(Examiner.Change.NONE.text())
                            .or(size(col("findings")).gt(0))
                    : size(col(OPEN)).gt(0);
            if (!step(found, states, wanted, AGAIN + reading)) {
                break;
            }
        }
        Map<String, Long> unsettled = new HashMap<>();
        for (Open open : found) {
            Dataset<Row> state = state(states, open);
            state.select(explode(array_except(col(OPEN), col(ALWAYS))).alias("one"))
                    .groupBy(substring_index(col("one"), NEWLINE, 1))
                    .agg(count(lit(1)))
                    .collectAsList()
                    .forEach(row -> unsettled.merge(row.getString(0), row.getLong(1), Long::sum));
            state.mapPartitions(new Standing(footprints()), Encoders.row(Records.SCHEMA))
                    .write()
                    .parquet(open.settled());
        }
        return unsettled;
    }

    private static Dataset<Row> state(Map<String, Dataset<Row>> states, Open open) {
        return Objects.requireNonNull(states.get(open.name()));
    }

    private Dataset<Row> read(String at, StructType type) {
        return session.read().schema(type).parquet(ReadPaths.literal(at));
    }

    /** Reads once more what is wanted of all; false if nothing is. */
    private boolean step(List<Open> found, Map<String, Dataset<Row>> states, Column wanted, String name) {
        Map<String, List<Key>> keys = new LinkedHashMap<>();
        Set<String> ruled = new HashSet<>();
        boolean whole = false;
        for (Open open : found) {
            Dataset<Row> rows = state(states, open).where(wanted);
            int most = later.most(open.dataset());
            List<Key> some = new ArrayList<>();
            for (Row row : rows.select("keyTagged").limit(most + 1).collectAsList()) {
                some.add(JsonValues.untaggedKey(json(row.getString(0))));
            }
            if (!some.isEmpty()) {
                keys.put(open.name(), some);
                whole |= some.size() > most;
                rows.select(explode(col("findings.rule")).alias("rule"))
                        .distinct()
                        .collectAsList()
                        .forEach(row -> ruled.add(row.getString(0)));
            }
        }
        if (keys.isEmpty()) {
            return false;
        }
        later.await();
        Set<String> reached = new LinkedHashSet<>(keys.keySet());
        Set<String> all = new HashSet<>();
        List<CompiledRule> related = rules.stream()
                .filter(rule -> rule.kind() == CompiledRule.Kind.RELATION
                        && ruled.contains(rule.id())
                        && !(rule.rule().constraint() instanceof Constraint.Metric))
                .toList();
        related.forEach(rule -> all.addAll(lookedAt(rule)));
        reached.addAll(all);
        List<Side> then = new ArrayList<>();
        for (Side side : sides) {
            if (reached.contains(side.dataset().name())) {
                List<Key> some = keys.get(side.dataset().name());
                boolean one =
                        some != null && !whole && !all.contains(side.dataset().name());
                then.add(one ? some(side, Objects.requireNonNull(some)) : whole(side));
            }
        }
        List<CompiledRule> asked = rules.stream()
                .filter(rule -> reached.contains(rule.rule().dataset()))
                .filter(rule -> rule.kind() != CompiledRule.Kind.RELATION || related.contains(rule))
                .toList();
        Map<String, String> were = name.equals(FIRST) ? first.apply(all) : digests;
        Read read = again.read(folder + "/" + name, then, asked, all);
        digests = read.digests();
        Set<String> ids = asked.stream().map(CompiledRule::id).collect(Collectors.toCollection(HashSet::new));
        ids.removeAll(read.failed());
        Set<String> restless = related.stream()
                .filter(rule -> lookedAt(rule).stream()
                        .anyMatch(one -> !were.containsKey(one) || !Objects.equals(were.get(one), digests.get(one))))
                .map(CompiledRule::id)
                .collect(Collectors.toCollection(HashSet::new));
        Set<String> quiet = related.stream()
                .map(CompiledRule::id)
                .filter(id -> !restless.contains(id))
                .collect(Collectors.toCollection(HashSet::new));
        Merging merging = new Merging(ids, restless, quiet, Map.of(), footprints());
        for (Open open : found) {
            if (!keys.containsKey(open.name())) {
                continue;
            }
            Dataset<Row> next = read(Objects.requireNonNull(read.records().get(open.name())), Records.SCHEMA)
                    .select(col("keyTagged").alias("_of"), struct(col("*")).alias("_next"));
            String at = folder + "/settled-" + name + "/" + StoreName.segment(open.name());
            state(states, open)
                    .select(col("keyTagged"), struct(col("*")).alias("_last"), wanted.alias("_asked"))
                    .join(next, col("keyTagged").equalTo(col("_of")), "left_outer")
                    .select(col("_last"), col("_next"), col("_asked"))
                    .mapPartitions(merging.reading(reads(open.name())), Encoders.row(STATE))
                    .write()
                    .parquet(at);
            states.put(open.name(), read(at, STATE));
        }
        return true;
    }

    /** The datasets a relation looks at, its own among them; of a query they are in its SQL, and no shares. */
    private static Set<String> lookedAt(CompiledRule rule) {
        Set<String> datasets = new LinkedHashSet<>(RuleCompiler.reaches(rule.rule()));
        rule.related().shares().stream().map(Share::dataset).forEach(datasets::add);
        datasets.add(rule.rule().dataset());
        return datasets;
    }

    private Side whole(Side side) {
        Frame after = later.moves(side.dataset()) ? later.of(side, null) : side.after();
        return new Side(side.dataset(), after, side.before(), side.baseline(), side.beforeCount());
    }

    /** Both sides, but only their records with these keys. */
    private Side some(Side side, List<Key> keys) {
        Frame before = side.before();
        return new Side(
                side.dataset(),
                restricted(side.dataset(), later.of(side, keys), keys),
                before == null ? null : restricted(side.dataset(), before, keys),
                side.baseline(),
                side.beforeCount());
    }

    private Frame restricted(DatasetSpec dataset, Frame frame, List<Key> keys) {
        StructType type = Keys.type(dataset, frame.shape());
        List<Row> rows = new ArrayList<>();
        keys.forEach(key -> Keys.as(key, type)
                .ifPresent(same -> rows.add(RowFactory.create(
                        RowFactory.create(Keys.cells(same, type).toArray())))));
        Dataset<Row> wanted = session.createDataFrame(rows, new StructType().add("_wanted", type, true));
        Column same = Keys.same(Keys.column(dataset, frame.shape()), col("_wanted"), type);
        return new Frame(frame.records().join(broadcast(wanted), same, "left_semi"), frame.shape());
    }

    /** By rule of the dataset the fields it depends on or blames; of what is not there a record has to stay as it is. */
    private Map<String, List<String>> reads(String dataset) {
        Map<String, List<String>> reads = new HashMap<>();
        for (CompiledRule rule : rules) {
            List<String> fields = Stream.concat(rule.reads().stream(), rule.footprint().stream())
                    .map(FieldPath::root)
                    .distinct()
                    .toList();
            if (rule.rule().dataset().equals(dataset) && !fields.isEmpty()) {
                reads.put(rule.id(), new ArrayList<>(fields));
            }
        }
        return reads;
    }

    private Map<String, List<String>> footprints() {
        Map<String, List<String>> footprints = new HashMap<>();
        rules.forEach(rule -> footprints.put(
                rule.id(),
                new ArrayList<>(
                        rule.footprint().stream().map(FieldPath::toString).toList())));
        return footprints;
    }

    private static JsonNode json(String text) {
        try {
            return JsonValues.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the audit wrote what is no JSON", e);
        }
    }

    // ---- one record

    private static String id(Row finding) {
        String path = finding.getString(finding.fieldIndex("path"));
        return finding.getString(0) + (path == null ? "" : NEWLINE + path);
    }

    /** By what and where; a relation may say several things of one place. */
    private static Map<String, List<Row>> findings(Row record) {
        Map<String, List<Row>> findings = new LinkedHashMap<>();
        List<Row> all = record.getList(FINDINGS);
        all.forEach(finding ->
                findings.computeIfAbsent(id(finding), any -> new ArrayList<>()).add(finding));
        return findings;
    }

    private static Set<String> texts(Row record, String column) {
        return new HashSet<>(record.getList(record.fieldIndex(column)));
    }

    /** The columns of the record with other findings; what only those gone were to blame for is blamed no more. */
    private static Object[] with(Row record, List<Row> findings, Map<String, List<String>> footprints) {
        Object[] cells = new Object[Records.SCHEMA.size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = record.get(i);
        }
        cells[FINDINGS] = CollectionConverters.asScala(findings).toSeq();
        Set<String> ids = findings.stream().map(Settling::id).collect(Collectors.toSet());
        if (ids.containsAll(findings(record).keySet())) {
            return cells;
        }
        List<Row> fields = new ArrayList<>();
        Examiner.Fault worst = Examiner.Fault.CONSISTENT;
        List<Row> changed = record.getList(FIELDS);
        for (Row field : changed) {
            Object[] of = new Object[field.size()];
            for (int i = 0; i < of.length; i++) {
                of[i] = field.get(i);
            }
            int at = field.fieldIndex("fault");
            boolean blamed = findings.stream().anyMatch(finding -> blames(finding, field, footprints));
            if (isBad(field.getString(at)) && !blamed) {
                of[at] = Examiner.Fault.UNATTRIBUTED.text();
            }
            worst = worst.worse(fault((String) of[at]));
            fields.add(RowFactory.create(of));
        }
        cells[FIELDS] = CollectionConverters.asScala(fields).toSeq();
        if (findings.isEmpty()) {
            boolean oneSided = changed.isEmpty() && !record.getString(CHANGE).equals(Examiner.Change.NONE.text());
            cells[FAULT] = (oneSided ? Examiner.Fault.UNATTRIBUTED : worst).text();
        }
        return cells;
    }

    private static boolean blames(Row finding, Row field, Map<String, List<String>> footprints) {
        FieldPath path = FieldPath.valueOf(field.getString(field.fieldIndex("schemaPath")));
        return footprints.getOrDefault(finding.getString(0), List.of()).stream()
                .anyMatch(blamed -> Paths.touch(FieldPath.valueOf(blamed), path));
    }

    private static boolean isBad(String fault) {
        return fault.equals(Examiner.Fault.CORRUPT.text()) || fault.equals(Examiner.Fault.PRE_EXISTING.text());
    }

    private static Examiner.Fault fault(String text) {
        for (Examiner.Fault fault : Examiner.Fault.values()) {
            if (fault.text().equals(text)) {
                return fault;
            }
        }
        throw new IllegalArgumentException(text);
    }

    /** Whether there is nothing to write down of it any more. */
    private static boolean isNothing(Object[] cells, List<Row> findings) {
        Object recounts = cells[RECOUNTS];
        boolean counted = recounts instanceof scala.collection.Seq<?> some && !some.isEmpty();
        return findings.isEmpty() && Examiner.Change.NONE.text().equals(cells[CHANGE]) && !counted;
    }

    /**
     * Rows of a record as it was found last, as it is found now or NULL, and whether it was asked for.
     *
     * @param asked the rules that were asked again and could answer
     * @param restless the relations of which something they look at has moved in between
     * @param quiet the other ones
     * @param reads by rule the fields it depends on or blames
     */
    private record Merging(
            Set<String> asked,
            Set<String> restless,
            Set<String> quiet,
            Map<String, List<String>> reads,
            Map<String, List<String>> footprints)
            implements MapPartitionsFunction<Row, Row>, Serializable {
        Merging reading(Map<String, List<String>> fields) {
            return new Merging(asked, restless, quiet, fields, footprints);
        }

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            Iterable<Row> all = () -> rows;
            return StreamSupport.stream(all.spliterator(), false)
                    .flatMap(row -> row.getBoolean(2)
                            ? merged(row.getStruct(0), row.isNullAt(1) ? null : row.getStruct(1)).stream()
                            : Stream.of(row.getStruct(0)))
                    .iterator();
        }

        private Optional<Row> merged(Row last, @Nullable Row next) {
            Map<String, List<Row>> then = findings(last);
            Map<String, List<Row>> now = next == null ? Map.of() : findings(next);
            Set<String> open = texts(last, OPEN);
            Set<String> always = texts(last, ALWAYS);
            boolean stayed = next != null
                    && Objects.equals(last.get(AFTER_IMAGE), next.get(AFTER_IMAGE))
                    && last.getLong(COPIES_AFTER) <= 1
                    && next.getLong(COPIES_AFTER) <= 1
                    && last.getLong(COPIES_AFTER) == next.getLong(COPIES_AFTER);
            Map<String, List<Row>> kept = new LinkedHashMap<>();
            Set<String> stillOpen = new HashSet<>();
            then.forEach((id, found) -> {
                List<Row> same = now.get(id);
                String rule = found.get(0).getString(0);
                if (!asked.contains(rule)) {
                    kept.put(id, found);
                    if (open.contains(id)) {
                        stillOpen.add(id);
                    }
                } else if (same != null && next != null) {
                    kept.put(id, stayed ? found : same);
                    if (open.contains(id) && hasMoved(rule, last, next, stayed)) {
                        stillOpen.add(id);
                    }
                }
            });
            now.forEach((id, found) -> {
                if (kept.putIfAbsent(id, found) == null) {
                    stillOpen.add(id);
                }
            });
            always.retainAll(kept.keySet());
            List<Row> findings = kept.values().stream().flatMap(List::stream).toList();
            // What was found since is not blamed on anything yet in the record as it was found last.
            boolean added = !then.keySet().containsAll(now.keySet());
            Row base = next == null || (stayed && !added) ? last : next;
            Object[] cells = with(base, findings, footprints);
            if (!now.keySet().containsAll(kept.keySet())) {
                cells[FAULT] = fault(last.getString(FAULT))
                        .worse(fault((String) cells[FAULT]))
                        .text();
            }
            cells[RECOUNTS] = last.get(RECOUNTS);
            if (next == null && findings.isEmpty()) {
                cells[CHANGE] = Examiner.Change.NONE.text();
            }
            if (isNothing(cells, findings)) {
                return Optional.empty();
            }
            Object[] state = Arrays.copyOf(cells, STATE.size());
            state[Records.SCHEMA.size()] = sorted(stillOpen);
            state[Records.SCHEMA.size() + 1] = sorted(always);
            return Optional.of(RowFactory.create(state));
        }

        /** Of several records of a key the image is one, and what a relation says hangs on more than a record. */
        private boolean hasMoved(String rule, Row last, Row next, boolean stayed) {
            if (stayed || restless.contains(rule) || quiet.contains(rule)) {
                return restless.contains(rule);
            }
            if (last.getLong(COPIES_AFTER) > 1 || next.getLong(COPIES_AFTER) > 1) {
                return true;
            }
            List<String> fields = reads.get(rule);
            if (fields == null || last.isNullAt(AFTER_IMAGE) || next.isNullAt(AFTER_IMAGE)) {
                return !(last.isNullAt(AFTER_IMAGE) && next.isNullAt(AFTER_IMAGE));
            }
            JsonNode one = members(last);
            JsonNode other = members(next);
            return fields.stream().anyMatch(field -> !one.path(field).equals(other.path(field)));
        }

        private static JsonNode members(Row record) {
            return json(record.getString(AFTER_IMAGE)).path("object");
        }
    }

    private static Object sorted(Set<String> texts) {
        return CollectionConverters.asScala(
                        texts.stream().sorted(Comparator.naturalOrder()).toList())
                .toSeq();
    }

    /** What stands in the end. */
    private record Standing(Map<String, List<String>> footprints)
            implements MapPartitionsFunction<Row, Row>, Serializable {
        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            List<Row> standing = new ArrayList<>();
            rows.forEachRemaining(row -> {
                Set<String> unsettled = texts(row, OPEN);
                unsettled.removeAll(texts(row, ALWAYS));
                List<Row> all = row.getList(FINDINGS);
                List<Row> findings =
                        all.stream().filter(one -> !unsettled.contains(id(one))).toList();
                Object[] cells = with(row, findings, footprints);
                if (!isNothing(cells, findings)) {
                    standing.add(RowFactory.create(cells));
                }
            });
            return standing.iterator();
        }
    }
}
