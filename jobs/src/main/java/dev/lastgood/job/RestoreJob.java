package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.not;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Records;
import dev.lastgood.incident.Chronicle;
import dev.lastgood.incident.KnownChanges;
import dev.lastgood.incident.Members;
import dev.lastgood.incident.Past;
import dev.lastgood.incident.Pasts;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.judge.SparkJudge;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Places;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Refusal;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.Candidate;
import dev.lastgood.restore.ChangePattern;
import dev.lastgood.restore.Doubt;
import dev.lastgood.restore.Export;
import dev.lastgood.restore.History;
import dev.lastgood.restore.Journal;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Mode;
import dev.lastgood.restore.Owner;
import dev.lastgood.restore.Plan;
import dev.lastgood.restore.PlanApproval;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Planner;
import dev.lastgood.restore.Policy;
import dev.lastgood.restore.Receipt;
import dev.lastgood.restore.RuleFacts;
import dev.lastgood.restore.Ruling;
import dev.lastgood.restore.Run;
import dev.lastgood.restore.SideEffects;
import dev.lastgood.restore.Undo;
import dev.lastgood.rule.Allow;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Sql;
import dev.lastgood.rule.Tolerance;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.Approval;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Plans a restore from an audit, approves it, carries it out and takes it back. */
public final class RestoreJob {
    private static final int KEYS_A_READ = 500;

    /** A plan is made in memory. */
    private static final int MOST_RECORDS = 200_000;

    private final Workplace workplace;
    private final Targets targets;

    public RestoreJob(Workplace workplace) {
        this.workplace = workplace;
        this.targets = new Targets(workplace);
    }

    /**
     * What to restore. Incidents and rules let the rules say which fields; the others name records as a person does, and
     * with them every field that changed, or the fields given.
     *
     * @param audit id or beginning of one; empty for the last
     * @param suspects the incident of which the suspects are named, at most one: what changed in them as in the incident is
     *     to be put back
     * @param deleteAdded whether named records that were not there are to go; else they are left alone
     * @param from the snapshot to put back from where a person names records; empty for the audit's baseline
     */
    public record Selection(
            String audit,
            Set<String> incidents,
            Set<String> suspects,
            Set<String> rules,
            Set<String> datasets,
            List<String> keys,
            String where,
            boolean changed,
            boolean deleteAdded,
            Set<FieldPath> fields,
            String from,
            Mode mode) {
        public Selection {
            incidents = Set.copyOf(incidents);
            suspects = Set.copyOf(suspects);
            if (suspects.size() > 1) {
                throw new IllegalArgumentException("suspects of several incidents: " + suspects);
            }
            rules = Set.copyOf(rules);
            datasets = Set.copyOf(datasets);
            keys = List.copyOf(keys);
            fields = Set.copyOf(fields);
        }

        boolean isNamed() {
            return changed || !keys.isEmpty() || !where.isEmpty() || !suspects.isEmpty();
        }

        public static Selection ofIncidents(Set<String> incidents) {
            return new Selection(
                    "", incidents, Set.of(), Set.of(), Set.of(), List.of(), "", false, false, Set.of(), "", Mode.BLOCK);
        }

        /** Everything the audit found corrupt. */
        public static Selection all() {
            return ofIncidents(Set.of());
        }

        /** Every difference to the baseline, but for records that were added. */
        public static Selection everyChange() {
            return new Selection(
                    "", Set.of(), Set.of(), Set.of(), Set.of(), List.of(), "", true, false, Set.of(), "", Mode.BLOCK);
        }
    }

    /**
     * A record of an audit, chosen.
     *
     * @param shared whether several records have its key, or had it in the baseline
     */
    private record Chosen(
            Key key,
            List<Candidate.Accusation> accusations,
            boolean absent,
            boolean shared,
            @Nullable Image before,
            @Nullable Image after) {}

    // ---- plan

    /** Makes the plan and stores it. Throws {@link Refusal} if it would exceed a limit of the workspace. */
    public PlanFiles.Stored plan(Selection selection) {
        CatalogState state = workplace.catalog().state();
        CatalogState.Audit audit = audit(selection.audit(), state);
        List<DatasetSpec> datasets = workplace.datasets(selection.datasets());
        checkNames(selection, audit);
        Map<String, Frame> live = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (DatasetSpec dataset : workplace.datasets(List.of())) {
            Frame frame = workplace.sources().live(dataset);
            live.put(dataset.name(), frame);
            shapes.put(dataset.name(), frame.shape());
        }
        checkFields(selection, datasets, shapes);
        Judging judging = judging(shapes, workplace.workspace().rules().rules());
        Map<String, Long> sizes = sizes(audit);
        List<Candidate> candidates = new ArrayList<>();
        Map<String, Planner.Dataset> bound = new HashMap<>();
        Set<String> used = new TreeSet<>();
        for (DatasetSpec dataset : datasets) {
            List<Chosen> chosen = chosen(selection, audit, dataset, shapes);
            if (chosen.isEmpty()) {
                continue;
            }
            try (Target target = targets.readable(dataset)) {
                candidates.addAll(candidates(selection, audit, dataset, chosen, live, target, state, used));
                bound.put(
                        dataset.name(),
                        new Planner.Dataset(
                                Policy.of(dataset),
                                target.identity(),
                                target.schema(),
                                SideEffects.undeclared(
                                        target.facts(), dataset.restore().consumers()),
                                sizes.containsKey(dataset.name())
                                        ? OptionalLong.of(sizes.get(dataset.name()))
                                        : OptionalLong.empty()));
            }
        }
        if (selection.where().isEmpty()) {
            checkKeys(selection, audit.id(), candidates, datasets, shapes);
        }
        if (candidates.isEmpty()) {
            throw InvalidInput.of(
                    "the selection matches no record of audit %s".formatted(audit.id()),
                    "'lastgood incident list' shows what there is to restore.");
        }
        Planner planner = new Planner(
                judging.judge(),
                new LiveRelations(workplace, live),
                // Who names records and fields means just these.
                selection.isNamed() || !selection.rules().isEmpty()
                        ? ChangePattern.UNKNOWN
                        : knownChanges(selection, audit, datasets),
                missing -> Optional.empty());
        Plan plan = planner.plan(new Planner.Request(
                workplace.workspace().name(),
                workplace.by(),
                workplace.clock().instant(),
                expiry(),
                selection.mode(),
                candidates,
                judging.facts(),
                bound,
                references()));
        hold(used, audit);
        PlanFiles.Stored stored = PlanFiles.write(workplace.store(), plan);
        if (state.plan(stored.id()).isEmpty()) {
            workplace
                    .catalog()
                    .append(new Event.Planned(
                            stored.id(),
                            Sha256.parse("sha256:" + stored.digest().replace("sha256:", "")),
                            audit.id(),
                            plan.steps().size(),
                            plan.conflicts().size(),
                            plan.header().expiresAt()));
        }
        return stored;
    }

    private void checkNames(Selection selection, CatalogState.Audit audit) {
        Problems problems = new Problems();
        Set<String> named = new TreeSet<>(selection.incidents());
        named.addAll(selection.suspects());
        if (!named.isEmpty()) {
            Set<String> known = new TreeSet<>();
            incidents(audit.id())
                    .forEach(incident -> known.add(incident.get("id").asText()));
            unknown(named, known, "audit %s has no incident".formatted(audit.id()), problems);
        }
        Set<String> rules = new TreeSet<>();
        workplace.workspace().rules().rules().forEach(rule -> rules.add(rule.id()));
        unknown(selection.rules(), rules, "there is no rule", problems);
        problems.throwIfErrors();
    }

    private static void unknown(Set<String> names, Set<String> known, String message, Problems problems) {
        for (String name : new TreeSet<>(names)) {
            if (!known.contains(name)) {
                String guess = Suggestions.nearest(name, known)
                        .map("Did you mean '%s'? "::formatted)
                        .orElse("");
                problems.error(
                        null,
                        "%s '%s'".formatted(message, name),
                        guess + (known.isEmpty() ? "There is none." : "There is: " + String.join(", ", known) + "."));
            }
        }
    }

    /** A misspelt field would select nothing, and nothing to do looks like a pass. */
    private static void checkFields(Selection selection, List<DatasetSpec> datasets, Map<String, Shape> shapes) {
        Problems problems = new Problems();
        for (FieldPath path : selection.fields()) {
            List<FieldTypes.NoSuchField> unknown = new ArrayList<>();
            for (DatasetSpec dataset : datasets) {
                try {
                    FieldTypes.of(
                            path,
                            java.util.Objects.requireNonNull(shapes.get(dataset.name()))
                                    .view(),
                            dataset.name());
                } catch (FieldTypes.NoSuchField e) {
                    unknown.add(e);
                }
            }
            if (unknown.size() == datasets.size()) {
                problems.error(
                        null,
                        String.valueOf(unknown.get(0).getMessage()),
                        unknown.get(0).hint());
            }
        }
        problems.throwIfErrors();
    }

    /** How many records each dataset of the audit had. */
    private Map<String, Long> sizes(CatalogState.Audit audit) {
        Map<String, Long> sizes = new HashMap<>();
        AuditFiles.document(workplace.store(), audit)
                .get("datasets")
                .forEach(one ->
                        sizes.put(one.get("name").asText(), one.get("after").asLong()));
        return sizes;
    }

    private Duration expiry() {
        return workplace.workspace().approval().expires();
    }

    /** An audit by id, its beginning, or the last if empty. */
    public CatalogState.Audit audit(String id) {
        return audit(id, workplace.catalog().state());
    }

    private static CatalogState.Audit audit(String id, CatalogState state) {
        List<CatalogState.Audit> audits = state.audits();
        if (audits.isEmpty()) {
            throw InvalidInput.of("there is no audit yet", "Run 'lastgood audit' first.");
        }
        if (id.isEmpty()) {
            return audits.get(audits.size() - 1);
        }
        List<CatalogState.Audit> matching =
                audits.stream().filter(audit -> audit.id().startsWith(id)).toList();
        if (matching.size() != 1) {
            throw InvalidInput.of(
                    matching.isEmpty()
                            ? "there is no audit '%s'".formatted(id)
                            : "'%s' is the beginning of %d audits".formatted(id, matching.size()),
                    "The last one is %s."
                            .formatted(audits.get(audits.size() - 1).id()));
        }
        return matching.get(0);
    }

    /** The rules, ready to judge, and what a planner must know of them. */
    private record Judging(SparkJudge judge, Map<String, RuleFacts> facts) {}

    private Judging judging(Map<String, Shape> shapes, List<Rule> rules) {
        Problems problems = new Problems();
        List<CompiledRule> compiled = new RuleCompiler(
                        workplace.workspace().datasets(),
                        shapes,
                        workplace.clock().instant(),
                        problems)
                .compile(rules);
        problems.throwIfErrors();
        Map<String, RuleFacts> facts = new HashMap<>();
        compiled.forEach(rule -> facts.put(rule.id(), RuleFacts.of(rule.rule(), rule.reads())));
        return new Judging(new SparkJudge(workplace.session(), shapes, compiled), facts);
    }

    private List<Planner.Reference> references() {
        List<Planner.Reference> references = new ArrayList<>();
        for (Rule rule : workplace.workspace().rules().rules()) {
            if (rule.constraint() instanceof Constraint.Reference reference && reference.isPlain()) {
                references.add(new Planner.Reference(rule.dataset(), reference.fields(), reference.to()));
            }
        }
        return references;
    }

    // ---- which records

    /** The table of examined records of one dataset of an audit. */
    public Dataset<Row> records(String audit, String dataset) {
        String location = workplace.store().location(AuditFiles.records(workplace.store(), audit, dataset));
        return Records.read(workplace.session(), location);
    }

    private List<Chosen> chosen(
            Selection selection, CatalogState.Audit audit, DatasetSpec dataset, Map<String, Shape> shapes) {
        if (!isPart(dataset, audit)) {
            return List.of();
        }
        Dataset<Row> records =
                records(audit.id(), dataset.name()).where(col("keyTagged").isNotNull());
        Dataset<Row> wanted = !selection.suspects().isEmpty()
                ? Members.of(records, members(selection.suspects(), audit.id(), dataset.name(), Members.SUSPECT))
                : selection.isNamed()
                        ? named(selection, dataset, shapes.get(dataset.name()), records)
                        : accused(selection, audit, dataset, records);
        Map<String, String> acting = acting(selection, audit, dataset);
        List<Chosen> chosen = new ArrayList<>();
        for (Row row : bounded(dataset, wanted)) {
            chosen.add(chosen(row, acting, selection.rules(), audit));
        }
        return selection.where().isEmpty() ? chosen : matching(selection.where(), chosen, dataset, shapes);
    }

    /** Whether the audit was about this dataset. */
    private boolean isPart(DatasetSpec dataset, CatalogState.Audit audit) {
        for (com.fasterxml.jackson.databind.JsonNode one :
                AuditFiles.document(workplace.store(), audit).get("datasets")) {
            if (one.get("name").asText().equals(dataset.name())) {
                return true;
            }
        }
        return false;
    }

    private static Dataset<Row> named(
            Selection selection, DatasetSpec dataset, @Nullable Shape shape, Dataset<Row> records) {
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
    private static void checkKeys(
            Selection selection,
            String audit,
            Collection<Candidate> candidates,
            List<DatasetSpec> datasets,
            Map<String, Shape> shapes) {
        Problems problems = new Problems();
        for (String text : selection.keys()) {
            List<String> holding = datasets.stream()
                    .filter(dataset -> isCandidate(dataset, shapes.get(dataset.name()), text, candidates))
                    .map(DatasetSpec::name)
                    .toList();
            if (holding.isEmpty()) {
                problems.error(
                        null,
                        "audit %s has no record with key '%s' that changed or breaks a rule".formatted(audit, text),
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

    private Dataset<Row> accused(
            Selection selection, CatalogState.Audit audit, DatasetSpec dataset, Dataset<Row> records) {
        Object[] leftAlone = leftAlone().toArray();
        Dataset<Row> broken = records.where(exists(
                col("findings"),
                finding -> finding.getField("code")
                        .notEqual("ERROR")
                        .and(not(finding.getField("rule").isin(leftAlone)))
                        .and(not(finding.getField("accepted")))
                        .and(not(FitsType.is(finding.getField("rule"))))
                        .and(
                                selection.rules().isEmpty()
                                        ? not(finding.getField("preExisting"))
                                        : org.apache.spark.sql.functions.lit(true))));
        Set<String> rules = new LinkedHashSet<>(selection.rules());
        Dataset<Row> wanted = broken;
        if (!rules.isEmpty()) {
            wanted = wanted.where(exists(
                    col("findings"),
                    finding -> not(finding.getField("accepted"))
                            .and(finding.getField("rule").isin(rules.toArray()))));
        }
        if (!selection.incidents().isEmpty()) {
            wanted = Members.of(wanted, members(selection.incidents(), audit.id(), dataset.name(), Members.CORRUPT));
        }
        return wanted;
    }

    /** The changes of the incidents that are planned, as far as a restore may act on one of their rules. */
    private ChangePattern knownChanges(Selection selection, CatalogState.Audit audit, List<DatasetSpec> datasets) {
        Set<String> leftAlone = leftAlone();
        List<com.fasterxml.jackson.databind.JsonNode> planned = incidents(audit.id()).stream()
                .filter(one -> selection.incidents().isEmpty()
                        || selection.incidents().contains(one.get("id").asText()))
                .filter(one -> StreamSupport.stream(one.get("rules").spliterator(), false)
                        .anyMatch(rule -> !leftAlone.contains(rule.asText())))
                .toList();
        KnownChanges known = new KnownChanges(planned);
        for (DatasetSpec dataset : datasets) {
            Set<String> told = known.incidents(dataset.name());
            if (!told.isEmpty()) {
                Dataset<Row> members = members(told, audit.id(), dataset.name(), Members.CORRUPT)
                        .where(col("keyTagged").isNotNull())
                        .select("keyTagged", "incident");
                for (Row row : bounded(dataset, members)) {
                    known.add(dataset.name(), JsonValues.untaggedKey(read(row.getString(0))), row.getString(1));
                }
            }
        }
        return known;
    }

    /** What an audit knows of the records of a dataset that are of one of the incidents in that role. */
    Dataset<Row> members(Set<String> incidents, String audit, String dataset, String role) {
        return workplace
                .members(audit, dataset)
                .where(col("incident").isin(incidents.toArray()).and(col("role").equalTo(role)));
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
    private Map<String, String> acting(Selection selection, CatalogState.Audit audit, DatasetSpec dataset) {
        Set<String> selected = new TreeSet<>(selection.rules());
        if (!selection.incidents().isEmpty()) {
            for (var incident : incidents(audit.id())) {
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

    /** All of them, in the order of their keys; refused if they are more than one plan is for. */
    private static List<Row> bounded(DatasetSpec dataset, Dataset<Row> wanted) {
        List<Row> rows = wanted.orderBy("keyTagged").limit(MOST_RECORDS + 1).collectAsList();
        if (rows.size() > MOST_RECORDS) {
            throw new Refusal(
                    "more than %,d records of dataset '%s' are selected, and a plan is for no more; nothing was planned"
                            .formatted(MOST_RECORDS, dataset.name()),
                    "Select fewer with --incident, --rule, --key or --where, or restore the dataset as a whole.");
        }
        return rows;
    }

    /** The incidents of an audit, as its document has them. */
    public List<com.fasterxml.jackson.databind.JsonNode> incidents(String audit) {
        List<com.fasterxml.jackson.databind.JsonNode> incidents = new ArrayList<>();
        document(audit).get("incidents").forEach(incidents::add);
        return incidents;
    }

    private ObjectNode document(String audit) {
        CatalogState.Audit found = workplace
                .catalog()
                .state()
                .audit(audit)
                .orElseThrow(() -> new IllegalStateException("the catalog has told of audit " + audit));
        return AuditFiles.document(workplace.store(), found);
    }

    /** @param named rules of which what was broken before is to be put back as well */
    private static Chosen chosen(Row row, Map<String, String> acting, Set<String> named, CatalogState.Audit audit) {
        List<Candidate.Accusation> accusations = new ArrayList<>();
        for (Row finding : row.<Row>getList(row.fieldIndex("findings"))) {
            String rule = finding.getAs("rule");
            // What is accepted is no fault, and what was broken before is no part of what an incident did.
            boolean isMeant = !finding.<Boolean>getAs("accepted")
                    && (!finding.<Boolean>getAs("preExisting") || named.contains(rule));
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
        return new Chosen(key, accusations, after == null, shared, image(row.getAs("beforeImage")), after);
    }

    private static JsonNode read(String json) {
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
        Judge judge = judging(shapes, List.of(condition)).judge();
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

    // ---- their past

    private List<Candidate> candidates(
            Selection selection,
            CatalogState.Audit audit,
            DatasetSpec dataset,
            List<Chosen> chosen,
            Map<String, Frame> live,
            Target target,
            CatalogState state,
            Set<String> used) {
        Frame frame = java.util.Objects.requireNonNull(live.get(dataset.name()));
        List<Key> keys = chosen.stream().map(Chosen::key).toList();
        Map<Key, Target.Seen> seen = seen(target, keys);
        Map<Key, History> histories = selection.isNamed()
                ? namedHistories(dataset, chosen, frame, baseline(selection, audit, dataset, state), used)
                : accusedHistories(dataset, chosen, live, audit, state, used);
        List<Candidate> candidates = new ArrayList<>();
        Candidate.Named naming = naming(selection);
        Map<Key, Candidate.Named> suspected = suspected(selection, audit, dataset);
        for (Chosen one : chosen) {
            Target.Seen now = java.util.Objects.requireNonNull(seen.get(one.key()));
            History history = java.util.Objects.requireNonNull(histories.get(one.key()));
            if (one.shared()) {
                history = history.marked(History.Mark.DUPLICATE_KEY);
            }
            if (now.erased()) {
                history = history.marked(History.Mark.ERASED);
            }
            if (!fits(history.goodImage(), frame.shape()) || !fits(history.bad(), frame.shape())) {
                history = history.marked(History.Mark.SCHEMA_DRIFT);
            }
            if (!frame.shape().isDocument()) {
                history = history.knowing();
            }
            candidates.add(new Candidate(
                    dataset.name(),
                    one.key(),
                    // A person who names records or fields means just these, whatever rules say.
                    selection.isNamed() ? List.of() : one.accusations(),
                    // A suspect that is new is suspected as such.
                    !selection.suspects().isEmpty() && one.before() == null
                            ? whole(selection)
                            : suspected.getOrDefault(one.key(), naming),
                    now.absent() && one.absent() && isAccused(now.token(), history, audit)
                            ? history.deletedAs(now.token())
                            : history,
                    now));
        }
        return candidates;
    }

    /** Whether a tombstone is of the delete the audit saw: made after the record was last captured, and before the audit. */
    private static boolean isAccused(String tombstone, History history, CatalogState.Audit audit) {
        History.Good good = history.good();
        try {
            Instant at = Instant.parse(tombstone.substring(tombstone.lastIndexOf(' ') + 1));
            return good != null && at.isAfter(good.at()) && !at.isAfter(new SnapshotId(audit.id()).at());
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    /** Whether an older record is one that live could hold. */
    private static boolean fits(@Nullable Image image, Shape today) {
        try {
            if (image != null) {
                today.row(image);
            }
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Candidate.Named naming(Selection selection) {
        if (!selection.isNamed()) {
            return Candidate.Named.NOBODY;
        }
        if (!selection.fields().isEmpty()) {
            return new Candidate.Named.Fields(selection.fields());
        }
        return whole(selection);
    }

    private static Candidate.Named whole(Selection selection) {
        return selection.deleteAdded() ? Candidate.Named.WHOLE_OR_GONE : Candidate.Named.WHOLE;
    }

    /** Of a suspect only what made it one; the rest of it may be somebody's work. */
    private Map<Key, Candidate.Named> suspected(Selection selection, CatalogState.Audit audit, DatasetSpec dataset) {
        Map<Key, Candidate.Named> suspected = new HashMap<>();
        if (selection.suspects().isEmpty() || !selection.fields().isEmpty()) {
            return suspected;
        }
        Dataset<Row> members = members(selection.suspects(), audit.id(), dataset.name(), Members.SUSPECT)
                .where(col("keyTagged").isNotNull())
                .select("keyTagged", "fields");
        for (Row row : bounded(dataset, members)) {
            if (row.isNullAt(1)) {
                throw InvalidInput.of(
                        "audit %s does not say what makes a record a suspect: it is of an earlier version"
                                .formatted(audit.id()),
                        "Run 'lastgood audit' again, and plan from that.");
            }
            Set<FieldPath> paths = new HashSet<>();
            row.<String>getList(1).forEach(path -> paths.add(FieldPath.valueOf(path)));
            suspected.put(
                    JsonValues.untaggedKey(read(row.getString(0))),
                    paths.isEmpty() ? Candidate.Named.WHOLE : new Candidate.Named.Fields(paths));
        }
        return suspected;
    }

    private Map<Key, History> namedHistories(
            DatasetSpec dataset, List<Chosen> chosen, Frame live, Snapshot baseline, Set<String> used) {
        used.add(baseline.id().text());
        Map<Key, List<Chronicle.State>> states = new Chronicle(
                        workplace.session(), workplace.store(), workplace.sources())
                .ofSoundCaptures()
                .states(
                        dataset,
                        live,
                        List.of(baseline),
                        chosen.stream().map(Chosen::key).toList());
        Map<Key, History> histories = new HashMap<>();
        for (Chosen one : chosen) {
            Chronicle.State then =
                    java.util.Objects.requireNonNull(states.get(one.key())).get(0);
            History history = History.of(
                    new History.Good(then.image(), then.snapshot(), then.at()), one.after(), History.Origin.OBSERVED);
            histories.put(one.key(), then.shared() ? history.marked(History.Mark.DUPLICATE_KEY) : history);
        }
        return histories;
    }

    private Map<Key, History> accusedHistories(
            DatasetSpec dataset,
            List<Chosen> chosen,
            Map<String, Frame> live,
            CatalogState.Audit audit,
            CatalogState state,
            Set<String> used) {
        Map<Key, Pasts.Accused> accused = new LinkedHashMap<>();
        for (Chosen one : chosen) {
            Set<String> rules = new TreeSet<>();
            one.accusations().forEach(accusation -> rules.add(accusation.rule()));
            accused.put(one.key(), new Pasts.Accused(rules, one.after() == null));
        }
        Map<Key, Past> pasts = new Pasts(
                        workplace.session(),
                        workplace.workspace(),
                        workplace.store(),
                        workplace.sources(),
                        state,
                        workplace.clock().instant())
                .withImages(dataset, live, audit.baseline().get(dataset.name()), accused);
        Map<Key, History> histories = new HashMap<>();
        for (Chosen one : chosen) {
            Past past = java.util.Objects.requireNonNull(pasts.get(one.key()));
            Stream.of(past.good(), past.without(), past.bad())
                    .flatMap(Stream::ofNullable)
                    .forEach(at -> used.add(at.snapshot()));
            histories.put(one.key(), past.history(one.after()));
        }
        return histories;
    }

    private Map<Key, Target.Seen> seen(Target target, List<Key> keys) {
        Map<Key, Target.Seen> seen = new HashMap<>();
        for (int from = 0; from < keys.size(); from += KEYS_A_READ) {
            seen.putAll(target.read(keys.subList(from, Math.min(keys.size(), from + KEYS_A_READ))));
        }
        return seen;
    }

    private Snapshot baseline(Selection selection, CatalogState.Audit audit, DatasetSpec dataset, CatalogState state) {
        SnapshotId ofAudit = audit.baseline().get(dataset.name());
        if (selection.from().isEmpty() && ofAudit == null) {
            throw InvalidInput.of(
                    "audit %s had no baseline for dataset '%s'".formatted(audit.id(), dataset.name()),
                    "Say which snapshot to restore from with --from.");
        }
        String address = selection.from().isEmpty() && ofAudit != null ? ofAudit.text() : selection.from();
        return workplace.auditJob().baseline(dataset, address, state, new ArrayList<>());
    }

    /** The snapshots a plan takes good images from stay, until the plan has long expired. */
    private void hold(Collection<String> snapshots, CatalogState.Audit audit) {
        List<SnapshotId> ids = snapshots.stream().map(SnapshotId::new).toList();
        Instant until = workplace.clock().instant().plus(expiry()).plus(Duration.ofDays(30));
        if (!ids.isEmpty()) {
            workplace.catalog().append(new Event.Held(ids, Event.Reason.PLAN, until, "plan from audit " + audit.id()));
        }
    }

    // ---- approve, apply, undo

    /** Writes down that a plan may be applied, with what its approver acknowledges. */
    public void approve(String id, Set<String> acknowledged) {
        PlanFiles.Stored plan = PlanFiles.read(workplace.store(), resolve(id));
        Instant expires = plan.plan().header().expiresAt();
        CatalogState state = workplace.catalog().state();
        // What was begun in time may be taken back later, and that may want an acknowledgement.
        if (!workplace.clock().instant().isBefore(expires)
                && state.run(plan.id()).isEmpty()) {
            throw new Refusal(
                    "plan %s expired at %s; nothing was approved".formatted(plan.id(), expires),
                    "Make the plan again on live as it is now.");
        }
        checkAcknowledged(plan, acknowledged);
        requireNoKeys();
        String author = plan.plan().header().author();
        if (workplace.workspace().approval().by() == Approval.By.SOMEONE_ELSE && author.equals(workplace.by())) {
            throw new Refusal(
                    "plan %s was made by %s, and somebody else must approve it; nothing was approved"
                            .formatted(plan.id(), author),
                    "Ask a colleague to run 'lastgood restore approve %s'.".formatted(plan.id()));
        }
        ObjectNode approval = JsonNodeFactory.instance.objectNode();
        approval.put("formatVersion", 1).put("plan", plan.id()).put("digest", plan.digest());
        approval.put("by", workplace.by()).put("authenticated", false);
        approval.put("at", workplace.clock().instant().toString());
        new TreeSet<>(acknowledged).forEach(approval.putArray("acknowledged")::add);
        String name = "plans/" + plan.id() + "/approvals/" + java.util.UUID.randomUUID() + ".json";
        workplace.store().publish(name, JsonValues.write(approval).getBytes(StandardCharsets.UTF_8));
        workplace
                .catalog()
                .append(new Event.Approved(
                        plan.id(),
                        Sha256.parse("sha256:" + plan.digest().replace("sha256:", "")),
                        plan.plan().header().expiresAt(),
                        null));
    }

    /** Who wants signatures is not served by an approval without one. */
    private void requireNoKeys() {
        if (!workplace.workspace().approval().keys().isEmpty()) {
            throw new Refusal(
                    "the workspace wants approvals signed by keys, which this version cannot check; nothing was approved",
                    "Leave 'keys' out of 'approval' to take the operating system's user at its word.");
        }
    }

    /** Nobody acknowledges what a plan does not set off: the name is misspelt. */
    private static void checkAcknowledged(PlanFiles.Stored plan, Set<String> acknowledged) {
        Set<String> known = new TreeSet<>(Set.of(PlanApproval.NO_DELETE_EVIDENCE));
        plan.plan().header().datasets().values().forEach(bound -> known.addAll(bound.consumers()));
        Problems problems = new Problems();
        unknown(acknowledged, known, "plan %s has nothing to acknowledge named".formatted(plan.id()), problems);
        problems.throwIfErrors();
    }

    /** A plan's full id from its beginning. */
    public String resolve(String id) {
        List<String> matching = workplace.catalog().state().plans().stream()
                .map(CatalogState.Plan::id)
                .filter(plan -> plan.startsWith(id))
                .toList();
        if (matching.size() != 1) {
            throw InvalidInput.of(
                    matching.isEmpty()
                            ? "there is no plan '%s'".formatted(id)
                            : "'%s' is the beginning of %d plans".formatted(id, matching.size()),
                    "'lastgood restore plan' makes one and prints its id.");
        }
        return matching.get(0);
    }

    public PlanFiles.Stored stored(String id) {
        return PlanFiles.read(workplace.store(), resolve(id));
    }

    /** Applies an approved plan, or goes on with it. */
    public Receipt apply(String id, Applier.Watch watch) {
        return apply(id, watch, false);
    }

    /** The same, from a process that is known to be no more though this one cannot tell: it would lose its next batch. */
    public Receipt takeOver(String id, Applier.Watch watch) {
        return apply(id, watch, true);
    }

    private Receipt apply(String id, Applier.Watch watch, boolean takesOver) {
        PlanFiles.Stored plan = stored(id);
        Run run = Run.of(plan);
        requireNoKeys();
        checkRules(plan, "nothing was applied");
        return carryOut(run, plan, approval(plan), watch, null, takesOver);
    }

    /** Takes back what the run of a plan has done. */
    public Receipt undo(String id, Applier.Watch watch) {
        return undo(id, watch, false);
    }

    /** The same, from a process that is known to be no more though this one cannot tell. */
    public Receipt undoTakingOver(String id, Applier.Watch watch) {
        return undo(id, watch, true);
    }

    private Receipt undo(String id, Applier.Watch watch, boolean takesOver) {
        PlanFiles.Stored plan = stored(id);
        Run run = Undo.of(plan, Journal.open(workplace.store(), plan.id()));
        return carryOut(run, plan, approval(plan), watch, plan.id(), takesOver);
    }

    /**
     * What came of an export.
     *
     * @param lines of the file, with real values
     * @param effects what writing the records will set off
     */
    public record Exported(Export.Result result, List<String> lines, Set<String> effects) {}

    /**
     * What a plan would write if it were applied now, for somebody else to write. Writes nothing to live, and wants no
     * approval.
     */
    public Exported export(String id, PlanExport.Format format) {
        PlanFiles.Stored plan = stored(id);
        checkRules(plan, "nothing was exported");
        Map<String, String> sources = new HashMap<>();
        for (DatasetSpec dataset :
                workplace.datasets(plan.plan().header().datasets().keySet())) {
            sources.put(dataset.name(), workplace.workspace().source(dataset).name());
        }
        try (Opened opened = new Opened(plan, targets::readable)) {
            Export.Result result = Export.of(plan, opened.site());
            List<String> lines = PlanExport.lines(format, plan.plan().header().mode(), result, opened.targets, sources);
            Set<String> effects = new TreeSet<>(SideEffects.toAcknowledge(
                    plan.plan().header().datasets(),
                    result.items().stream().map(Export.Item::step).toList()));
            // What was added since the plan was made is set off all the same.
            opened.targets.forEach((name, target) -> effects.addAll(SideEffects.undeclared(
                    target.facts(),
                    java.util.Objects.requireNonNull(opened.policies.get(name)).consumers())));
            return new Exported(result, lines, effects);
        }
    }

    private PlanApproval approval(PlanFiles.Stored plan) {
        Set<String> acknowledged = new TreeSet<>();
        String by = "";
        Instant at = Instant.EPOCH;
        for (String name : workplace.store().list("plans/" + plan.id() + "/approvals")) {
            byte[] bytes = workplace
                    .store()
                    .read("plans/" + plan.id() + "/approvals/" + name)
                    .orElseThrow(() -> new IllegalStateException(name + " was listed"));
            var approval = approval(plan.id(), name, bytes);
            if (approval.path("digest").asText().equals(plan.digest())) {
                by = approval.path("by").asText();
                at = Instant.parse(approval.path("at").asText());
                approval.path("acknowledged").forEach(one -> acknowledged.add(one.asText()));
            }
        }
        if (by.isEmpty()) {
            throw new Refusal(
                    "plan %s is not approved; nothing was applied".formatted(plan.id()),
                    "Look at it with 'lastgood restore show %s', then run 'lastgood restore approve %s'."
                            .formatted(plan.id(), plan.id()));
        }
        return new PlanApproval(plan.digest(), by, at, acknowledged);
    }

    private static JsonNode approval(String plan, String name, byte[] bytes) {
        try {
            return JsonValues.MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new Refusal(
                    "an approval of plan %s is not as it was written: approvals/%s is not JSON; nothing was applied"
                            .formatted(plan, name),
                    "Look at the plan with 'lastgood restore show %s', then remove that file and approve again."
                            .formatted(plan));
        }
    }

    /** What the rules of the plan found wrong is wrong no more, or otherwise, if they have changed. */
    private void checkRules(PlanFiles.Stored plan, String nothing) {
        Map<String, String> now = new HashMap<>();
        workplace.workspace().rules().rules().forEach(rule -> now.put(rule.id(), rule.hash()));
        plan.plan().header().rules().forEach((id, hash) -> {
            if (!hash.equals(now.get(id))) {
                throw new Refusal(
                        "rule '%s' is %s plan %s was made; %s"
                                .formatted(
                                        id,
                                        now.containsKey(id) ? "not what it was when" : "gone since",
                                        plan.id(),
                                        nothing),
                        "Make the plan again.");
            }
        });
    }

    private Receipt carryOut(
            Run run,
            PlanFiles.Stored plan,
            PlanApproval approval,
            Applier.Watch watch,
            @Nullable String undoes,
            boolean takesOver) {
        var originals = new FileTargets.StoredOriginals(workplace.store(), "runs/" + plan.id() + "/originals");
        try (Opened opened = new Opened(plan, dataset -> targets.writable(dataset, originals))) {
            Applier.Site site = opened.site();
            String name = Long.toHexString(workplace.random().nextLong());
            Applier.Manner manner = Applier.Manner.of(Owner.process(), name).watched(watch);
            Applier applier = new Applier(run, approval, site, manner);
            applier.check();
            if (undoes != null) {
                Journal applied = Journal.open(workplace.store(), plan.id());
                if (takesOver) {
                    Undo.fenceThoughHeld(applied, manner.owner(), name);
                } else {
                    Undo.fence(applied, manner.owner(), name);
                }
                Run fenced = Undo.of(plan, Journal.open(workplace.store(), plan.id()));
                applier = new Applier(fenced, approval, site, manner);
            }
            if (workplace.catalog().state().run(run.id()).isEmpty()) {
                workplace.catalog().append(new Event.Started(run.id(), plan.id(), undoes));
            }
            Receipt receipt = takesOver ? applier.takeOver() : applier.apply();
            ended(run, receipt);
            return receipt;
        }
    }

    /** The datasets of a plan, opened, with what judges their records. */
    private final class Opened implements AutoCloseable {
        private final Map<String, Target> targets = new TreeMap<>();
        private final Map<String, Policy> policies = new HashMap<>();
        private final Map<String, Shape> shapes = new HashMap<>();

        Opened(PlanFiles.Stored plan, java.util.function.Function<DatasetSpec, Target> opener) {
            try {
                for (String name : plan.plan().header().datasets().keySet()) {
                    DatasetSpec dataset = workplace.datasets(List.of(name)).get(0);
                    targets.put(name, opener.apply(dataset));
                    policies.put(name, Policy.of(dataset));
                    shapes.put(name, workplace.sources().live(dataset).shape());
                }
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        Applier.Site site() {
            List<Rule> rules = workplace.workspace().rules().rules().stream()
                    .filter(rule -> rule.isLocal() && shapes.containsKey(rule.dataset()))
                    .toList();
            Judge judge = judging(shapes, rules).judge();
            return new Applier.Site(
                    workplace.store(), policies, targets, judge, new LiveRelations(workplace), workplace.clock());
        }

        @Override
        public void close() {
            targets.values().forEach(Target::close);
        }
    }

    private void ended(Run run, Receipt receipt) {
        if (workplace
                .catalog()
                .state()
                .run(run.id())
                .filter(one -> one.receipt() != null)
                .isPresent()) {
            return;
        }
        if (receipt.stopped() != null) {
            workplace.catalog().append(new Event.Paused(run.id(), receipt.stopped()));
            return;
        }
        byte[] bytes = JsonValues.write(receipt.json()).getBytes(StandardCharsets.UTF_8);
        Published published = workplace.store().publish("runs/" + run.id() + "/receipt.json", bytes);
        // A process that was killed right after it published its receipt has not told the catalog.
        byte[] kept = published instanceof Published.Lost lost ? lost.existing() : bytes;
        JsonNode told = parsed(kept);
        SortedMap<String, Long> counts = new TreeMap<>();
        for (String state : List.of("done", "noop", "conflict", "failed", "ambiguous", "pending")) {
            counts.put(state, told.path(state).asLong());
        }
        long steps = told.path("steps").asLong();
        boolean isClean = told.path("done").asLong() + told.path("noop").asLong() == steps
                && told.path("verified").asLong() == told.path("done").asLong();
        workplace
                .catalog()
                .append(new Event.Ended(
                        run.id(), isClean ? Event.End.VERIFIED : Event.End.APPLIED, counts, Sha256.of(kept)));
    }

    private static JsonNode parsed(byte[] receipt) {
        try {
            return JsonValues.MAPPER.readTree(new String(receipt, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new Refusal("the receipt of the run is not as it was written: it is not JSON", null);
        }
    }

    // ---- resolve

    /**
     * A step of a run that ended ambiguous.
     *
     * @param settled what a person has said of it; null: nobody has
     */
    public record Open(Doubt doubt, Event.@Nullable Resolved settled) {}

    /** What a person may have found out of a step that ended ambiguous. */
    public enum Outcome {
        /** It was written. */
        WRITTEN,
        /** It was not, and will not be. */
        NOT_WRITTEN
    }

    /** The ambiguous steps of the run of a plan, with what live holds of them now and what has been said of them. */
    public List<Open> open(String id) {
        PlanFiles.Stored plan = stored(id);
        List<Event.Resolved> said = run(plan).resolved();
        try (Opened opened = new Opened(plan, targets::readable)) {
            return Doubt.of(Run.of(plan), opened.site()).stream()
                    .map(doubt -> new Open(
                            doubt,
                            said.stream()
                                    .filter(one -> one.steps()
                                            .contains((long) doubt.step().number()))
                                    .reduce((first, last) -> last)
                                    .orElse(null)))
                    .toList();
        }
    }

    private CatalogState.Run run(PlanFiles.Stored plan) {
        return workplace
                .catalog()
                .state()
                .run(plan.id())
                .orElseThrow(() -> InvalidInput.of(
                        "plan %s has not been applied".formatted(plan.id()),
                        "'lastgood restore apply %s' applies it.".formatted(plan.id())));
    }

    /**
     * Writes down what a person has found out of ambiguous steps.
     *
     * @param steps by number
     * @throws InvalidInput if one of them is not ambiguous
     */
    public void resolve(String id, Collection<Integer> steps, Outcome outcome, String note) {
        PlanFiles.Stored plan = stored(id);
        Set<String> known = new TreeSet<>();
        open(id).forEach(one -> known.add(Integer.toString(one.doubt().step().number())));
        Problems problems = new Problems();
        Set<String> named = new TreeSet<>();
        steps.forEach(step -> named.add(Integer.toString(step)));
        unknown(named, known, "run %s has no ambiguous step".formatted(plan.id()), problems);
        problems.throwIfErrors();
        workplace
                .catalog()
                .append(new Event.Resolved(
                        plan.id(),
                        new TreeSet<>(steps).stream().map(Integer::longValue).toList(),
                        outcome.name().toLowerCase(Locale.ROOT),
                        note));
    }

    /** What {@code restore plan --json} prints. */
    public static ObjectNode json(PlanFiles.Stored stored) {
        Plan plan = stored.plan();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("formatVersion", 1).put("plan", stored.id()).put("digest", stored.digest());
        node.putObject("steps")
                .put("insert", plan.count(dev.lastgood.restore.Action.INSERT))
                .put("update", plan.count(dev.lastgood.restore.Action.UPDATE))
                .put("delete", plan.count(dev.lastgood.restore.Action.DELETE));
        ObjectNode conflicts = node.putObject("conflicts");
        plan.conflictCounts().forEach((type, count) -> conflicts.put(type.name(), count));
        node.put("heldBack", plan.heldBack().size());
        node.put("unrecoverable", plan.unrecoverable().size());
        node.put("healed", plan.healed());
        node.put("records", plan.steps().size());
        node.put("fields", plan.fieldCount());
        node.putObject("good")
                .put("proved", plan.count(dev.lastgood.restore.Proof.PROVED))
                .put("asOf", plan.count(dev.lastgood.restore.Proof.AS_OF));
        node.put("insertsWithoutEvidence", plan.insertsWithoutEvidence());
        node.put("expires", plan.header().expiresAt().toString());
        return node;
    }
}
