package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.MemoryStore;
import dev.lastgood.target.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the tests of this package share: a dataset 'orders' with rules written in Java. */
final class Scene {
    static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);
    static final String ORDERS = "orders";

    final MemoryStore store = new MemoryStore();
    final Map<String, RuleFacts> rules = new HashMap<>();
    final Map<String, Predicate<Judge.Pair>> meanings = new HashMap<>();
    final List<Candidate> candidates = new ArrayList<>();
    final List<Decision> decisions = new ArrayList<>();
    Policy policy = Policy.plain(ORDERS);
    Mode mode = Mode.BLOCK;
    List<String> effects = List.of();
    Relations relations = Relations.NONE;

    static Image image(String json) {
        try {
            return new Image((Value.Obj) JsonValues.parse(json.replace('\'', '"')));
        } catch (JsonValues.NotJson e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    /** The record as it is, which must be there. */
    static Image live(Target target, Key key) {
        try (Target.Batch batch = target.open(List.of(key))) {
            return Objects.requireNonNull(
                    Objects.requireNonNull(batch.seen().get(key)).image());
        }
    }

    static Key key(int id) {
        return Key.of("id", Value.of(id));
    }

    static Set<FieldPath> paths(String... paths) {
        return Stream.of(paths).map(FieldPath::valueOf).collect(Collectors.toSet());
    }

    /** A rule about one field of a record. */
    void alone(String id, String field, Predicate<Image> holds) {
        rule(id, RuleFacts.Accuses.VALUES, paths(field), Set.of(), onRecord(holds));
    }

    /** A rule over several fields, which declares them. */
    void declared(String id, Set<FieldPath> fields, Predicate<Image> holds) {
        rule(id, RuleFacts.Accuses.VALUES, Set.of(), fields, onRecord(holds));
    }

    void noDelete(String id) {
        rule(id, RuleFacts.Accuses.ABSENCE, Set.of(), Set.of(), pair -> pair.before() == null || pair.record() != null);
    }

    void noInsert(String id) {
        rule(
                id,
                RuleFacts.Accuses.EXISTENCE,
                Set.of(),
                Set.of(),
                pair -> pair.before() != null || pair.record() == null);
    }

    private static Predicate<Judge.Pair> onRecord(Predicate<Image> holds) {
        return pair -> pair.record() == null || holds.test(pair.record());
    }

    private void rule(
            String id,
            RuleFacts.Accuses accuses,
            Set<FieldPath> alone,
            Set<FieldPath> declared,
            Predicate<Judge.Pair> holds) {
        rules.put(
                id,
                new RuleFacts(id, "hash-" + id, ORDERS, accuses, RuleFacts.Scope.LOCAL, alone, declared, false, ""));
        meanings.put(id, holds);
    }

    Judge judge() {
        return (dataset, pairs) -> pairs.stream()
                .map(pair -> {
                    Map<String, Ruling> rulings = new HashMap<>();
                    meanings.forEach((id, holds) -> rulings.put(id, holds.test(pair) ? Ruling.PASS : Ruling.FAIL));
                    return rulings;
                })
                .toList();
    }

    /** The record is accused by these rules; good and bad may be null for absent. */
    void accused(
            int id,
            @org.jspecify.annotations.Nullable Image good,
            @org.jspecify.annotations.Nullable Image bad,
            Target target,
            String... by) {
        try (Target.Batch batch = target.open(List.of(key(id)))) {
            Target.Seen live = Objects.requireNonNull(batch.seen().get(key(id)));
            History history = History.of(
                            new History.Good(good, "20261121T020000Z-7f3a", NOON.minusSeconds(36_000)),
                            bad,
                            History.Origin.OBSERVED)
                    .deletedAs(bad == null ? live.token() : "");
            candidates.add(new Candidate(
                    ORDERS,
                    key(id),
                    Stream.of(by).map(Candidate.Accusation::of).toList(),
                    by.length == 0 ? Candidate.Named.WHOLE_OR_GONE : Candidate.Named.NOBODY,
                    history,
                    live));
        }
    }

    /** All candidates are named like that. */
    void naming(Candidate.Named named) {
        candidates.replaceAll(
                one -> new Candidate(one.dataset(), one.key(), one.accusations(), named, one.history(), one.live()));
    }

    Plan plan(Target target) {
        return planned(target).plan();
    }

    Planner.Planned planned(Target target) {
        return new Planner(judge(), relations, ChangePattern.UNKNOWN, Planner.Parents.NONE)
                .planned(new Planner.Request(
                        "shop",
                        "ada",
                        NOON,
                        Duration.ofHours(24),
                        mode,
                        candidates,
                        decisions,
                        rules,
                        Map.of(
                                ORDERS,
                                new Planner.Dataset(
                                        policy,
                                        target.identity(),
                                        target.schema(),
                                        effects,
                                        OptionalLong.empty(),
                                        target.store())),
                        List.of()));
    }

    Applier.Site site(Target target) {
        return new Applier.Site(store, Map.of(ORDERS, policy), Map.of(ORDERS, target), judge(), relations, CLOCK);
    }

    static PlanApproval approved(PlanFiles.Stored plan, String... acknowledged) {
        return new PlanApproval(plan.digest(), "grace", "grace", false, NOON, Set.of(acknowledged));
    }

    Applier applier(Run run, PlanApproval approval, Target target, String name) {
        return new Applier(run, approval, site(target), manner(name));
    }

    static Applier.Manner manner(String name) {
        return Applier.Manner.of(owner(name), name);
    }

    /** An owner that knows of no other that it is gone. */
    static Owner owner(String name) {
        return new Owner() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean isGone(String other) {
                return other.startsWith("dead");
            }
        };
    }
}
