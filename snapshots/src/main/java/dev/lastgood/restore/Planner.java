package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.Differ;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a restore may write. Reads nothing but what it is given and what it asks of its seams, and writes nothing.
 * The same candidates and answers give the same plan.
 */
public final class Planner {
    /** How far parents of parents are followed, and how many records are brought back for others; what is beyond is left out. */
    private static final int DEEPEST = 20;

    private static final int MOST_PARENTS = 20_000;

    private final Judge judge;
    private final Relations relations;
    private final ChangePattern pattern;
    private final Parents parents;

    /** Finds records that others refer to and that are not there, as candidates of their own; those that have a past. */
    public interface Parents {
        List<Candidate> of(Collection<Relations.Missing> missing);

        /** Nothing is brought back but what was asked for. */
        Parents NONE = missing -> List.of();
    }

    /** A planner that asks these. */
    public Planner(Judge judge, Relations relations, ChangePattern pattern, Parents parents) {
        this.judge = judge;
        this.relations = relations;
        this.pattern = pattern;
        this.parents = parents;
    }

    /** A planner that knows no relations and no pattern. */
    public Planner(Judge judge) {
        this(judge, Relations.NONE, ChangePattern.UNKNOWN, Parents.NONE);
    }

    /**
     * What is asked for.
     *
     * @param decisions what people have decided of conflicts
     * @param rules all rules of the datasets concerned, by id
     * @param datasets by name
     * @param references which orders writes: parents before children, deletes the other way
     */
    public record Request(
            String workspace,
            String author,
            Instant now,
            Duration expires,
            Mode mode,
            List<Candidate> candidates,
            List<Decision> decisions,
            Map<String, RuleFacts> rules,
            Map<String, Dataset> datasets,
            List<Reference> references) {
        public Request {
            candidates = List.copyOf(candidates);
            decisions = List.copyOf(decisions);
            rules = Map.copyOf(rules);
            datasets = Map.copyOf(datasets);
            references = List.copyOf(references);
        }
    }

    /**
     * A dataset as it is when planning.
     *
     * @param target its identity
     * @param schema fingerprint of its schema; empty if it has none
     * @param effects what a write sets off and nobody has declared, as {@link SideEffects} names it
     * @param records how many there are, for the limit on the share; empty if it is not known
     * @param store in which it is written in one transaction with others; empty: it is written on its own
     */
    public record Dataset(
            Policy policy, String target, String schema, List<String> effects, OptionalLong records, String store) {
        public Dataset {
            effects = List.copyOf(effects);
        }

        /** A dataset that is written on its own. */
        public Dataset(Policy policy, String target, String schema, List<String> effects, OptionalLong records) {
            this(policy, target, schema, effects, records, "");
        }
    }

    /** Fields of a dataset that name a record of another, or of itself, by its key. */
    public record Reference(String dataset, List<FieldPath> fields, String parent) {
        public Reference {
            fields = List.copyOf(fields);
        }
    }

    /**
     * What came of planning.
     *
     * @param unused decisions that no conflict has asked for
     */
    public record Planned(Plan plan, List<Decision> unused) {
        public Planned {
            unused = List.copyOf(unused);
        }
    }

    /** The plan alone; see {@link #planned}. */
    public Plan plan(Request request) {
        return planned(request).plan();
    }

    /**
     * Makes the plan.
     *
     * @throws Refusal if it would exceed a limit; limits never cut a plan
     */
    public Planned planned(Request request) {
        Work work = new Work(request);
        work.consider(request.candidates());
        do {
            // What is held back may be what others refer to; and what is left out, the only one to need another.
            work.relate();
        } while (work.hold() || work.dropUnneeded());
        work.settle();
        work.limit();
        return new Planned(work.plan(), work.decisions.unused());
    }

    /** A write that may become a step. */
    private record Draft(
            Case source,
            Merge.Result.Write write,
            @Nullable Image desired,
            Step.Evidence evidence,
            Map<String, Ruling> onResult) {
        Draft(Case source, Merge.Result.Write write, @Nullable Image desired, Step.Evidence evidence) {
            this(source, write, desired, evidence, Map.of());
        }

        Draft judged(Map<String, Ruling> onResult) {
            return new Draft(source, write, desired, evidence, onResult);
        }

        Candidate candidate() {
            return source.candidate;
        }

        String dataset() {
            return candidate().dataset();
        }

        Key key() {
            return candidate().key();
        }

        Relations.Laid laid() {
            return new Relations.Laid(dataset(), key(), source.live(), desired);
        }
    }

    private record Id(String dataset, Key key) {}

    private final class Work {
        private final Request request;
        private final SortedMap<String, SortedMap<Key, Draft>> drafts = new TreeMap<>();
        private final Map<Id, Candidate> known = new LinkedHashMap<>();
        private final List<Conflict> conflicts = new ArrayList<>();
        private final List<Plan.HeldBack> heldBack = new ArrayList<>();
        private final List<Plan.Unrecoverable> unrecoverable = new ArrayList<>();
        private final List<Plan.Unattributed> unattributed = new ArrayList<>();
        private final Set<String> snapshots = new TreeSet<>();
        private final Map<Id, String> groups = new HashMap<>();
        private final Decisions decisions;
        private long healed;
        private long untouched;
        private final Set<Id> pulled = new HashSet<>();
        /** By whom a record was brought back. */
        private final Map<Id, Set<Id>> needs = new HashMap<>();
        /** Conflicts of a record that are decided for the good image. */
        private final Map<Id, List<Conflict>> settled = new LinkedHashMap<>();

        Work(Request request) {
            this.request = request;
            this.decisions = new Decisions(request.decisions());
        }

        void consider(Collection<Candidate> candidates) {
            SortedMap<String, SortedMap<Key, Candidate>> byDataset = new TreeMap<>();
            for (Candidate candidate : candidates) {
                if (known.putIfAbsent(new Id(candidate.dataset(), candidate.key()), candidate) != null) {
                    throw new IllegalArgumentException(
                            "two candidates for %s, %s".formatted(candidate.dataset(), candidate.key()));
                }
                byDataset
                        .computeIfAbsent(candidate.dataset(), any -> new TreeMap<>())
                        .put(candidate.key(), candidate);
            }
            byDataset.forEach((dataset, sorted) -> consider(dataset, List.copyOf(sorted.values())));
        }

        private void consider(String dataset, List<Candidate> candidates) {
            List<Candidate> open = new ArrayList<>();
            for (Candidate candidate : candidates) {
                Optional<History.Mark> obstacle = candidate.live().isSeveral()
                        ? Optional.of(History.Mark.DUPLICATE_KEY)
                        : candidate.history().obstacle();
                if (obstacle.isEmpty()) {
                    open.add(candidate);
                } else {
                    History.Mark mark = obstacle.get();
                    conflict(candidate, mark.conflict().orElseThrow(), null, mark.explanation());
                }
            }
            List<Case> cases = judged(dataset, open);
            new DamagedFields(judge, pattern).decide(dataset, cases);
            List<Draft> merged = new ArrayList<>();
            for (Case one : cases) {
                merge(one).ifPresent(merged::add);
            }
            safe(dataset, merged)
                    .forEach(draft -> drafts.computeIfAbsent(dataset, any -> new TreeMap<>())
                            .put(draft.key(), draft));
        }

        /** What the local rules say of the good, the bad and the live image, in one question. */
        private List<Case> judged(String dataset, List<Candidate> candidates) {
            Policy policy = dataset(dataset).policy();
            Questions questions = new Questions();
            record Asked(Candidate candidate, int good, int bad, int live) {}
            List<Asked> asked = new ArrayList<>();
            for (Candidate candidate : candidates) {
                Image good = candidate.history().goodImage();
                asked.add(new Asked(
                        candidate,
                        good == null ? Questions.NONE : questions.ask(good, good),
                        questions.ask(good, candidate.history().bad()),
                        questions.ask(good, candidate.live().image())));
            }
            questions.answer(dataset);
            return asked.stream()
                    .map(one -> new Case(
                            one.candidate(),
                            policy,
                            accusing(one.candidate()),
                            questions.rulings(one.good()),
                            questions.rulings(one.bad()),
                            questions.rulings(one.live())))
                    .toList();
        }

        private final class Questions {
            static final int NONE = -1;
            private final List<Judge.Pair> pairs = new ArrayList<>();
            private List<Map<String, Ruling>> answers = List.of();

            int ask(@Nullable Image before, @Nullable Image record) {
                if (before == null && record == null) {
                    return NONE;
                }
                pairs.add(new Judge.Pair(before, record));
                return pairs.size() - 1;
            }

            void answer(String dataset) {
                answers = pairs.isEmpty() ? List.of() : judge.judge(dataset, pairs);
                if (answers.size() != pairs.size()) {
                    throw new IllegalStateException(
                            "%d answers to %d questions".formatted(answers.size(), pairs.size()));
                }
            }

            Map<String, Ruling> rulings(int question) {
                return question == NONE ? Map.of() : answers.get(question);
            }
        }

        private List<RuleFacts> accusing(Candidate candidate) {
            return candidate.accusations().stream()
                    .map(accusation -> {
                        RuleFacts rule = request.rules().get(accusation.rule());
                        if (rule == null) {
                            throw new IllegalArgumentException("no facts of rule " + accusation.rule());
                        }
                        return rule;
                    })
                    .distinct()
                    .toList();
        }

        private Dataset dataset(String name) {
            Dataset dataset = request.datasets().get(name);
            if (dataset == null) {
                throw new IllegalArgumentException("nothing is known of dataset " + name);
            }
            return dataset;
        }

        private void conflict(Candidate candidate, Conflict.Type type, @Nullable FieldPath path, String explanation) {
            conflict(new Conflict(type, candidate.dataset(), candidate.key(), path, explanation));
        }

        private void conflict(Conflict conflict) {
            if (decisions.isFor(conflict, Decision.Take.LIVE)) {
                decisions.settle(conflict);
            } else {
                conflicts.add(conflict);
            }
        }

        private Optional<Draft> merge(Case one) {
            Candidate candidate = one.candidate;
            one.unattributed()
                    .forEach(change ->
                            unattributed.add(new Plan.Unattributed(candidate.dataset(), candidate.key(), change)));
            if (one.isHealed()) {
                healed++;
                return Optional.empty();
            }
            if (one.damage.undecided() != null) {
                conflict(candidate, Conflict.Type.UNSAFE_MERGE, null, one.damage.undecided());
                return Optional.empty();
            }
            Set<FieldPath> places = one.damage.places();
            Merge.Later later = place -> one.later(place).isPresent();
            Merge.Result result = merged(one, one.bad(), one.fault(), places, later);
            List<Merge.Clash> overruled = clashes(result).stream()
                    .filter(clash ->
                            decisions.isFor(conflict(one, clash), Decision.Take.GOOD) && isReachable(one, clash))
                    .toList();
            List<Merge.Clash> settled = overruled;
            Merge.Result again = result;
            while (!settled.isEmpty()) {
                again = overruled(one, settled, places, later);
                // A place stays in conflict if another one that goes with it does.
                List<Merge.Clash> open = clashes(again);
                List<Merge.Clash> alone = settled.stream()
                        .filter(clash -> open.stream().noneMatch(other -> Objects.equals(other.path(), clash.path())))
                        .toList();
                if (alone.size() == settled.size()) {
                    break;
                }
                settled = alone;
                one.overrule(null);
                again = result;
            }
            List<Conflict> decided =
                    settled.stream().map(clash -> conflict(one, clash)).toList();
            Optional<Draft> draft = drafted(one, again);
            if (draft.isEmpty()) {
                // Before groups are held back: what is not written is decided by nobody.
                conflicts.addAll(decided);
            } else if (!decided.isEmpty()) {
                this.settled.put(new Id(candidate.dataset(), candidate.key()), decided);
            }
            return draft;
        }

        /** A decision for the good image counts if that is written; else its conflict is as open as it was. */
        void settle() {
            Set<Id> written = new HashSet<>();
            all().forEach(draft -> written.add(new Id(draft.dataset(), draft.key())));
            settled.forEach((id, decided) -> {
                if (written.contains(id)) {
                    decided.forEach(decisions::settle);
                } else {
                    conflicts.addAll(decided);
                }
            });
        }

        private static boolean isReachable(Case one, Merge.Clash clash) {
            return clash.path() == null
                    || Stream.of(one.bad(), one.live())
                            .allMatch(image -> image != null
                                    && Patch.at(image, clash.path()).reachable());
        }

        private Merge.Result merged(
                Case one, @Nullable Image bad, Merge.Fault fault, Set<FieldPath> places, Merge.Later later) {
            return Merge.merge(
                    new Merge.Images(one.good(), bad, one.live()),
                    fault,
                    places,
                    Coupling.of(rulesOf(one.candidate.dataset()), places),
                    later,
                    one.policy);
        }

        private static List<Merge.Clash> clashes(Merge.Result result) {
            if (result instanceof Merge.Result.Clashed clashed) {
                return clashed.clashes();
            }
            return result instanceof Merge.Result.Write write ? write.clashes() : List.of();
        }

        /** Merges again, with what was decided for the good image as if the damage had left what is live. */
        private Merge.Result overruled(Case one, List<Merge.Clash> clashes, Set<FieldPath> places, Merge.Later later) {
            if (one.live() == null) {
                // It comes back as it was captured, though it is known to have been otherwise since.
                return merged(one, one.bad(), one.fault(), places, Merge.Later.NOTHING);
            }
            Image live = Objects.requireNonNull(one.live());
            Image good = one.good();
            if (good == null || one.bad() == null) {
                // The whole record: it is there again, or was edited since.
                one.overrule(live);
                Set<FieldPath> all = good == null
                        ? places
                        : Differ.units(good, live, one.policy.comparison()).stream()
                                // Of a field that no capture has, nothing is known.
                                .filter(change -> good.field(change.path().root()) != null)
                                .map(FieldChange::path)
                                .filter(path -> !one.policy.isOwn(path))
                                .collect(Collectors.toCollection(TreeSet::new));
                return merged(one, live, good == null ? one.fault() : Merge.Fault.VALUES, all, later);
            }
            Image bad = Objects.requireNonNull(one.bad());
            Set<@Nullable FieldPath> decided =
                    clashes.stream().map(Merge.Clash::path).collect(Collectors.toSet());
            List<FieldChange> moved = new ArrayList<>();
            for (Merge.Clash clash : clashes) {
                FieldPath path = Objects.requireNonNull(clash.path());
                moved.add(new FieldChange(
                        path, Patch.at(bad, path).value(), Patch.at(live, path).value()));
            }
            Image overwritten = Patch.lay(bad, moved, live);
            one.overrule(overwritten);
            return merged(
                    one, overwritten, one.fault(), places, place -> !decided.contains(place) && later.isKnown(place));
        }

        private List<RuleFacts> rulesOf(String dataset) {
            return request.rules().values().stream()
                    .filter(rule -> rule.dataset().equals(dataset))
                    .toList();
        }

        private Optional<Draft> drafted(Case one, Merge.Result result) {
            Candidate candidate = one.candidate;
            if (result instanceof Merge.Result.Keep keep) {
                keep(one, keep.why());
                return Optional.empty();
            }
            if (result instanceof Merge.Result.NoGoodImage) {
                unrecoverable.add(
                        new Plan.Unrecoverable(candidate.dataset(), candidate.key(), one.reasons(), one.live()));
                return Optional.empty();
            }
            if (result instanceof Merge.Result.Clashed clashed) {
                clashed.clashes().forEach(clash -> clashes(one, clash));
                return Optional.empty();
            }
            Merge.Result.Write write = (Merge.Result.Write) result;
            write.clashes().forEach(clash -> clashes(one, clash));
            return draft(one, write);
        }

        /** A value that is of another kind than all captures have it was not only written since: the schema moved on. */
        private void clashes(Case one, Merge.Clash clash) {
            conflict(conflict(one, clash));
        }

        private static Conflict conflict(Case one, Merge.Clash clash) {
            boolean drifted = clash.type() == Conflict.Type.LATER_WRITE
                    && clash.path() != null
                    && isOfAnotherKind(one, clash.path());
            Optional<History.Later> later =
                    clash.type() == Conflict.Type.STALE_GOOD ? one.later(clash.path()) : Optional.empty();
            if (later.isPresent()) {
                return stale(one, clash, later.get());
            }
            return new Conflict(
                    drifted ? Conflict.Type.SCHEMA_DRIFT : clash.type(),
                    one.candidate.dataset(),
                    one.candidate.key(),
                    clash.path(),
                    drifted ? Conflict.Type.SCHEMA_DRIFT.meaning() : clash.explanation(),
                    found(one, clash.path()),
                    null);
        }

        private static Conflict.@Nullable Found found(Case one, @Nullable FieldPath path) {
            return path == null
                    ? null
                    : new Conflict.Found(at(one.good(), path), at(one.bad(), path), at(one.live(), path));
        }

        private static @Nullable Value at(@Nullable Image image, FieldPath path) {
            return image == null ? null : Patch.at(image, path).value();
        }

        private static Conflict stale(Case one, Merge.Clash clash, History.Later later) {
            FieldPath path = clash.path();
            Image good = Objects.requireNonNull(one.good());
            return new Conflict(
                    clash.type(),
                    one.candidate.dataset(),
                    one.candidate.key(),
                    path,
                    "%s, from %s".formatted(clash.explanation(), later.source()),
                    found(one, path),
                    new Conflict.Stale(
                            path == null ? good.object() : Patch.at(good, path).value(),
                            path == null
                                    ? later.image().object()
                                    : Patch.at(later.image(), path).value(),
                            later.source(),
                            later.at()));
        }

        private static boolean isOfAnotherKind(Case one, FieldPath path) {
            Optional<Class<?>> live = kind(one.live(), path);
            Optional<Class<?>> good = kind(one.good(), path);
            Optional<Class<?>> bad = kind(one.bad(), path);
            return live.isPresent()
                    && (good.isPresent() || bad.isPresent())
                    && (good.isEmpty() || !good.equals(live))
                    && (bad.isEmpty() || !bad.equals(live));
        }

        private static Optional<Class<?>> kind(@Nullable Image image, FieldPath path) {
            Value value = image == null ? null : Patch.at(image, path).value();
            return value == null || value.isNull() ? Optional.empty() : Optional.of(value.getClass());
        }

        private void keep(Case one, Merge.Why why) {
            if (why != Merge.Why.NOT_ACCUSED) {
                healed++;
            } else if (one.broken().isEmpty()) {
                untouched++;
            } else {
                conflict(
                        one.candidate,
                        Conflict.Type.UNSAFE_MERGE,
                        null,
                        "no rule says which of the changed fields is wrong");
            }
        }

        private Optional<Draft> draft(Case one, Merge.Result.Write write) {
            Candidate candidate = one.candidate;
            Image live = one.live();
            Image good = one.good();
            Touch touch = new Touch(one.policy, request.now(), null);
            switch (write.action()) {
                case UPDATE:
                    Image desired = touch.updated(Objects.requireNonNull(live), write.fields(), good);
                    return Optional.of(new Draft(one, write, desired, Step.Evidence.NOT_NEEDED));
                case DELETE:
                    return Optional.of(new Draft(one, write, null, Step.Evidence.NOT_NEEDED));
                case INSERT:
                    String tombstone = candidate.live().token();
                    String accused = candidate.history().deletion();
                    if (!accused.isEmpty() && !tombstone.equals(accused)) {
                        conflict(candidate, Conflict.Type.LATER_DELETE, null, Conflict.Type.LATER_DELETE.meaning());
                        return Optional.empty();
                    }
                    Image inserted = touch.inserted(Objects.requireNonNull(good));
                    return Optional.of(new Draft(
                            one,
                            new Merge.Result.Write(Action.INSERT, Merge.wholly(null, inserted), write.clashes()),
                            inserted,
                            accused.isEmpty() ? Step.Evidence.NONE : Step.Evidence.TOMBSTONE));
                default:
                    throw new IllegalStateException(write.action().toString());
            }
        }

        /** Judges what would be written; what is not proven safe becomes a conflict. */
        private List<Draft> safe(String dataset, List<Draft> merged) {
            Questions questions = new Questions();
            List<Integer> asked = merged.stream()
                    .map(draft -> draft.desired() == null
                            ? Questions.NONE
                            : questions.ask(draft.source().good(), draft.desired()))
                    .toList();
            questions.answer(dataset);
            List<Draft> safe = new ArrayList<>();
            for (int i = 0; i < merged.size(); i++) {
                Draft draft = merged.get(i);
                Case one = draft.source();
                Optional<String> objection = draft.desired() == null
                        ? Optional.empty()
                        : Safety.objection(
                                one.brokenLocal().stream().map(RuleFacts::id).toList(),
                                one.onGood,
                                one.onLive,
                                questions.rulings(asked.get(i)));
                if (objection.isPresent()) {
                    conflict(draft.candidate(), Conflict.Type.UNSAFE_MERGE, null, objection.get());
                } else {
                    safe.add(draft.judged(questions.rulings(asked.get(i))));
                }
            }
            return safe;
        }

        /** Leaves out what would clash with other records, and takes in missing parents, until nothing changes. */
        void relate() {
            for (int round = 0; ; round++) {
                List<Draft> all = all();
                List<Relations.Breach> breaches = all.isEmpty()
                        ? List.of()
                        : relations.breaches(all.stream().map(Draft::laid).toList());
                if (breaches.isEmpty()) {
                    return;
                }
                if (round >= DEEPEST || !cure(breaches)) {
                    breaches.forEach(this::leaveOut);
                }
            }
        }

        private List<Draft> all() {
            return drafts.values().stream()
                    .flatMap(byKey -> byKey.values().stream())
                    .toList();
        }

        /** Takes the missing parents into the plan; false if there is none that helps. */
        private boolean cure(List<Relations.Breach> breaches) {
            Map<Id, Relations.Missing> missing = new LinkedHashMap<>();
            for (Relations.Breach breach : breaches) {
                Relations.Missing parent = breach.parent();
                if (parent != null) {
                    needs.computeIfAbsent(new Id(breach.dataset(), breach.key()), any -> new HashSet<>())
                            .add(new Id(parent.dataset(), parent.key()));
                }
                if (parent != null && !known.containsKey(new Id(parent.dataset(), parent.key()))) {
                    missing.putIfAbsent(new Id(parent.dataset(), parent.key()), parent);
                }
            }
            if (missing.isEmpty() || pulled.size() + missing.size() > MOST_PARENTS) {
                return false;
            }
            pulled.addAll(missing.keySet());
            int before = all().size();
            consider(parents.of(missing.values()));
            return all().size() > before;
        }

        private void leaveOut(Relations.Breach breach) {
            SortedMap<Key, Draft> byKey = drafts.get(breach.dataset());
            if (byKey != null && byKey.remove(breach.key()) != null) {
                conflict(new Conflict(breach.type(), breach.dataset(), breach.key(), null, breach.explanation()));
            }
        }

        /** In mode block, a conflict keeps back its whole group. Says whether anything was kept back that was not before. */
        boolean hold() {
            int before = heldBack.size();
            groupRecords();
            Map<String, Conflict> stopped = new HashMap<>();
            conflicts.stream().sorted(CONFLICTS).forEach(conflict -> {
                String group = groups.get(new Id(conflict.dataset(), conflict.key()));
                if (group != null) {
                    stopped.putIfAbsent(group, conflict);
                }
            });
            if (request.mode() == Mode.SKIP) {
                return false;
            }
            for (Draft draft : all()) {
                String group = groups.getOrDefault(new Id(draft.dataset(), draft.key()), "");
                Conflict cause = stopped.get(group);
                if (cause != null) {
                    Objects.requireNonNull(drafts.get(draft.dataset())).remove(draft.key());
                    heldBack.add(new Plan.HeldBack(draft.dataset(), draft.key(), group, cause));
                }
            }
            return heldBack.size() > before;
        }

        /** Records that share a value of any group are one group, which has the name of its first such value. */
        private void groupRecords() {
            Map<String, String> leader = new HashMap<>();
            Map<Id, List<String>> labels = new LinkedHashMap<>();
            List<Candidate> candidates = List.copyOf(known.values());
            for (Candidate candidate : candidates) {
                List<String> mine = labels(candidate);
                if (!mine.isEmpty()) {
                    labels.put(new Id(candidate.dataset(), candidate.key()), mine);
                    mine.forEach(label -> union(leader, mine.get(0), label));
                }
            }
            labels.forEach((id, mine) -> groups.put(id, find(leader, mine.get(0))));
        }

        private List<String> labels(Candidate candidate) {
            Policy policy = dataset(candidate.dataset()).policy();
            Image image = candidate.history().goodImage();
            Image record = image == null ? candidate.live().image() : image;
            if (record == null) {
                return List.of();
            }
            List<String> labels = new ArrayList<>();
            new TreeMap<>(policy.groups()).forEach((name, path) -> {
                Value value = Patch.at(record, path).value();
                if (value != null && !value.isNull()) {
                    labels.add(name + "=" + value);
                }
            });
            return labels;
        }

        private String find(Map<String, String> leader, String label) {
            String up = leader.getOrDefault(label, label);
            return up.equals(label) ? label : find(leader, up);
        }

        private void union(Map<String, String> leader, String a, String b) {
            String x = find(leader, a);
            String y = find(leader, b);
            if (!x.equals(y)) {
                leader.put(x.compareTo(y) < 0 ? y : x, x.compareTo(y) < 0 ? x : y);
            }
        }

        /** What was brought back for others that are left out after all is not brought back. */
        boolean dropUnneeded() {
            if (pulled.isEmpty()) {
                return false;
            }
            int before = all().size();
            Order order = new Order(request.references(), draft -> "");
            Map<String, Map<List<Value>, Draft>> byKey = Order.byKey(all());
            Set<Draft> needed = new HashSet<>();
            java.util.ArrayDeque<Draft> open = new java.util.ArrayDeque<>();
            all().stream()
                    .filter(draft -> !pulled.contains(new Id(draft.dataset(), draft.key())))
                    .forEach(open::add);
            while (!open.isEmpty()) {
                Draft draft = open.pop();
                if (needed.add(draft)) {
                    open.addAll(order.parents(draft, byKey));
                    needs.getOrDefault(new Id(draft.dataset(), draft.key()), Set.of()).stream()
                            .flatMap(id -> Stream.ofNullable(drafts.getOrDefault(id.dataset(), new TreeMap<>())
                                    .get(id.key())))
                            .forEach(open::add);
                }
            }
            for (Draft draft : all()) {
                if (!needed.contains(draft)) {
                    Objects.requireNonNull(drafts.get(draft.dataset())).remove(draft.key());
                }
            }
            return all().size() < before;
        }

        void limit() {
            List<String> exceeded = new ArrayList<>();
            drafts.forEach((name, byKey) -> {
                Dataset dataset = dataset(name);
                var limits = dataset.policy().limits();
                long steps = byKey.size();
                long deletes = byKey.values().stream()
                        .filter(draft -> draft.write().action() == Action.DELETE)
                        .count();
                if (limits.steps() != null && steps > limits.steps()) {
                    exceeded.add("%s: %d steps, and at most %d are allowed".formatted(name, steps, limits.steps()));
                }
                if (limits.deletes() != null && deletes > limits.deletes()) {
                    exceeded.add(
                            "%s: %d deletes, and at most %d are allowed".formatted(name, deletes, limits.deletes()));
                }
                if (limits.share() != null && dataset.records().isEmpty() && steps > 0) {
                    exceeded.add("%s: at most a share of %s of its records is allowed, and how many it has is not known"
                            .formatted(name, limits.share().toPlainString()));
                }
                if (limits.share() != null && dataset.records().isPresent()) {
                    BigDecimal most = limits.share()
                            .multiply(BigDecimal.valueOf(dataset.records().getAsLong()));
                    if (BigDecimal.valueOf(steps).compareTo(most) > 0) {
                        exceeded.add("%s: %d steps in %d records, and at most a share of %s is allowed"
                                .formatted(
                                        name,
                                        steps,
                                        dataset.records().getAsLong(),
                                        limits.share().toPlainString()));
                    }
                }
            });
            if (!exceeded.isEmpty()) {
                throw new Refusal(
                        "the plan would exceed a limit of the workspace: %s; no plan was made"
                                .formatted(String.join("; ", exceeded)),
                        "Select fewer records, or raise restore.limits if a restore of this size is meant.");
            }
        }

        /** A group of a store is locked, judged and written in one transaction, so it cannot be of any size. */
        private void requireSmallGroups(List<Step> steps) {
            List<String> large = Batches.byGroup(
                            steps, dataset -> dataset(dataset).store())
                    .stream()
                    .filter(group -> group.size() > Batches.MOST_OF_GROUP
                            && !dataset(group.get(0).dataset()).store().isEmpty())
                    .map(group -> "%s of %d records".formatted(group.get(0).group(), group.size()))
                    .limit(3)
                    .toList();
            if (!large.isEmpty()) {
                throw new Refusal(
                        "a group is written in one transaction, of at most %d records, and there is %s; no plan was made"
                                .formatted(Batches.MOST_OF_GROUP, String.join(", ", large)),
                        "Declare a narrower 'group' for these datasets, or select fewer records.");
            }
        }

        Plan plan() {
            List<Step> steps = new ArrayList<>();
            Order order = new Order(
                    request.references(), draft -> groups.getOrDefault(new Id(draft.dataset(), draft.key()), ""));
            List<Draft> sorted = order.together(
                    order.sorted(all()), draft -> dataset(draft.dataset()).store());
            for (Draft draft : sorted) {
                steps.add(step(draft, steps.size() + 1));
            }
            requireSmallGroups(steps);
            SortedMap<String, Plan.Bound> bound = new TreeMap<>();
            drafts.forEach((name, byKey) -> {
                if (!byKey.isEmpty()) {
                    Dataset dataset = dataset(name);
                    bound.put(
                            name,
                            new Plan.Bound(
                                    dataset.target(),
                                    dataset.schema(),
                                    dataset.policy().digest(),
                                    Stream.concat(
                                                    dataset.effects().stream(),
                                                    dataset.policy().consumers().stream()
                                                            .map(consumer -> consumer.name()))
                                            .sorted()
                                            .toList()));
                }
            });
            SortedMap<String, String> rules = new TreeMap<>();
            request.rules().forEach((id, rule) -> rules.put(id, rule.hash()));
            return new Plan(
                    new Plan.Header(
                            request.workspace(),
                            request.author(),
                            request.now(),
                            request.now().plus(request.expires()),
                            request.mode(),
                            List.copyOf(snapshots),
                            rules,
                            bound),
                    steps,
                    conflicts.stream().sorted(CONFLICTS).toList(),
                    decisions.decided().stream()
                            .sorted(Comparator.comparing(Plan.Decided::conflict, CONFLICTS))
                            .toList(),
                    heldBack.stream()
                            .sorted(Comparator.comparing(Plan.HeldBack::dataset).thenComparing(Plan.HeldBack::key))
                            .toList(),
                    unrecoverable.stream()
                            .sorted(Comparator.comparing(Plan.Unrecoverable::dataset)
                                    .thenComparing(Plan.Unrecoverable::key))
                            .toList(),
                    unattributed.stream()
                            .sorted(Comparator.comparing(Plan.Unattributed::dataset)
                                    .thenComparing(Plan.Unattributed::key)
                                    .thenComparing(Plan.Unattributed::path))
                            .toList(),
                    simulated(),
                    healed,
                    untouched,
                    List.of());
        }

        /** Local rules that one of the records breaks, and relations over all of live. */
        private List<Simulated> simulated() {
            List<Draft> all = all();
            SortedMap<String, long[]> counts = new TreeMap<>();
            for (Draft draft : all) {
                count(draft.source().onLive, counts, 0);
                count(draft.onResult(), counts, 1);
            }
            List<Simulated> simulated = new ArrayList<>();
            counts.forEach(
                    (rule, count) -> simulated.add(new Simulated(rule, Simulated.Over.PLAN, count[0], count[1])));
            if (!all.isEmpty()) {
                relations.simulated(all.stream().map(Draft::laid).toList()).stream()
                        .sorted(Comparator.comparing(Simulated::rule))
                        .forEach(simulated::add);
            }
            return simulated;
        }

        private static void count(Map<String, Ruling> rulings, SortedMap<String, long[]> counts, int side) {
            rulings.forEach((rule, ruling) -> {
                if (!ruling.isFine()) {
                    counts.computeIfAbsent(rule, any -> new long[2])[side]++;
                }
            });
        }

        private Step step(Draft draft, int number) {
            Case one = draft.source();
            Candidate candidate = draft.candidate();
            Image live = one.live();
            History.Good good = Objects.requireNonNull(candidate.history().good());
            snapshots.add(good.snapshot());
            return new Step(
                    number,
                    candidate.dataset(),
                    candidate.key(),
                    draft.write().action(),
                    draft.write().fields(),
                    one.good(),
                    one.toOverwrite(),
                    one.reasons(),
                    good.snapshot(),
                    good.at(),
                    one.isProved() ? Proof.PROVED : Proof.AS_OF,
                    candidate.history().origin(),
                    candidate.live().token(),
                    live == null ? "" : Canonical.hex(live.object()),
                    draft.evidence(),
                    groups.getOrDefault(new Id(candidate.dataset(), candidate.key()), ""));
        }
    }

    private static final Comparator<Conflict> CONFLICTS = Comparator.comparing(Conflict::dataset)
            .thenComparing(Conflict::key)
            .thenComparing(
                    conflict -> conflict.path() == null ? "" : conflict.path().toString())
            .thenComparing(Conflict::type);

    /** Parents before children; what is deleted comes last, children before parents; groups stay together. */
    private static final class Order {
        private final Map<String, List<Reference>> references = new HashMap<>();
        private final Function<Draft, String> groupOf;

        Order(List<Reference> references, Function<Draft, String> groupOf) {
            this.groupOf = groupOf;
            references.forEach(reference -> this.references
                    .computeIfAbsent(reference.dataset(), any -> new ArrayList<>())
                    .add(reference));
        }

        List<Draft> sorted(List<Draft> drafts) {
            Map<String, Integer> ranks = ranks(drafts);
            Comparator<Draft> order = Comparator.comparing(
                            (Draft draft) -> Objects.requireNonNull(ranks.get(draft.dataset())))
                    .thenComparing(Draft::dataset)
                    .thenComparing(firstOfGroup(drafts))
                    .thenComparing(Draft::key);
            List<Draft> writes = parentsFirst(drafts.stream()
                    .filter(draft -> draft.write().action() != Action.DELETE)
                    .sorted(order)
                    .toList());
            List<Draft> deletes = new ArrayList<>(parentsFirst(drafts.stream()
                    .filter(draft -> draft.write().action() == Action.DELETE)
                    .sorted(order)
                    .toList()));
            java.util.Collections.reverse(deletes);
            List<Draft> sorted = new ArrayList<>(writes);
            sorted.addAll(deletes);
            return sorted;
        }

        /** The least key of a record's group in its dataset; its own if it has no group. */
        private Function<Draft, Key> firstOfGroup(List<Draft> drafts) {
            Map<List<String>, Key> first = new HashMap<>();
            for (Draft draft : drafts) {
                String group = groupOf.apply(draft);
                if (!group.isEmpty()) {
                    first.merge(
                            List.of(draft.dataset(), group),
                            draft.key(),
                            (one, other) -> one.compareTo(other) <= 0 ? one : other);
                }
            }
            return draft -> first.getOrDefault(List.of(draft.dataset(), groupOf.apply(draft)), draft.key());
        }

        /** How many datasets a dataset's longest chain of parents has; datasets in a cycle count once. */
        private Map<String, Integer> ranks(List<Draft> drafts) {
            Map<String, Integer> ranks = new HashMap<>();
            drafts.forEach(draft -> rank(draft.dataset(), ranks, new HashSet<>()));
            return ranks;
        }

        private int rank(String dataset, Map<String, Integer> ranks, Set<String> above) {
            Integer known = ranks.get(dataset);
            if (known != null) {
                return known;
            }
            if (!above.add(dataset)) {
                return 0;
            }
            int rank = 0;
            for (Reference reference : references.getOrDefault(dataset, List.of())) {
                if (!reference.parent().equals(dataset)) {
                    rank = Math.max(rank, 1 + rank(reference.parent(), ranks, above));
                }
            }
            above.remove(dataset);
            ranks.put(dataset, rank);
            return rank;
        }

        static Map<String, Map<List<Value>, Draft>> byKey(Collection<Draft> drafts) {
            Map<String, Map<List<Value>, Draft>> byKey = new HashMap<>();
            drafts.forEach(draft -> byKey.computeIfAbsent(draft.dataset(), any -> new HashMap<>())
                    .put(List.copyOf(draft.key().parts().values()), draft));
            return byKey;
        }

        /** Stable, but for records whose parent in the same plan stands behind them. */
        private List<Draft> parentsFirst(List<Draft> drafts) {
            Map<String, Map<List<Value>, Draft>> byKey = byKey(drafts);
            Set<Draft> placed = new java.util.LinkedHashSet<>();
            Set<Draft> open = new HashSet<>();
            drafts.forEach(draft -> place(draft, byKey, placed, open));
            return List.copyOf(placed);
        }

        private void place(
                Draft start, Map<String, Map<List<Value>, Draft>> byKey, Set<Draft> placed, Set<Draft> open) {
            java.util.ArrayDeque<Draft> path = new java.util.ArrayDeque<>(List.of(start));
            while (!path.isEmpty()) {
                Draft draft = path.peek();
                open.add(draft);
                Optional<Draft> parent = parents(draft, byKey).stream()
                        .filter(other -> !placed.contains(other) && !open.contains(other))
                        .findFirst();
                if (parent.isPresent()) {
                    path.push(parent.get());
                } else {
                    placed.add(draft);
                    path.pop();
                }
            }
        }

        /**
         * The same with the groups of a store with transactions together, over all its datasets. A group comes after what its
         * records need to be written before: parents they are to name, and children that name what it deletes.
         */
        List<Draft> together(List<Draft> sorted, Function<Draft, String> storeOf) {
            Map<Draft, List<Draft>> groups = groups(sorted, storeOf);
            if (areNeighbours(sorted, groups)) {
                return sorted;
            }
            Map<Draft, List<Draft>> needs = needs(sorted);
            List<Draft> placed = place(sorted, groups, needs);
            // Groups that need each other have no order: they are left in that of their records, and so in pieces.
            while (dissolve(placed, groups, needs)) {
                placed = place(sorted, groups, needs);
            }
            return placed;
        }

        /** Dissolves the groups of which one is placed before what it needs of the other; says whether there were any. */
        private static boolean dissolve(
                List<Draft> placed, Map<Draft, List<Draft>> groups, Map<Draft, List<Draft>> needs) {
            Set<Draft> before = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
            Set<Draft> apart = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
            for (Draft draft : placed) {
                List<Draft> group = Objects.requireNonNull(groups.get(draft));
                for (Draft need : needs.getOrDefault(draft, List.of())) {
                    List<Draft> other = Objects.requireNonNull(groups.get(need));
                    if (other != group && !before.contains(need) && group.size() + other.size() > 2) {
                        apart.addAll(group);
                        apart.addAll(other);
                    }
                }
                before.add(draft);
            }
            apart.forEach(draft -> groups.put(draft, List.of(draft)));
            return !apart.isEmpty();
        }

        private static List<Draft> place(
                List<Draft> sorted, Map<Draft, List<Draft>> groups, Map<Draft, List<Draft>> needs) {
            List<Draft> placed = new ArrayList<>();
            Set<List<Draft>> open = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
            for (Draft draft : sorted) {
                java.util.ArrayDeque<List<Draft>> path = new java.util.ArrayDeque<>();
                if (open.add(Objects.requireNonNull(groups.get(draft)))) {
                    path.push(Objects.requireNonNull(groups.get(draft)));
                }
                while (!path.isEmpty()) {
                    Optional<List<Draft>> first = path.peek().stream()
                            .flatMap(one -> needs.getOrDefault(one, List.of()).stream())
                            .map(one -> Objects.requireNonNull(groups.get(one)))
                            .filter(open::add)
                            .findFirst();
                    if (first.isPresent()) {
                        path.push(first.get());
                    } else {
                        placed.addAll(path.pop());
                    }
                }
            }
            return placed;
        }

        private static boolean areNeighbours(List<Draft> sorted, Map<Draft, List<Draft>> groups) {
            int at = 0;
            while (at < sorted.size()) {
                List<Draft> group = Objects.requireNonNull(groups.get(sorted.get(at)));
                for (Draft member : group) {
                    if (at == sorted.size() || !sorted.get(at).equals(member)) {
                        return false;
                    }
                    at++;
                }
            }
            return true;
        }

        /** What is written together with a record, itself among it, in order. */
        private Map<Draft, List<Draft>> groups(List<Draft> sorted, Function<Draft, String> storeOf) {
            Map<List<String>, List<Draft>> byName = new HashMap<>();
            var groups = new java.util.IdentityHashMap<Draft, List<Draft>>();
            for (Draft draft : sorted) {
                String store = storeOf.apply(draft);
                String group = groupOf.apply(draft);
                List<Draft> members = store.isEmpty() || group.isEmpty()
                        ? new ArrayList<>()
                        : byName.computeIfAbsent(List.of(store, group), any -> new ArrayList<>());
                members.add(draft);
                groups.put(draft, members);
            }
            return groups;
        }

        private Map<Draft, List<Draft>> needs(List<Draft> sorted) {
            Map<String, Map<List<Value>, Draft>> byKey = byKey(sorted);
            var needs = new java.util.IdentityHashMap<Draft, List<Draft>>();
            for (Draft draft : sorted) {
                parents(draft, draft.desired(), byKey).stream()
                        .filter(parent -> parent.desired() != null)
                        .forEach(parent -> needs.computeIfAbsent(draft, any -> new ArrayList<>())
                                .add(parent));
                parents(draft, draft.source().live(), byKey).stream()
                        .filter(parent -> parent.desired() == null)
                        .forEach(parent -> needs.computeIfAbsent(parent, any -> new ArrayList<>())
                                .add(draft));
            }
            return needs;
        }

        private List<Draft> parents(Draft draft, Map<String, Map<List<Value>, Draft>> byKey) {
            return parents(draft, draft.desired() == null ? draft.source().live() : draft.desired(), byKey);
        }

        private List<Draft> parents(Draft draft, @Nullable Image image, Map<String, Map<List<Value>, Draft>> byKey) {
            if (image == null) {
                return List.of();
            }
            List<Draft> parents = new ArrayList<>();
            for (Reference reference : references.getOrDefault(draft.dataset(), List.of())) {
                List<Value> key = new ArrayList<>();
                for (FieldPath field : reference.fields()) {
                    Value value = Patch.at(image, field).value();
                    key.add(value == null ? Value.NULL : value);
                }
                Draft parent = byKey.getOrDefault(reference.parent(), Map.of()).get(key);
                if (parent != null) {
                    parents.add(parent);
                }
            }
            return parents;
        }
    }
}
