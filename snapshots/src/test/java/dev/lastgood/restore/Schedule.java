package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.restore.World.Deed;
import dev.lastgood.restore.World.Writer;
import dev.lastgood.snapshot.MemoryStore;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.Trust;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.workspace.RestorePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One simulated incident from capture to undo, made from a seed: an application and a bug that write, captures hours apart,
 * rules that know damage only by its values, and a restore amid crashes, lost answers, requests that land late, refusals,
 * outages, concurrent writers and second appliers. The planner, the applier and the journal are the real ones. An oracle
 * that knows every writer checks what must never happen.
 */
class Schedule {
    static final Set<FieldPath> OWN = Set.of(FieldPath.of("v"), FieldPath.of("by"));

    /** What happened, to see that the simulation reaches what it is about. */
    enum Happening {
        STEPS,
        DONE,
        RECOVERED,
        NOOP,
        CONFLICT,
        FAILED,
        AMBIGUOUS,
        CONFLICTS_PLANNED,
        UNRECOVERABLE,
        CRASHES,
        ANSWERS_LOST,
        REQUESTS_LATE,
        EFFECTS,
        OUTAGES,
        TAKE_OVERS,
        CONCURRENT_WRITES,
        FIELDS_RESTORED,
        GROUPS_WRITTEN,
        SEVERAL_DATASETS_AT_ONCE,
        UNDONE
    }

    /** How often each thing happened. */
    static final class Tally {
        private final Map<Happening, Long> counts = new java.util.EnumMap<>(Happening.class);

        void add(Happening what, long count) {
            counts.merge(what, count, Long::sum);
        }

        synchronized void addAll(Tally other) {
            other.counts.forEach(this::add);
        }

        long count(Happening what) {
            return counts.getOrDefault(what, 0L);
        }

        @Override
        public String toString() {
            return counts.toString();
        }
    }

    /** The process dies. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1;

        Crash() {
            super("crash");
        }
    }

    final Random random;
    final Tally tally = new Tally();
    final World world;
    final MemoryStore disk = new MemoryStore();
    final Scene scene = new Scene();
    final List<Key> keys = new ArrayList<>();
    private final Map<Key, Image> firstCapture = new HashMap<>();
    private final Map<Key, Image> secondCapture = new HashMap<>();
    private final boolean transactional;
    private final boolean bugStays;
    private final List<String> datasets;
    private boolean tookOver;

    private final List<Change> late = new ArrayList<>();
    private final Set<Key> locked = new HashSet<>();
    private double trouble;
    private Writer acting = Writer.RESTORE;
    private String actingRun = "";
    private int deedsBefore;
    private int appliers;
    private int nesting;
    private @Nullable Run current;

    Schedule(long seed) {
        this.random = new Random(seed);
        this.world = new World(random);
        this.datasets = random.nextInt(3) == 0 ? List.of(Scene.ORDERS, "more") : List.of(Scene.ORDERS);
        this.transactional = random.nextInt(datasets.size() > 1 ? 2 : 3) == 0;
        this.bugStays = random.nextInt(25) == 0;
        scene.mode = random.nextBoolean() ? Mode.BLOCK : Mode.SKIP;
        rules();
    }

    /** Everything that was written and planned, to look into a schedule that fails. */
    String story() {
        StringBuilder story = new StringBuilder();
        world.deeds.forEach(deed -> story.append(deed.key())
                .append(' ')
                .append(deed.writer())
                .append(' ')
                .append(World.changedLeaves(deed.before(), deed.after()).stream()
                        .map(leaf -> leaf + "="
                                + (deed.after() == null
                                        ? null
                                        : World.leaves(deed.after()).get(leaf)))
                        .toList())
                .append('\n'));
        if (current != null) {
            current.steps()
                    .forEach(step -> story.append(step)
                            .append(' ')
                            .append(step.action())
                            .append(' ')
                            .append(step.reasons())
                            .append(' ')
                            .append(step.fields().stream()
                                    .map(change -> change.path() + ": " + change.before() + " -> " + change.after())
                                    .toList())
                            .append("\n  good ")
                            .append(step.good())
                            .append("\n  bad  ")
                            .append(step.bad())
                            .append('\n'));
            story.append(Journal.open(disk, current.id()));
        }
        return story.toString();
    }

    private static boolean atLeastZero(@Nullable Value value) {
        return value instanceof Value.Num number && number.value().signum() >= 0;
    }

    private void rules() {
        scene.alone("a_positive", "a", image -> atLeastZero(image.field("a")));
        scene.alone("b_positive", "b", image -> atLeastZero(image.field("b")));
        scene.alone(
                "zip_positive",
                "address.zip",
                image -> image.field("address") instanceof Value.Obj address
                        && atLeastZero(address.fields().get("zip")));
        scene.alone(
                "amounts_positive",
                "lines[].amount",
                image -> !(image.field("lines") instanceof Value.Array lines)
                        || lines.items().stream()
                                .allMatch(line -> line instanceof Value.Obj object
                                        && atLeastZero(object.fields().get("amount"))));
        scene.declared("adds_up", Scene.paths("qty", "price", "total"), Schedule::addsUp);
        scene.noDelete("orders_stay");
        scene.noInsert("no_ghosts");
        scene.policy = policy(new Policy(
                Scene.ORDERS,
                World.COMPARISON,
                FieldPath.of("v"),
                List.of(),
                List.of(FieldPath.of("v")),
                FieldPath.of("by"),
                List.of(),
                random.nextInt(datasets.size() > 1 ? 2 : 3) == 0 ? Map.of("parity", FieldPath.of("parity")) : Map.of(),
                RestorePolicy.Write.IN_PLACE,
                List.of(),
                RestorePolicy.Limits.NONE));
    }

    Policy policy(Policy policy) {
        return policy;
    }

    // ---- the datasets, of which the second one has the same rules by other names

    /** Two and two records are of one dataset; a group may be of both. */
    String dataset(Key key) {
        return datasets.get(keys.indexOf(key) / 2 % datasets.size());
    }

    private static String ruleOf(String dataset, String rule) {
        return dataset.equals(Scene.ORDERS) ? rule : dataset + "_" + rule;
    }

    /** The record is accused by these rules, as they are called in the first dataset. */
    Candidate candidate(Key key, List<String> accusing, History history) {
        return new Candidate(
                dataset(key),
                key,
                accusing.stream()
                        .map(rule -> Candidate.Accusation.of(ruleOf(dataset(key), rule)))
                        .toList(),
                Candidate.Named.NOBODY,
                history,
                Seen.ABSENT);
    }

    private Judge judge() {
        return (dataset, pairs) -> scene.judge().judge(dataset, pairs).stream()
                .map(rulings -> {
                    Map<String, Ruling> renamed = new HashMap<>();
                    rulings.forEach((rule, ruling) -> renamed.put(ruleOf(dataset, rule), ruling));
                    return renamed;
                })
                .toList();
    }

    private Map<String, RuleFacts> facts() {
        Map<String, RuleFacts> facts = new HashMap<>();
        for (String dataset : datasets) {
            scene.rules.forEach((id, rule) -> facts.put(
                    ruleOf(dataset, id),
                    new RuleFacts(
                            ruleOf(dataset, id),
                            rule.hash(),
                            dataset,
                            rule.accuses(),
                            rule.scope(),
                            rule.alone(),
                            rule.declared(),
                            rule.aboutMoves(),
                            rule.parent())));
        }
        return facts;
    }

    private Policy policy(String dataset) {
        Policy policy = scene.policy;
        return new Policy(
                dataset,
                policy.comparison(),
                policy.version(),
                policy.never(),
                policy.bump(),
                policy.stamp(),
                policy.monotonic(),
                policy.groups(),
                policy.write(),
                policy.consumers(),
                policy.limits());
    }

    private <V> Map<String, V> ofEach(Function<String, V> made) {
        Map<String, V> all = new TreeMap<>();
        datasets.forEach(dataset -> all.put(dataset, made.apply(dataset)));
        return all;
    }

    List<Candidate> considered(List<Candidate> candidates) {
        return candidates;
    }

    Run carried(Run run) {
        return run;
    }

    private static boolean addsUp(Image image) {
        return image.field("qty") instanceof Value.Num qty
                && image.field("price") instanceof Value.Num price
                && image.field("total") instanceof Value.Num total
                && qty.value().multiply(price.value()).compareTo(total.value()) == 0;
    }

    // ---- the story

    void run() {
        happen();
        List<Candidate> candidates = audit();
        legitimateWrites(random.nextInt(3));
        PlanFiles.Stored stored = plan(considered(candidates));
        legitimateWrites(random.nextInt(3));

        Run run = carried(Run.of(stored));
        Receipt receipt = carryOut(run, Writer.RESTORE);
        check(run, receipt);

        if (random.nextInt(3) > 0) {
            legitimateWrites(random.nextInt(3));
            Run undo = undo(stored, Journal.open(disk, stored.id()));
            Receipt undone = carryOut(undo, Writer.UNDO);
            check(undo, undone);
            exact(undo, undone);
            tally.add(Happening.UNDONE, undone.done());
        }
    }

    private void happen() {
        int records = 1 + random.nextInt(5);
        for (int id = 0; id < records; id++) {
            Key key = Scene.key(id);
            keys.add(key);
            if (random.nextInt(8) > 0) {
                Image image = world.newRecord(id).with("parity", Value.of(id % 2));
                world.put(key, image, Writer.LEGITIMATE);
            }
        }
        legitimateWrites(random.nextInt(3));
        capture(firstCapture);
        int events = 1 + random.nextInt(7);
        int captureAt = random.nextInt(2 * events);
        int damageAt = random.nextInt(events);
        for (int i = 0; i < events; i++) {
            if (i == damageAt || random.nextInt(3) == 0) {
                world.damage(anyKey());
            } else {
                legitimateWriteBeforeAudit(anyKey());
            }
            if (i == captureAt) {
                capture(secondCapture);
            }
        }
    }

    /**
     * An edit of a record that should not be there is lost with it, if it was made before anybody had seen the record: the
     * image observed holds it. From then on such an edit saves the record.
     */
    private void legitimateWriteBeforeAudit(Key key) {
        Image image = world.image(key);
        if (image == null || image.field("origin") == null) {
            world.legitimateWrite(key);
        }
    }

    private Key anyKey() {
        return keys.get(random.nextInt(keys.size()));
    }

    private void capture(Map<Key, Image> capture) {
        capture.putAll(world.memory.images());
    }

    void legitimateWrites(int count) {
        for (int i = 0; i < count; i++) {
            Key key = anyKey();
            if (!locked.contains(key)) {
                world.legitimateWrite(key);
            }
        }
    }

    private List<Candidate> audit() {
        List<Candidate> candidates = new ArrayList<>();
        for (Key key : keys) {
            Image good = firstCapture.get(key);
            Image live = world.image(key);
            List<String> accusing = accusing(key, good, live);
            if (!accusing.isEmpty()) {
                candidates.add(candidate(key, accusing, history(key, good, live, accusing)));
            }
        }
        return candidates;
    }

    private List<String> accusing(Key key, @Nullable Image good, @Nullable Image live) {
        if (live == null) {
            // Of the deletes only the bug's are accused, which delete evidence tells apart.
            return good != null && world.lastDeleter(key) == Writer.BUG ? List.of("orders_stay") : List.of();
        }
        List<String> accusing = new ArrayList<>();
        rulings(good, live).forEach((rule, ruling) -> {
            boolean insert = rule.equals("no_ghosts");
            if (ruling != Ruling.PASS && (!insert || live.field("origin") != null)) {
                accusing.add(rule);
            }
        });
        return accusing;
    }

    Map<String, Ruling> rulings(@Nullable Image before, @Nullable Image record) {
        return new TreeMap<>(scene.judge()
                .judge(Scene.ORDERS, List.of(new Judge.Pair(before, record)))
                .get(0));
    }

    private History history(Key key, @Nullable Image good, @Nullable Image live, List<String> accusing) {
        History.Good captured = new History.Good(good, "20261121T020000Z-7f3a", Scene.NOON.minusSeconds(36_000));
        if (live == null) {
            return History.of(captured, null, History.Origin.OBSERVED)
                    .deletedAs(world.see(key).token());
        }
        if (good == null && live.field("origin") == null) {
            return History.newer(live, History.Origin.OBSERVED);
        }
        Image second = secondCapture.get(key);
        boolean captureIsBad = second != null
                && accusing.stream().noneMatch(rule -> rulings(good, second).get(rule) == Ruling.PASS);
        return captureIsBad && second != null && random.nextBoolean()
                ? History.of(captured, second, History.Origin.SNAPSHOT)
                : History.of(captured, live, History.Origin.OBSERVED);
    }

    /** Reads live anew and plans; the plan goes through its files. */
    PlanFiles.Stored plan(List<Candidate> candidates) {
        List<Candidate> fresh = candidates.stream()
                .map(old -> new Candidate(
                        old.dataset(), old.key(), old.accusations(), old.named(), old.history(), world.see(old.key())))
                .toList();
        Plan plan = new Planner(judge())
                .plan(new Planner.Request(
                        "shop",
                        "ada",
                        Scene.NOON,
                        Duration.ofHours(24),
                        scene.mode,
                        fresh,
                        List.of(),
                        facts(),
                        ofEach(dataset -> new Planner.Dataset(
                                policy(dataset),
                                world.memory.identity(),
                                "",
                                List.of(),
                                OptionalLong.empty(),
                                transactional ? "memory" : "")),
                        List.of()));
        assertThat(plan.steps().size()
                        + plan.heldBack().size()
                        + plan.unrecoverable().size()
                        + plan.healed()
                        + plan.untouched()
                        + plan.conflicts().stream()
                                .map(Conflict::key)
                                .filter(key -> plan.steps().stream()
                                                .noneMatch(step -> step.key().equals(key))
                                        && plan.heldBack().stream()
                                                .noneMatch(held -> held.key().equals(key)))
                                .distinct()
                                .count())
                .as("every candidate has one fate")
                .isEqualTo(candidates.size());
        tally.add(Happening.CONFLICTS_PLANNED, plan.conflicts().size());
        tally.add(Happening.UNRECOVERABLE, plan.unrecoverable().size());
        tally.add(Happening.STEPS, plan.steps().size());
        return PlanFiles.read(disk, PlanFiles.write(disk, plan).id());
    }

    Run undo(PlanFiles.Stored stored, Journal journal) {
        return Undo.of(stored, journal);
    }

    // ---- carrying out amid trouble

    private Receipt carryOut(Run run, Writer writer) {
        acting = writer;
        actingRun = run.id();
        deedsBefore = world.deeds.size();
        current = run;
        Receipt receipt = null;
        boolean takeOver = false;
        for (int attempt = 0; attempt < 60; attempt++) {
            trouble = attempt < 6 ? 1 : 0;
            locked.clear();
            try {
                Applier applier = applier(run, "dead-" + appliers++);
                receipt = takeOver ? applier.takeOver() : applier.apply();
                if (receipt.pending() == 0) {
                    break;
                }
            } catch (Crash crash) {
                tally.add(Happening.CRASHES, 1);
            } catch (StoreUnavailable e) {
                tally.add(Happening.OUTAGES, 1);
            } catch (Refusal e) {
                // A second applier has the run, or had it and crashed: then somebody says so.
                assertThat(String.valueOf(e.getMessage())).containsAnyOf("was taken over", "has been started by");
                takeOver = true;
            }
        }
        trouble = 0;
        locked.clear();
        assertThat(receipt).as("a run comes to its end").isNotNull();
        while (!late.isEmpty()) {
            land(late.remove(0));
        }
        Receipt last = applier(run, "dead-" + appliers++).takeOver();
        assertThat(last.pending()).isZero();
        tally.add(Happening.DONE, last.done());
        tally.add(
                Happening.RECOVERED,
                last.outcomes().stream().filter(Receipt.Outcome::recovered).count());
        tally.add(Happening.NOOP, last.noop());
        tally.add(Happening.CONFLICT, last.conflict());
        tally.add(Happening.FAILED, last.failed());
        tally.add(Happening.AMBIGUOUS, last.ambiguous());
        return last;
    }

    Applier applier(Run run, String name) {
        // Of a delete that nobody could tell whether it happened, there is no evidence to undo it by.
        PlanApproval approval = new PlanApproval(
                run.digest(),
                "grace",
                "grace",
                false,
                Scene.NOON,
                run.isUndo() ? Set.of(PlanApproval.NO_DELETE_EVIDENCE) : Set.of());
        Applier.Manner manner = new Applier.Manner(
                1 + random.nextInt(4),
                1 + random.nextInt(3),
                Applier.Breaker.OFF,
                Scene.owner(name),
                name,
                new Applier.Watch() {});
        Applier.Site site = new Applier.Site(
                store(), ofEach(this::policy), ofEach(dataset -> target()), judge(), Relations.NONE, Scene.CLOCK);
        return new Applier(run, approval, site, manner);
    }

    Store store() {
        return new TroubledStore();
    }

    Target target() {
        return new TroubledTarget();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability * trouble;
    }

    /** Between any two acts of the applier the world goes on, and the process may die. */
    void meanwhile(Run run) {
        for (Iterator<Change> each = late.iterator(); each.hasNext(); ) {
            if (random.nextInt(3) == 0) {
                Change change = each.next();
                each.remove();
                land(change);
            } else {
                each.next();
            }
        }
        if (chance(0.12)) {
            tally.add(Happening.CONCURRENT_WRITES, 1);
            legitimateWrites(1);
        }
        if (bugStays && chance(0.05) && !locked.contains(keys.get(0))) {
            world.damage(keys.get(0));
        }
        if (nesting == 0 && chance(0.02)) {
            tally.add(Happening.TAKE_OVERS, 1);
            secondApplier(run);
        }
        if (chance(0.04)) {
            throw new Crash();
        }
    }

    private void meanwhile() {
        Run run = current;
        if (run != null) {
            meanwhile(run);
        }
    }

    private void secondApplier(Run run) {
        tookOver = true;
        nesting++;
        Set<Key> held = Set.copyOf(locked);
        locked.clear();
        try {
            applier(run, "second-" + appliers++).takeOver();
        } catch (Crash crash) {
            tally.add(Happening.CRASHES, 1);
        } catch (StoreUnavailable e) {
            tally.add(Happening.OUTAGES, 1);
        } finally {
            nesting--;
            locked.addAll(held);
        }
    }

    /** A request reaches the store. */
    Written land(Change change) {
        Image before = world.image(change.key());
        Written written = world.write(change, acting);
        if (written instanceof Written.Done) {
            tally.add(Happening.EFFECTS, 1);
            oracle(change.key(), before, world.image(change.key()));
        }
        return written;
    }

    class TroubledStore implements Store {
        @Override
        public Trust trust() {
            return disk.trust();
        }

        @Override
        public String root() {
            return disk.root();
        }

        @Override
        public Published publish(String name, byte[] bytes) {
            meanwhile();
            if (chance(0.02)) {
                throw new StoreUnavailable(
                        "could not publish %s; nothing was published".formatted(name), new IOException());
            }
            Published published = disk.publish(name, bytes);
            if (chance(0.02)) {
                throw new StoreUnavailable("could not publish %s; it is not known".formatted(name), new IOException());
            }
            meanwhile();
            return published;
        }

        @Override
        public Optional<byte[]> read(String name) {
            return disk.read(name);
        }

        @Override
        public Optional<InputStream> open(String name) {
            return disk.open(name);
        }

        @Override
        public OptionalLong size(String name) {
            return disk.size(name);
        }

        @Override
        public List<String> list(String folder) {
            return disk.list(folder);
        }

        @Override
        public List<Stored> files(String folder) {
            return disk.files(folder);
        }

        @Override
        public OutputStream create(String name) {
            return disk.create(name);
        }

        @Override
        public void settle(String folder) {
            disk.settle(folder);
        }

        @Override
        public void delete(String name) {
            disk.delete(name);
        }

        @Override
        public void retire(String entry, String copy) {
            disk.retire(entry, copy);
        }

        @Override
        public String location(String name) {
            return disk.location(name);
        }
    }

    class TroubledTarget implements Target {
        @Override
        public String identity() {
            return world.memory.identity();
        }

        @Override
        public String store() {
            return transactional ? "memory" : "";
        }

        @Override
        public boolean countsWrites() {
            return true;
        }

        @Override
        public Batch open(List<Key> wanted) {
            meanwhile();
            if (chance(0.02)) {
                tally.add(Happening.OUTAGES, 1);
                throw new TargetUnavailable("no connection; nothing was written", new IOException());
            }
            Map<Key, Seen> seen = new LinkedHashMap<>();
            wanted.forEach(key -> seen.put(key, see(key)));
            if (transactional) {
                locked.addAll(wanted);
            }
            return new Batch() {
                @Override
                public Map<Key, Seen> seen() {
                    return seen;
                }

                @Override
                public Map<Key, Written> write(List<Change> changes) {
                    return transactional ? together(changes) : eachAlone(changes);
                }

                @Override
                public void close() {
                    wanted.forEach(locked::remove);
                }
            };
        }

        @Override
        public Together open(Map<Target, List<Key>> wanted) {
            tally.add(Happening.SEVERAL_DATASETS_AT_ONCE, wanted.size() - 1L);
            Batch batch = open(wanted.values().stream().flatMap(List::stream).toList());
            return new Together() {
                @Override
                public Map<Key, Seen> seen(Target of) {
                    return batch.seen();
                }

                @Override
                public List<Written> write(List<Placed> changes) {
                    Map<Key, Written> written =
                            batch.write(changes.stream().map(Placed::change).toList());
                    return changes.stream()
                            .map(placed -> Objects.requireNonNull(
                                    written.get(placed.change().key())))
                            .toList();
                }

                @Override
                public void close() {
                    batch.close();
                }
            };
        }

        Seen see(Key key) {
            return world.see(key);
        }

        Map<Key, Written> eachAlone(List<Change> changes) {
            Map<Key, Written> answers = new LinkedHashMap<>();
            changes.forEach(change -> answers.put(change.key(), one(change)));
            return answers;
        }

        Written one(Change change) {
            meanwhile();
            if (chance(0.03)) {
                return new Written.Refused("too many requests");
            }
            if (chance(0.04)) {
                tally.add(Happening.REQUESTS_LATE, 1);
                late.add(change);
                return new Written.Unknown("timeout");
            }
            if (chance(0.02)) {
                tally.add(Happening.ANSWERS_LOST, 1);
                return new Written.Unknown("connection lost before the request left");
            }
            Written written = land(change);
            meanwhile();
            if (chance(0.05)) {
                tally.add(Happening.ANSWERS_LOST, 1);
                return new Written.Unknown("connection lost");
            }
            return written;
        }

        /** All or none, as one transaction. */
        Map<Key, Written> together(List<Change> changes) {
            groupsAreWhole(changes);
            meanwhile();
            Map<Key, Written> answers = new LinkedHashMap<>();
            boolean refused = chance(0.05)
                    || changes.stream()
                            .anyMatch(change -> !world.see(change.key())
                                    .token()
                                    .equals(change.seen().token()));
            boolean reaches = !chance(0.03);
            for (Change change : changes) {
                answers.put(
                        change.key(),
                        refused
                                ? new Written.Refused("rolled back")
                                : reaches ? land(change) : new Written.Unknown("lost"));
            }
            changes.forEach(change -> locked.remove(change.key()));
            meanwhile();
            if (!refused && chance(0.05)) {
                tally.add(Happening.ANSWERS_LOST, 1);
                answers.replaceAll((key, answer) -> new Written.Unknown("connection lost at commit"));
            }
            return answers;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    // ---- what must never happen

    /** In mode block, nothing is written of a group of which anything else stays behind. */
    private void groupsAreWhole(List<Change> changes) {
        Run run = Objects.requireNonNull(current);
        // Of two appliers, the one that has lost the run does not know yet what the other has ended.
        if (scene.mode != Mode.BLOCK || tookOver) {
            return;
        }
        Set<Key> written = new HashSet<>();
        changes.forEach(change -> written.add(change.key()));
        Set<String> groups = new HashSet<>();
        run.steps().stream().filter(step -> written.contains(step.key())).forEach(step -> groups.add(step.group()));
        groups.remove("");
        Journal journal = Journal.open(disk, actingRun);
        for (Step step : run.steps()) {
            if (groups.contains(step.group()) && !written.contains(step.key())) {
                assertThat(journal.progress(step.number()).end())
                        .as("the end of %s, which is not written with its group", step)
                        .get()
                        .extracting(Entry.Ended::state)
                        .isIn(State.NOOP, State.DONE);
            }
        }
        tally.add(Happening.GROUPS_WRITTEN, groups.size());
    }

    private void oracle(Key key, @Nullable Image before, @Nullable Image after) {
        intended(key, before, after);
        if (before == null) {
            Writer deleter = world.lastDeleter(key);
            assertThat(deleter)
                    .as("whose delete of %s is taken back", key)
                    .isEqualTo(acting == Writer.RESTORE ? Writer.BUG : Writer.RESTORE);
        } else {
            legitimateValuesStay(key, before, after);
        }
        if (acting == Writer.RESTORE && after != null) {
            rulesHold(key, before, after);
        }
    }

    /** Just before this write, somebody else than a legitimate writer must have written every value that goes. */
    private void legitimateValuesStay(Key key, Image before, @Nullable Image after) {
        // The deed itself has been noted: look at who wrote before it.
        List<Deed> deeds = world.deeds.subList(0, world.deeds.size() - 1);
        for (String leaf : World.changedLeaves(before, after)) {
            boolean own = OWN.stream().anyMatch(path -> leaf.equals("." + path));
            if (own) {
                continue;
            }
            Writer writer = null;
            for (int i = deeds.size() - 1; i >= 0 && writer == null; i--) {
                Deed deed = deeds.get(i);
                if (deed.key().equals(key)
                        && World.changedLeaves(deed.before(), deed.after()).contains(leaf)) {
                    writer = deed.writer();
                }
            }
            assertThat(writer).as("writer of %s of %s, which goes", leaf, key).isNotEqualTo(Writer.LEGITIMATE);
            if (acting == Writer.RESTORE) {
                tally.add(Happening.FIELDS_RESTORED, 1);
            }
        }
    }

    /** The journal on the disk holds the intent, with the true image before and after. */
    private void intended(Key key, @Nullable Image before, @Nullable Image after) {
        Run run = Objects.requireNonNull(current);
        int step = run.steps().stream()
                .filter(one -> one.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no step of the run is about " + key))
                .number();
        assertThat(Journal.open(disk, actingRun).entries())
                .as("an intent of %s that holds the image replaced", key)
                .anyMatch(entry -> entry instanceof Entry.Intent intent
                        && intent.step() == step
                        && Objects.equals(intent.pre(), before)
                        && Objects.equals(intent.post(), after));
    }

    /** What passed still passes, and a new record breaks nothing. */
    private void rulesHold(Key key, @Nullable Image before, Image after) {
        Image good = firstCapture.get(key);
        Map<String, Ruling> then = before == null ? Map.of() : rulings(good, before);
        rulings(good, after).forEach((rule, ruling) -> {
            if (then.getOrDefault(rule, Ruling.PASS) == Ruling.PASS) {
                assertThat(ruling).as("rule %s on %s", rule, key).isEqualTo(Ruling.PASS);
            }
        });
    }

    private void check(Run run, Receipt receipt) {
        Map<Key, Long> effects = new HashMap<>();
        world.deeds.stream()
                .filter(deed -> deed.writer() == acting)
                .forEach(deed -> effects.merge(deed.key(), 1L, Long::sum));
        Map<Integer, Receipt.Outcome> outcomes = new HashMap<>();
        receipt.outcomes().forEach(outcome -> outcomes.put(outcome.step(), outcome));
        assertThat(outcomes).hasSize(run.steps().size());
        for (Step step : run.steps()) {
            long count = effects.getOrDefault(step.key(), 0L);
            Receipt.Outcome outcome = Objects.requireNonNull(outcomes.get(step.number()));
            State state = outcome.state();
            if (count > 0) {
                assertThat(state).as("%s, which was written", step).isIn(State.DONE, State.AMBIGUOUS);
            }
            // A bug that still writes may write what an undo was to write, whose request was lost: a stamp tells.
            boolean mayBeTheBugs = scene.policy.stamp() == null && outcome.recovered() && hasBugWritten(step);
            if (state == State.DONE && !mayBeTheBugs) {
                assertThat(count).as("effects of %s", step).isPositive();
            }
            if (!bugStays) {
                assertThat(count).as("effects of %s", step).isLessThanOrEqualTo(1);
            }
            onlyWhatIsPlanned(step);
        }
        assertThat(effects.keySet())
                .isSubsetOf(run.steps().stream().map(Step::key).toList());
    }

    /** Whether the bug has written, while this run went on, just what the step was to write. */
    private boolean hasBugWritten(Step step) {
        return bugStays
                && world.deeds.subList(deedsBefore, world.deeds.size()).stream()
                        .anyMatch(deed -> deed.writer() == Writer.BUG
                                && deed.key().equals(step.key())
                                && step.good() != null
                                && deed.after() != null
                                && step.paths().stream()
                                        .allMatch(path -> Objects.equals(
                                                Patch.at(deed.after(), path).value(),
                                                Patch.at(step.good(), path).value())));
    }

    private void onlyWhatIsPlanned(Step step) {
        Set<FieldPath> planned = new HashSet<>(step.paths());
        planned.addAll(OWN);
        for (Deed deed : world.deeds) {
            if (deed.writer() == acting
                    && deed.key().equals(step.key())
                    && deed.before() != null
                    && deed.after() != null) {
                assertThat(dev.lastgood.record.Differ.units(deed.before(), deed.after(), World.COMPARISON).stream()
                                .map(FieldChange::path))
                        .as("what was written of %s", step)
                        .allMatch(path -> planned.stream().anyMatch(path::startsWith));
            }
        }
    }

    /** Where nobody else wrote, an undone record is as it was before the restore, but for its counter. */
    private void exact(Run undo, Receipt undone) {
        Map<Integer, State> states = new HashMap<>();
        undone.outcomes().forEach(outcome -> states.put(outcome.step(), outcome.state()));
        for (Step step : undo.steps()) {
            long legitimateSince = world.deeds.stream()
                    .filter(deed -> deed.key().equals(step.key()))
                    .skip(deedsUntilRestore(step.key()))
                    .filter(deed -> deed.writer() == Writer.LEGITIMATE || deed.writer() == Writer.BUG)
                    .count();
            if (states.get(step.number()) == State.DONE && legitimateSince == 0) {
                Image now = world.image(step.key());
                Image was = step.good();
                assertThat(now == null ? null : now.with("v", null))
                        .as("%s after undo", step)
                        .isEqualTo(was == null ? null : was.with("v", null));
            }
        }
    }

    private long deedsUntilRestore(Key key) {
        long count = 0;
        for (Deed deed : world.deeds) {
            if (deed.key().equals(key)) {
                if (deed.writer() == Writer.RESTORE) {
                    return count;
                }
                count++;
            }
        }
        return count;
    }
}
