package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.incident.KnownChanges;
import dev.lastgood.incident.Members;
import dev.lastgood.judge.FitsType;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Places;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Refusal;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Candidate;
import dev.lastgood.restore.ChangePattern;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import dev.lastgood.rule.Allow;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Sql;
import dev.lastgood.rule.Tolerance;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Which records of an audit a plan is about. */
final class Choosing {
    private final Workplace workplace;
    private final Audits audits;
    private final Selection selection;
    private final CatalogState.Audit audit;

    Choosing(Workplace workplace, Selection selection, CatalogState.Audit audit) {
        this.workplace = workplace;
        this.audits = new Audits(workplace);
        this.selection = selection;
        this.audit = audit;
    }

    /**
     * A record of an audit, chosen.
     *
     * @param shared whether several records have its key, or had it in the baseline
     * @param changedAt when it was last written; null: it is not known
     */
    record Chosen(
            Key key,
            List<Candidate.Accusation> accusations,
            boolean absent,
            boolean shared,
            @Nullable Image before,
            @Nullable Image after,
            @Nullable Instant changedAt) {}

    /** The records of a dataset, as the audit left them. */
    List<Chosen> chosen(DatasetSpec dataset, Map<String, Shape> shapes) {
        if (!audits.isPart(dataset, audit)) {
            return List.of();
        }
        Dataset<Row> records = audits.records(audit.id(), dataset.name())
                .where(col("keyTagged").isNotNull());
        Dataset<Row> wanted = !selection.suspects().isEmpty()
                ? Members.of(records, audits.members(selection.suspects(), audit.id(), dataset.name(), Members.SUSPECT))
                : selection.isNamed() ? named(dataset, shapes.get(dataset.name()), records) : accused(dataset, records);
        Map<String, String> acting = acting(dataset);
        List<Chosen> chosen = new ArrayList<>();
        for (Row row : Audits.bounded(dataset, during(dataset, wanted))) {
            chosen.add(chosen(row, acting));
        }
        return selection.where().isEmpty() || chosen.isEmpty()
                ? chosen
                : matching(selection.where(), chosen, dataset, shapes);
    }

    /** Records that were last written in the time that is asked for; refused if of one of them that is not known. */
    private Dataset<Row> during(DatasetSpec dataset, Dataset<Row> records) {
        Instant since = selection.terms().since();
        Instant until = selection.terms().until();
        if (since == null && until == null) {
            return records;
        }
        long unknown = records.where(
                        col("changedAt").isNull().or(col("afterImage").isNull()))
                .count();
        if (unknown > 0) {
            throw new Refusal(
                    "of %,d records of dataset '%s' it is not known when they were last written, for they are gone or say no time; no plan was made"
                            .formatted(unknown, dataset.name()),
                    dataset.changedAt() == null
                            ? "Declare the dataset's 'changed_at', or leave --since and --until out."
                            : "Plan them apart, without --since and --until; select the others by --rule, --incident or --key.");
        }
        Dataset<Row> during = records;
        if (since != null) {
            during = during.where(col("changedAt").geq(lit(since)));
        }
        if (until != null) {
            during = during.where(col("changedAt").lt(lit(until)));
        }
        return during;
    }

    private Dataset<Row> named(DatasetSpec dataset, @Nullable Shape shape, Dataset<Row> records) {
        if (selection.keys().isEmpty()) {
            return records.where(col("change").notEqual("none"));
        }
        List<String> keys = new ArrayList<>();
        for (String key : selection.keys()) {
            if (shape != null) {
                Keys.read(dataset, shape, key).ifPresent(one -> keys.add(JsonValues.write(JsonValues.tagged(one))));
            }
        }
        return records.where(col("keyTagged").isin(keys.toArray()));
    }

    private static boolean isCandidate(
            DatasetSpec dataset, @Nullable Shape shape, String text, Collection<Candidate> candidates) {
        Optional<Key> key = shape == null ? Optional.empty() : Keys.read(dataset, shape, text);
        return key.isPresent()
                && candidates.stream()
                        .anyMatch(candidate -> candidate.dataset().equals(dataset.name())
                                && candidate.key().equals(key.get()));
    }

    /** A key that nothing was found of is a mistake, however many others there are; so is one found in two datasets. */
    void checkKeys(Collection<Candidate> candidates, List<DatasetSpec> datasets, Map<String, Shape> shapes) {
        Problems problems = new Problems();
        for (String text : selection.keys()) {
            List<String> holding = datasets.stream()
                    .filter(dataset -> isCandidate(dataset, shapes.get(dataset.name()), text, candidates))
                    .map(DatasetSpec::name)
                    .toList();
            if (holding.isEmpty()) {
                problems.error(
                        null,
                        "audit %s has no record with key '%s' that changed or breaks a rule"
                                .formatted(audit.id(), text),
                        "Write the values of the key fields in their order, joined by commas;"
                                + " 'lastgood audit --changes FILE' lists what changed.");
            } else if (holding.size() > 1) {
                problems.error(
                        null,
                        "the key '%s' names a record in each of the datasets %s"
                                .formatted(text, String.join(", ", holding)),
                        "Say which is meant with --dataset.");
            }
        }
        problems.throwIfErrors();
    }

    private Dataset<Row> accused(DatasetSpec dataset, Dataset<Row> records) {
        Object[] leftAlone = leftAlone().toArray();
        Dataset<Row> broken = records.where(exists(
                col("findings"),
                finding -> finding.getField("code")
                        .notEqual("ERROR")
                        .and(not(finding.getField("rule").isin(leftAlone)))
                        .and(not(finding.getField("accepted")))
                        .and(not(FitsType.is(finding.getField("rule"))))
                        .and(selection.rules().isEmpty() ? not(finding.getField("preExisting")) : lit(true))));
        Set<String> rules = new LinkedHashSet<>(selection.rules());
        Dataset<Row> wanted = broken;
        if (!rules.isEmpty()) {
            wanted = wanted.where(exists(
                    col("findings"),
                    finding -> not(finding.getField("accepted"))
                            .and(finding.getField("rule").isin(rules.toArray()))));
        }
        if (!selection.incidents().isEmpty()) {
            wanted = Members.of(
                    wanted, audits.members(selection.incidents(), audit.id(), dataset.name(), Members.CORRUPT));
        }
        return wanted;
    }

    /** The changes of the incidents that are planned, as far as a restore may act on one of their rules. */
    ChangePattern knownChanges(List<DatasetSpec> datasets) {
        Set<String> leftAlone = leftAlone();
        List<JsonNode> planned = audits.incidents(audit.id()).stream()
                .filter(one -> selection.incidents().isEmpty()
                        || selection.incidents().contains(one.get("id").asText()))
                .filter(one -> StreamSupport.stream(one.get("rules").spliterator(), false)
                        .anyMatch(rule -> !leftAlone.contains(rule.asText())))
                .toList();
        KnownChanges known = new KnownChanges(planned);
        for (DatasetSpec dataset : datasets) {
            Set<String> told = known.incidents(dataset.name());
            if (!told.isEmpty()) {
                Dataset<Row> members = audits.members(told, audit.id(), dataset.name(), Members.CORRUPT)
                        .where(col("keyTagged").isNotNull())
                        .select("keyTagged", "incident");
                for (Row row : Audits.bounded(dataset, members)) {
                    known.add(dataset.name(), JsonValues.untaggedKey(read(row.getString(0))), row.getString(1));
                }
            }
        }
        return known;
    }

    /** The rules on whose findings a restore does not act. */
    private Set<String> leftAlone() {
        Set<String> rules = new TreeSet<>();
        workplace.workspace().rules().rules().stream()
                .filter(rule -> !rule.restore())
                .forEach(rule -> rules.add(rule.id()));
        return rules;
    }

    /** The rules whose findings are acted on, each with its hash: those selected, or all that may be. */
    private Map<String, String> acting(DatasetSpec dataset) {
        Set<String> selected = new TreeSet<>(selection.rules());
        if (!selection.incidents().isEmpty()) {
            for (var incident : audits.incidents(audit.id())) {
                if (selection.incidents().contains(incident.get("id").asText())
                        && incident.get("dataset").asText().equals(dataset.name())) {
                    incident.get("rules").forEach(rule -> selected.add(rule.asText()));
                }
            }
        }
        Map<String, String> acting = new HashMap<>();
        workplace.workspace().rules().rules().stream()
                .filter(Rule::restore)
                .filter(rule -> selected.isEmpty() || selected.contains(rule.id()))
                .forEach(rule -> acting.put(rule.id(), rule.hash()));
        return acting;
    }

    private Chosen chosen(Row row, Map<String, String> acting) {
        List<Candidate.Accusation> accusations = new ArrayList<>();
        for (Row finding : row.<Row>getList(row.fieldIndex("findings"))) {
            String rule = finding.getAs("rule");
            // What is accepted is no fault, and what was broken before is no part of what an incident did.
            boolean isMeant = !finding.<Boolean>getAs("accepted")
                    && (!finding.<Boolean>getAs("preExisting")
                            || selection.rules().contains(rule));
            if (isMeant && !finding.<String>getAs("code").equals("ERROR") && acting.containsKey(rule)) {
                if (!finding.<String>getAs("hash").equals(acting.get(rule))) {
                    throw InvalidInput.of(
                            "rule '%s' is not what it was when audit %s was made".formatted(rule, audit.id()),
                            "Run 'lastgood audit' again, and plan from that.");
                }
                String path = finding.getAs("path");
                accusations.add(new Candidate.Accusation(rule, path == null ? null : FieldPath.valueOf(path)));
            }
        }
        Key key = JsonValues.untaggedKey(read(row.getAs("keyTagged")));
        Image after = image(row.getAs("afterImage"));
        boolean shared = row.<Long>getAs("copiesBefore") > 1 || row.<Long>getAs("copiesAfter") > 1;
        return new Chosen(key, accusations, after == null, shared, image(row.getAs("beforeImage")), after, time(row));
    }

    private static @Nullable Instant time(Row row) {
        Object at = row.getAs("changedAt");
        return at instanceof Timestamp time ? time.toInstant() : (Instant) at;
    }

    static JsonNode read(String json) {
        try {
            return JsonValues.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an audit wrote this", e);
        }
    }

    private static @Nullable Image image(@Nullable String tagged) {
        return tagged == null ? null : new Image((Value.Obj) JsonValues.untagged(read(tagged)));
    }

    /** Those of which a condition over the record after, or where it is gone before, is true. */
    private List<Chosen> matching(String where, List<Chosen> chosen, DatasetSpec dataset, Map<String, Shape> shapes) {
        SourceFile file = new SourceFile("--where", where);
        Place place = new Place(file, 1, 1, where.codePointCount(0, where.length()));
        Rule condition = new Rule(
                "where",
                dataset.name(),
                new Constraint.Assert(new Sql(where, place)),
                null,
                Severity.ERROR,
                Allow.NONE,
                Tolerance.NONE,
                OnNull.FAIL,
                null,
                null,
                List.of(),
                List.of(),
                false,
                true,
                List.of(),
                List.of(),
                Places.of(place));
        Judge judge = Judging.of(workplace, shapes, List.of(condition)).judge();
        List<Judge.Pair> pairs = chosen.stream()
                .map(one -> new Judge.Pair(null, one.after() == null ? one.before() : one.after()))
                .toList();
        List<Map<String, Ruling>> rulings = judge.judge(dataset.name(), pairs);
        List<Chosen> matching = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            Ruling ruling = rulings.get(i).get("where");
            if (ruling == Ruling.ERROR) {
                Problems problems = new Problems();
                problems.error(
                        place,
                        "this cannot be evaluated on the record of dataset '%s' with key %s"
                                .formatted(dataset.name(), chosen.get(i).key()),
                        "Write it so that it is true or false of every changed record: try_divide, try_cast.");
                problems.throwIfErrors();
            }
            if (ruling == Ruling.PASS) {
                matching.add(chosen.get(i));
            }
        }
        return matching;
    }
}
