package dev.lastgood.incident.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Several days of a business, write by write, in two worlds: the one where its bugs write what they write, and the one where
 * the same is done right. What differs between them is the damage: that is the truth, and it comes from here alone.
 */
final class Story {
    private static final Map<String, Double> REGIONS = Map.of("eu", 0.4, "us", 0.35, "ap", 0.25);
    private static final Map<String, Double> CHANNELS = Map.of("web", 0.4, "app", 0.25, "partner", 0.15, "pos", 0.2);
    private static final Map<String, Double> WRITERS = Map.of("api", 0.75, "worker", 0.2, "batch", 0.05);
    private static final double SHARE_OF_NEW_VERSION = 0.5;
    private static final double CREATED = 0.05;
    private static final double REMOVED = 0.005;
    private static final double WRITES_A_DAY_AND_RECORD = 1.5;
    private static final Duration RUSH = Duration.ofMinutes(1);

    /** How often somebody goes on working on a record that is damaged, against one that is not. */
    private static final double PATIENCE = 0.12;

    private final Kind kind;
    private final Days days;
    private final List<Bug> bugs;
    private final Set<String> fields;
    private final SplittableRandom random;
    private final Map<Long, Fields> live = new TreeMap<>();
    private final Map<Long, Fields> right = new TreeMap<>();
    private final Map<Long, List<Fields>> pasts = new TreeMap<>();
    private final Map<Long, Damage> damages = new TreeMap<>();
    private final List<Write> writes = new ArrayList<>();
    private final List<Capture> captures = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::number));
    private final List<Long> ids = new ArrayList<>();
    private long lastId = 1000;
    private int lastEvent;

    private record Event(Instant at, int number, Runnable act) {}

    /**
     * One write.
     *
     * @param before the record as it should have been; null if it is new
     * @param right as it should be since
     * @param live as it is since
     * @param bug that wrote something wrong; null if none did
     */
    record Write(
            Instant at,
            long id,
            String operation,
            Actor actor,
            @Nullable Fields before,
            @Nullable Fields right,
            @Nullable Fields live,
            @Nullable String bug) {}

    /** All there was in a night: records by id, those of them that were damaged, and the other datasets. */
    record Capture(Instant at, Map<Long, Fields> live, Set<Long> damaged, Map<Table, Map<Long, Fields>> others) {}

    /**
     * A record that is damaged now.
     *
     * @param fields those that are not as they should be
     * @param since when the bug wrote it
     * @param lastGood the number of the newest capture that has it undamaged; null if none has
     * @param isRewritten whether somebody else has written it since
     */
    record Damage(
            long id,
            String bug,
            Set<String> fields,
            Instant since,
            @Nullable Integer lastGood,
            boolean isRewritten) {}

    /** The first and the last wrong write of a bug. */
    record Window(Instant from, Instant to) {}

    /** Tells the story. */
    static Story of(Kind kind, int records, int nights, long seed) {
        return new Story(kind, nights, seed, true).told(records);
    }

    /** The same business without a bug. */
    static Story withoutBugs(Kind kind, int records, int nights, long seed) {
        return new Story(kind, nights, seed, false).told(records);
    }

    private Story(Kind kind, int nights, long seed, boolean planted) {
        this.kind = kind;
        this.days = new Days(nights);
        this.bugs = planted ? kind.bugs(days) : List.of();
        this.fields = Set.copyOf(kind.table().names());
        this.random = new SplittableRandom(seed);
    }

    Kind kind() {
        return kind;
    }

    Days days() {
        return days;
    }

    List<Bug> bugs() {
        return bugs;
    }

    List<Write> writes() {
        return List.copyOf(writes);
    }

    /** Oldest first. */
    List<Capture> captures() {
        return List.copyOf(captures);
    }

    /** The records now. */
    Capture now() {
        return capture(days.audit());
    }

    /** The records as they should be. */
    Map<Long, Fields> right() {
        return new TreeMap<>(right);
    }

    /** What is damaged now, by id. */
    Map<Long, Damage> damages() {
        Map<Long, Damage> now = new TreeMap<>();
        damages.forEach((id, damage) -> now.put(
                id,
                new Damage(
                        id, damage.bug(), differing(id), damage.since(), lastGood(id, damage), damage.isRewritten())));
        return now;
    }

    private @Nullable Integer lastGood(long id, Damage damage) {
        for (int i = captures.size() - 1; i >= 0; i--) {
            Capture capture = captures.get(i);
            boolean isGood =
                    capture.live().containsKey(id) && !capture.damaged().contains(id);
            if (isGood && capture.at().isBefore(damage.since())) {
                return i;
            }
        }
        return null;
    }

    Window window(String bug) {
        List<Instant> struck = writes.stream()
                .filter(write -> bug.equals(write.bug()))
                .map(Write::at)
                .toList();
        return new Window(struck.get(0), struck.get(struck.size() - 1));
    }

    private Story told(int records) {
        Instant first = days.night(0);
        List<Instant> born = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            born.add(first.minusSeconds(random.nextLong(3600, 20 * 86400)));
        }
        born.stream().sorted().forEach(at -> create(at, actor(region(), Fields.NONE)));
        for (int i = 0; i < days.nights(); i++) {
            Instant night = days.night(i);
            at(night, () -> captures.add(capture(night)));
        }
        for (Job job : kind.jobs(days)) {
            at(job.from(), () -> begin(job));
        }
        long seconds = Duration.between(first, days.audit()).toSeconds();
        long wanted = Math.round(records * WRITES_A_DAY_AND_RECORD * seconds / 86400);
        for (long i = 0; i < wanted; ) {
            Instant at = first.plusSeconds(random.nextLong(1, seconds));
            if (random.nextDouble() < busy(at)) {
                at(at, () -> anything(at));
                i++;
            }
        }
        while (!events.isEmpty()) {
            events.remove().act().run();
        }
        return this;
    }

    /** How much is done at that time of the day. */
    private static double busy(Instant at) {
        long hour = at.getEpochSecond() / 3600 % 24;
        return hour < 6 ? 0.1 : hour < 20 ? 1 : 0.35;
    }

    private void at(Instant at, Runnable act) {
        events.add(new Event(at, ++lastEvent, act));
    }

    private Capture capture(Instant at) {
        return new Capture(at, new TreeMap<>(live), new HashSet<>(damages.keySet()), kind.others(writes()));
    }

    private void begin(Job job) {
        long seconds = Duration.between(job.from(), job.to()).toSeconds();
        Operation operation = operation(job.operation());
        live.forEach((id, record) -> {
            if (record.text("region").equals(job.actor().region()) && random.nextDouble() < job.share()) {
                Instant at = job.from().plusSeconds(random.nextLong(1, seconds));
                at(at, () -> {
                    if (live.containsKey(id) && !damages.containsKey(id)) {
                        write(at, id, job.actor(), operation);
                    }
                });
            }
        });
    }

    private Operation operation(String name) {
        return kind.operations().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void anything(Instant at) {
        if (random.nextDouble() < CREATED) {
            create(at, actor(region(), Fields.NONE));
            return;
        }
        long id = ids.get(random.nextInt(ids.size()));
        Fields record = live.get(id);
        if (record == null || record.moment("changed_at").plus(RUSH).isAfter(at)) {
            return;
        }
        boolean damaged = damages.containsKey(id);
        if (damaged && random.nextDouble() > PATIENCE) {
            return;
        }
        if (kind.removes() && random.nextDouble() < REMOVED) {
            remove(at, id, actor(record.text("region"), Fields.NONE));
            return;
        }
        Map<String, Double> weights = new TreeMap<>();
        kind.operations().forEach(operation -> weights.put(operation.name(), operation.weight()));
        Operation operation = operation(chosen(weights));
        Actor actor = actor(record.text("region"), operation.only());
        if (!damaged) {
            write(at, id, actor, operation);
            return;
        }
        Actor other = new Actor(Actor.OLD, actor.region(), actor.channel(), actor.writer());
        if (bugs.stream().noneMatch(bug -> bug.strikes(operation.name(), other, at))) {
            write(at, id, other, operation);
        }
    }

    private String region() {
        return chosen(REGIONS);
    }

    private Actor actor(String region, Fields only) {
        String version = random.nextDouble() < SHARE_OF_NEW_VERSION ? Actor.NEW : Actor.OLD;
        Fields any = Fields.of("app_version", version, "channel", chosen(CHANNELS), "writer", chosen(WRITERS));
        Fields actor = any.with(only);
        return new Actor(actor.text("app_version"), region, actor.text("channel"), actor.text("writer"));
    }

    private String chosen(Map<String, Double> weights) {
        Map<String, Double> ordered = new TreeMap<>(weights);
        double left = random.nextDouble()
                * ordered.values().stream().mapToDouble(Double::doubleValue).sum();
        String last = "";
        for (Map.Entry<String, Double> one : ordered.entrySet()) {
            last = one.getKey();
            left -= one.getValue();
            if (left < 0) {
                break;
            }
        }
        return last;
    }

    private void create(Instant at, Actor actor) {
        long id = ++lastId;
        ids.add(id);
        Fields born = kind.born(actor.region(), at, random.split()).with(stamps(0, at, actor));
        settle(at, id, Operation.CREATE, actor, null, born, born);
    }

    private void write(Instant at, long id, Actor actor, Operation operation) {
        Fields seen = live.get(id);
        Fields should = right.get(id);
        if (seen == null) {
            throw new IllegalStateException("nothing to write: " + id);
        }
        long seed = random.nextLong();
        Fields stamps = stamps(seen.number("row_version"), at, actor);
        settle(
                at,
                id,
                operation.name(),
                actor,
                should,
                should == null
                        ? null
                        : operation.done(should, new SplittableRandom(seed), at).with(stamps),
                operation.done(seen, new SplittableRandom(seed), at).with(stamps));
    }

    private static Fields stamps(long version, Instant at, Actor actor) {
        return actor.stamps().with(Fields.of("row_version", version + 1, "changed_at", at));
    }

    /**
     * @param should the record as it should be; null if it should not be at all
     * @param would what an application without a bug writes
     */
    private void settle(
            Instant at,
            long id,
            String operation,
            Actor actor,
            @Nullable Fields before,
            @Nullable Fields should,
            Fields would) {
        Fields stamps = stamps(would.number("row_version") - 1, at, actor);
        Fields written = would;
        String struck = null;
        for (Bug bug : bugs) {
            if (bug.strikes(operation, actor, at)) {
                written = Operation.settled(bug.wrong().instead(written, past(id, written), random.split()))
                        .with(stamps);
                struck = written.equals(would) ? struck : bug.name();
                Bug.Beside beside = bug.beside();
                if (beside != null) {
                    add(at, actor, bug, beside.also(would, at, random.split()).with(stamps(0, at, actor)));
                }
            }
        }
        live.put(id, written);
        if (should != null) {
            right.put(id, should);
        }
        pasts.computeIfAbsent(id, any -> new ArrayList<>()).add(written);
        Damage known = damages.get(id);
        if (differing(id).isEmpty()) {
            damages.remove(id);
        } else if (known != null) {
            damages.put(id, new Damage(id, known.bug(), Set.of(), known.since(), null, true));
        } else if (struck != null) {
            damages.put(id, new Damage(id, struck, Set.of(), at, null, false));
        } else {
            throw new IllegalStateException("%s did harm without a bug to %s".formatted(operation, written));
        }
        writes.add(new Write(at, id, operation, actor, before, should, written, struck));
    }

    private Bug.Past past(long id, Fields first) {
        List<Fields> past = pasts.getOrDefault(id, List.of());
        return time -> past.stream()
                .filter(record -> !record.moment("changed_at").isAfter(time))
                .reduce((older, newer) -> newer)
                .orElse(past.isEmpty() ? first : past.get(0));
    }

    /** A record that should not be. */
    private void add(Instant at, Actor actor, Bug bug, Fields record) {
        long id = ++lastId;
        ids.add(id);
        live.put(id, record);
        pasts.put(id, new ArrayList<>(List.of(record)));
        damages.put(id, new Damage(id, bug.name(), Set.of(), at, null, false));
        writes.add(new Write(at, id, Operation.CREATE, actor, null, null, record, bug.name()));
    }

    private void remove(Instant at, long id, Actor actor) {
        live.remove(id);
        Fields before = right.remove(id);
        damages.remove(id);
        writes.add(new Write(at, id, "remove", actor, before, null, null, null));
    }

    /** The fields in which a record is not as it should be; all it has, if it should not be. */
    private Set<String> differing(long id) {
        Fields is = live.getOrDefault(id, Fields.NONE);
        Fields should = right.getOrDefault(id, Fields.NONE);
        Set<String> differing = new TreeSet<>();
        for (String field : fields) {
            if (!Objects.equals(is.get(field), should.get(field))) {
                differing.add(field);
            }
        }
        return differing;
    }
}
