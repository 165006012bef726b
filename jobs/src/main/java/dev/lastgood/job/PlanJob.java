package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.incident.Chronicle;
import dev.lastgood.incident.Members;
import dev.lastgood.incident.Past;
import dev.lastgood.incident.Pasts;
import dev.lastgood.job.Choosing.Chosen;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Refusal;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.restore.Candidate;
import dev.lastgood.restore.ChangePattern;
import dev.lastgood.restore.Decision;
import dev.lastgood.restore.DecisionsReader;
import dev.lastgood.restore.History;
import dev.lastgood.restore.Plan;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Planner;
import dev.lastgood.restore.Policy;
import dev.lastgood.restore.Relations;
import dev.lastgood.restore.SideEffects;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.RestorePolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Plans a restore from an audit. */
public final class PlanJob {
    private static final int KEYS_A_READ = 500;

    private final Workplace workplace;
    private final Targets targets;
    private final Audits audits;

    public PlanJob(Workplace workplace) {
        this.workplace = workplace;
        this.targets = new Targets(workplace);
        this.audits = new Audits(workplace);
    }

    /** Makes the plan and stores it. Throws {@link Refusal} if it would exceed a limit of the workspace. */
    public PlanFiles.Stored plan(Selection selection) {
        CatalogState state = workplace.catalog().state();
        CatalogState.Audit audit = Audits.audit(selection.audit(), state);
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
        Judging judging =
                Judging.of(workplace, shapes, workplace.workspace().rules().rules());
        Map<String, Long> sizes = audits.sizes(audit);
        LaterImages later = new LaterImages(workplace, state, judging.judge());
        List<Candidate> candidates = new ArrayList<>();
        Map<String, Planner.Dataset> bound = new HashMap<>();
        Set<String> used = new TreeSet<>();
        Choosing choosing = new Choosing(workplace, selection, audit);
        List<Chosen> all = new ArrayList<>();
        for (DatasetSpec dataset : datasets) {
            List<Chosen> chosen = choosing.chosen(dataset, shapes);
            if (chosen.isEmpty()) {
                continue;
            }
            all.addAll(chosen);
            try (Target target = targets.readable(dataset)) {
                candidates.addAll(
                        candidates(selection, false, audit, dataset, chosen, live, target, state, used, later));
                bound.put(dataset.name(), bound(dataset, target, sizes));
            }
        }
        if (selection.where().isEmpty()) {
            choosing.checkKeys(candidates, datasets, shapes);
        }
        if (candidates.isEmpty()) {
            throw InvalidInput.of(
                    "the selection matches no record of audit %s".formatted(audit.id()),
                    "'lastgood incident list' shows what there is to restore.");
        }
        checkFixed(selection, all);
        Map<Decision, DecisionsReader.Written> decisions = decisions(selection, shapes);
        Pulling pulling = new Pulling(selection, audit, live, state, used, later);
        if (selection.terms().parents()) {
            pulling.reach(bound, sizes);
        }
        Simulation simulation = new Simulation(
                workplace, live, new LiveRelations(workplace, live), Simulation.Then.of(workplace, audit, state, live));
        Planner planner = new Planner(
                judging.judge(),
                simulation,
                // Who names records and fields means just these.
                selection.isNamed() || !selection.rules().isEmpty()
                        ? ChangePattern.UNKNOWN
                        : choosing.knownChanges(datasets),
                selection.terms().parents() ? pulling : Planner.Parents.NONE);
        Planner.Planned planned = planner.planned(new Planner.Request(
                workplace.workspace().name(),
                workplace.by(),
                workplace.clock().instant(),
                expiry(),
                selection.mode(),
                candidates,
                List.copyOf(decisions.keySet()),
                judging.facts(),
                bound,
                references()));
        checkUsed(planned.unused(), decisions);
        Plan plan = planned.plan().without(new TreeSet<>(later.unread()));
        // A run asks the same rules again, of the same baseline.
        simulation
                .compared()
                .forEach(name -> used.add(
                        Objects.requireNonNull(audit.baseline().get(name)).text()));
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

    private static Planner.Dataset bound(DatasetSpec dataset, Target target, Map<String, Long> sizes) {
        Long size = sizes.get(dataset.name());
        return new Planner.Dataset(
                Policy.of(dataset),
                target.identity(),
                target.schema(),
                SideEffects.undeclared(target.facts(), dataset.restore().consumers()),
                size == null ? OptionalLong.empty() : OptionalLong.of(size),
                target.store());
    }

    /** While a bug still writes, whatever is repaired is broken again. What does not say when it was written could be of then. */
    private static void checkFixed(Selection selection, List<Chosen> chosen) {
        Instant fixed = selection.terms().fixed();
        if (fixed == null) {
            return;
        }
        if (selection.isNamed()
                || selection.terms().since() != null
                || selection.terms().until() != null
                || !selection.where().isEmpty()) {
            throw InvalidInput.of(
                    "--fixed looks at all that rules accuse, not at records that are named or a part of them",
                    "Leave out --key, --changed, --suspects, --where, --since and --until.");
        }
        long unknown = chosen.stream()
                .filter(one -> one.absent() || one.changedAt() == null)
                .count();
        if (unknown > 0) {
            throw new Refusal(
                    "of %,d of the damaged records it is not known when that was done, for they are gone or say no time; no plan was made"
                            .formatted(unknown),
                    "Leave --fixed out if you know by other means that the bug writes no more.");
        }
        List<Instant> since = chosen.stream()
                .map(one -> Objects.requireNonNull(one.changedAt()))
                .filter(at -> !at.isBefore(fixed))
                .sorted()
                .toList();
        if (!since.isEmpty()) {
            throw new Refusal(
                    "%,d of the damaged records were last written at %s or after it, the latest at %s: the bug may write still; no plan was made"
                            .formatted(since.size(), fixed, since.get(since.size() - 1)),
                    "Stop what writes them, then run 'lastgood audit' and plan again; leave --fixed out if somebody"
                            + " else has written them.");
        }
    }

    /** What people have decided, with where it stands. */
    private Map<Decision, DecisionsReader.Written> decisions(Selection selection, Map<String, Shape> shapes) {
        Map<Decision, DecisionsReader.Written> decisions = new LinkedHashMap<>();
        SourceFile file = selection.terms().decisions();
        if (file == null) {
            return decisions;
        }
        Problems problems = new Problems();
        for (DecisionsReader.Written written : DecisionsReader.read(file, problems)) {
            Optional<DatasetSpec> dataset = Optional.ofNullable(written.dataset())
                    .flatMap(name -> workplace.workspace().dataset(name));
            Optional<Key> key = dataset.flatMap(of -> Optional.ofNullable(written.key())
                    .flatMap(values -> Keys.read(of, Objects.requireNonNull(shapes.get(of.name())), values)));
            if (written.dataset() != null && dataset.isEmpty()) {
                Set<String> names = shapes.keySet();
                problems.error(
                        written.place(),
                        "there is no dataset '%s'".formatted(written.dataset()),
                        Suggestions.nearest(written.dataset(), names)
                                .map("Did you mean '%s'?"::formatted)
                                .orElse("There is: " + String.join(", ", new TreeSet<>(names)) + "."));
            } else if (written.key() != null && key.isEmpty()) {
                problems.error(
                        written.place(),
                        "this is no key of dataset '%s'".formatted(written.dataset()),
                        Keys.hint(
                                dataset.orElseThrow(),
                                Objects.requireNonNull(
                                        shapes.get(dataset.orElseThrow().name()))));
            } else {
                Decision decision = new Decision(
                        written.type(),
                        written.dataset(),
                        key.orElse(null),
                        written.path(),
                        written.take(),
                        written.by(),
                        written.why());
                DecisionsReader.Written twin = decisions.keySet().stream()
                        .filter(one -> one.type() == decision.type()
                                && Objects.equals(one.dataset(), decision.dataset())
                                && Objects.equals(one.key(), decision.key())
                                && Objects.equals(one.path(), decision.path()))
                        .findFirst()
                        .map(decisions::get)
                        .orElse(null);
                if (twin != null) {
                    problems.error(
                            written.place(), "this is decided twice", "It stands first at %s.".formatted(twin.place()));
                }
                decisions.put(decision, written);
            }
        }
        problems.throwIfErrors();
        return decisions;
    }

    /** A decision that settles nothing is about something else than its author thinks. */
    private static void checkUsed(List<Decision> unused, Map<Decision, DecisionsReader.Written> decisions) {
        Problems problems = new Problems();
        for (Decision decision : unused) {
            problems.error(
                    Objects.requireNonNull(decisions.get(decision)).place(),
                    "this decides nothing: the plan has no such conflict"
                            + (decision.take() == Decision.Take.GOOD ? ", or not one that could be decided alone" : ""),
                    "'lastgood restore show PLAN --decisions FILE' writes a file with the conflicts of a plan.");
        }
        problems.throwIfErrors();
    }

    /** Brings back what others refer to. */
    private final class Pulling implements Planner.Parents {
        private final Selection selection;
        private final CatalogState.Audit audit;
        private final Map<String, Frame> live;
        private final CatalogState state;
        private final Set<String> used;
        private final LaterImages later;
        private final Map<String, DatasetSpec> reached = new LinkedHashMap<>();

        Pulling(
                Selection selection,
                CatalogState.Audit audit,
                Map<String, Frame> live,
                CatalogState state,
                Set<String> used,
                LaterImages later) {
            this.selection = selection;
            this.audit = audit;
            this.live = live;
            this.state = state;
            this.used = used;
            this.later = later;
        }

        /** The datasets that can be brought back to, by way of rules that are acted on, from those of the plan. */
        List<DatasetSpec> parents() {
            return List.copyOf(reached.values());
        }

        /** Opens what the plan's datasets lead to, and those lead to; what cannot be written, or read now, is not gone into. */
        void reach(Map<String, Planner.Dataset> bound, Map<String, Long> sizes) {
            ArrayDeque<String> open = new ArrayDeque<>(bound.keySet());
            while (!open.isEmpty()) {
                String child = open.pop();
                for (Rule rule : workplace.workspace().rules().rules()) {
                    if (rule.restore()
                            && rule.dataset().equals(child)
                            && rule.constraint() instanceof Constraint.Reference reference
                            && !reached.containsKey(reference.to())
                            && isBound(reference.to(), bound, sizes)) {
                        reached.put(
                                reference.to(),
                                workplace.workspace().dataset(reference.to()).orElseThrow());
                        open.push(reference.to());
                    }
                }
            }
        }

        private boolean isBound(String name, Map<String, Planner.Dataset> bound, Map<String, Long> sizes) {
            DatasetSpec dataset = workplace.workspace().dataset(name).orElseThrow();
            if (!dataset.hasKey()
                    || dataset.restore().write() == RestorePolicy.Write.EXPORT_ONLY
                    || !hasPast(dataset)) {
                return false;
            }
            if (!bound.containsKey(name)) {
                try (Target target = targets.readable(dataset)) {
                    bound.put(name, bound(dataset, target, sizes));
                } catch (Refusal | InvalidInput | TargetUnavailable e) {
                    return false;
                }
            }
            return true;
        }

        private boolean hasPast(DatasetSpec dataset) {
            if (selection.from().isEmpty()) {
                return audit.baseline().containsKey(dataset.name());
            }
            try {
                return state.resolve(dataset.name(), selection.from()).id() != null;
            } catch (InvalidInput | Refusal e) {
                return false;
            }
        }

        @Override
        public List<Candidate> of(Collection<Relations.Missing> missing) {
            List<Candidate> found = new ArrayList<>();
            for (DatasetSpec dataset : parents()) {
                List<Chosen> chosen = missing.stream()
                        .filter(one -> one.dataset().equals(dataset.name()) && isActedOn(one.rule()))
                        .map(one -> new Chosen(
                                one.key(), List.of(Candidate.Accusation.of(one.rule())), true, false, null, null, null))
                        .toList();
                if (!chosen.isEmpty()) {
                    try (Target target = targets.readable(dataset)) {
                        found.addAll(candidates(
                                selection.from().isEmpty() ? Selection.all() : selection,
                                true,
                                audit,
                                dataset,
                                chosen,
                                live,
                                target,
                                state,
                                used,
                                later));
                    }
                }
            }
            found.removeIf(candidate -> candidate.history().goodImage() == null);
            return found;
        }

        private boolean isActedOn(String rule) {
            return workplace.workspace().rules().rules().stream()
                    .anyMatch(one -> one.id().equals(rule) && one.restore());
        }
    }

    private void checkNames(Selection selection, CatalogState.Audit audit) {
        Problems problems = new Problems();
        Set<String> named = new TreeSet<>(selection.incidents());
        named.addAll(selection.suspects());
        if (!named.isEmpty()) {
            Set<String> known = new TreeSet<>();
            audits.incidents(audit.id())
                    .forEach(incident -> known.add(incident.get("id").asText()));
            Suggestions.refuseUnknown(named, known, "audit %s has no incident".formatted(audit.id()), problems);
        }
        Set<String> rules = new TreeSet<>();
        workplace.workspace().rules().rules().forEach(rule -> rules.add(rule.id()));
        Suggestions.refuseUnknown(selection.rules(), rules, "there is no rule", problems);
        problems.throwIfErrors();
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
                            Objects.requireNonNull(shapes.get(dataset.name())).view(),
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

    private Duration expiry() {
        return workplace.workspace().approval().expires();
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

    /** @param pulled whether the records are not chosen, but referred to by what is */
    private List<Candidate> candidates(
            Selection selection,
            boolean pulled,
            CatalogState.Audit audit,
            DatasetSpec dataset,
            List<Chosen> chosen,
            Map<String, Frame> live,
            Target target,
            CatalogState state,
            Set<String> used,
            LaterImages later) {
        Frame frame = Objects.requireNonNull(live.get(dataset.name()));
        List<Key> keys = chosen.stream().map(Chosen::key).toList();
        Map<Key, Target.Seen> seen = seen(target, keys);
        Map<Key, History> histories = selection.isNamed()
                ? namedHistories(dataset, chosen, frame, baseline(selection, audit, dataset, state), used)
                : accusedHistories(dataset, chosen, live, audit, state, used, later);
        List<Candidate> candidates = new ArrayList<>();
        boolean named = selection.isNamed() && !pulled;
        Candidate.Named naming = named ? naming(selection) : Candidate.Named.NOBODY;
        Map<Key, Candidate.Named> suspected = pulled ? Map.of() : suspected(selection, audit, dataset);
        for (Chosen one : chosen) {
            Target.Seen now = Objects.requireNonNull(seen.get(one.key()));
            History history = Objects.requireNonNull(histories.get(one.key()));
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
                    named ? List.of() : one.accusations(),
                    // A suspect that is new is suspected as such.
                    named && !selection.suspects().isEmpty() && one.before() == null
                            ? whole(selection)
                            : suspected.getOrDefault(one.key(), naming),
                    now.absent() && one.absent() ? deleted(now.token(), history, audit) : history,
                    now));
        }
        return candidates;
    }

    /**
     * With what a tombstone says: it is of the delete the audit saw if it was made after the record was last captured, and
     * before the audit. One made later is of another delete, which nothing accuses.
     */
    private static History deleted(String tombstone, History history, CatalogState.Audit audit) {
        History.Good good = history.good();
        try {
            Instant at = Instant.parse(tombstone.substring(tombstone.lastIndexOf(' ') + 1));
            if (at.isAfter(new SnapshotId(audit.id()).at())) {
                return history.marked(History.Mark.DELETED_SINCE);
            }
            return good != null && at.isAfter(good.at()) ? history.deletedAs(tombstone) : history;
        } catch (DateTimeParseException e) {
            return history;
        }
    }

    /** Whether an older record is one that live could hold. */
    static boolean fits(@Nullable Image image, Shape today) {
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
        Dataset<Row> members = audits.members(selection.suspects(), audit.id(), dataset.name(), Members.SUSPECT)
                .where(col("keyTagged").isNotNull())
                .select("keyTagged", "fields");
        for (Row row : Audits.bounded(dataset, members)) {
            if (row.isNullAt(1)) {
                throw InvalidInput.of(
                        "audit %s does not say what makes a record a suspect: it is of an earlier version"
                                .formatted(audit.id()),
                        "Run 'lastgood audit' again, and plan from that.");
            }
            Set<FieldPath> paths = new HashSet<>();
            row.<String>getList(1).forEach(path -> paths.add(FieldPath.valueOf(path)));
            suspected.put(
                    JsonValues.untaggedKey(Choosing.read(row.getString(0))),
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
            Chronicle.State then = Objects.requireNonNull(states.get(one.key())).get(0);
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
            Set<String> used,
            LaterImages later) {
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
        Map<Key, LaterImages.Span> spans = new HashMap<>();
        pasts.forEach((key, past) -> {
            Past.At good = past.good();
            Image image = past.goodImage();
            if (good != null && image != null) {
                Past.At bad = past.bad();
                Set<String> rules = Objects.requireNonNull(accused.get(key)).rules();
                spans.put(key, new LaterImages.Span(image, good.at(), bad == null ? audit.at() : bad.at(), rules));
            }
        });
        Map<Key, List<History.Later>> known =
                later.of(dataset, Objects.requireNonNull(live.get(dataset.name())), spans);
        Map<Key, History> histories = new HashMap<>();
        for (Chosen one : chosen) {
            Past past = Objects.requireNonNull(pasts.get(one.key()));
            Stream.of(past.good(), past.without(), past.bad())
                    .flatMap(Stream::ofNullable)
                    .forEach(at -> used.add(at.snapshot()));
            histories.put(one.key(), past.history(one.after()).since(known.getOrDefault(one.key(), List.of())));
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

    /** The snapshots a plan takes good images from, and those that rules compare with, stay until the plan has long expired. */
    private void hold(Collection<String> snapshots, CatalogState.Audit audit) {
        List<SnapshotId> ids = snapshots.stream().map(SnapshotId::new).toList();
        Instant until = workplace.clock().instant().plus(expiry()).plus(Duration.ofDays(30));
        if (!ids.isEmpty()) {
            workplace.catalog().append(new Event.Held(ids, Event.Reason.PLAN, until, "plan from audit " + audit.id()));
        }
    }
}
