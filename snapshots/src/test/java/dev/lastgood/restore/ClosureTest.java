package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Cases;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Records that refer to each other in any way, cycles included, some of which were deleted: what is brought back with what. */
final class ClosureTest {
    private static final String NODES = "nodes";
    private static final List<String> REFERENCES = List.of("a", "b");

    /** A graph before and after a bug has deleted some of it. */
    private static final class Graph {
        final Map<Integer, Image> before = new HashMap<>();
        final Set<Integer> live = new HashSet<>();
        final Set<Integer> asked = new TreeSet<>();
        /** Of these it is not known what they were. */
        final Set<Integer> unknown = new HashSet<>();

        final Set<Integer> erased = new HashSet<>();

        Graph(Random random) {
            int size = 2 + random.nextInt(10);
            for (int id = 0; id < size; id++) {
                Image node = Image.of(Map.of("id", Value.of(id)));
                for (String field : REFERENCES) {
                    node = node.with(
                            field, random.nextInt(3) == 0 ? Value.NULL : Value.of(random.nextInt(size + size / 4)));
                }
                before.put(id, node);
                if (random.nextInt(3) == 0) {
                    live.add(id);
                } else if (random.nextInt(3) == 0) {
                    asked.add(id);
                } else if (random.nextInt(6) == 0) {
                    unknown.add(id);
                } else if (random.nextInt(6) == 0) {
                    erased.add(id);
                }
            }
        }

        List<Integer> parents(int id) {
            return REFERENCES.stream()
                    .map(field -> Objects.requireNonNull(before.get(id)).field(field))
                    .filter(value -> value != null && !value.isNull())
                    .map(value -> ((Value.Num) value).value().intValueExact())
                    .toList();
        }

        boolean canComeBack(int id) {
            return before.containsKey(id) && !unknown.contains(id) && !erased.contains(id);
        }

        /** By the book: everything a record needs, and those of which all of it can be had. */
        Set<Integer> naive() {
            Set<Integer> whole = new TreeSet<>();
            for (int id : asked) {
                Set<Integer> needed = new HashSet<>();
                if (needs(id, needed)) {
                    whole.addAll(needed);
                }
            }
            return whole;
        }

        private boolean needs(int id, Set<Integer> needed) {
            if (live.contains(id) || !needed.add(id)) {
                return true;
            }
            return canComeBack(id) && parents(id).stream().allMatch(parent -> needs(parent, needed));
        }

        Candidate candidate(int id, String rule) {
            History history = History.of(
                    new History.Good(before.get(id), "20261121T020000Z-7f3a", Scene.NOON),
                    null,
                    History.Origin.OBSERVED);
            return new Candidate(
                    NODES,
                    key(id),
                    List.of(Candidate.Accusation.of(rule)),
                    Candidate.Named.NOBODY,
                    erased.contains(id) ? history.marked(History.Mark.ERASED) : history,
                    erased.contains(id) ? Target.Seen.ERASED : Target.Seen.ABSENT);
        }

        List<Relations.Breach> breaches(List<Relations.Laid> writes) {
            Set<Integer> there = new HashSet<>(live);
            writes.forEach(write -> there.add(id(write.key())));
            List<Relations.Breach> breaches = new ArrayList<>();
            for (Relations.Laid write : writes) {
                for (int parent : parents(id(write.key()))) {
                    if (!there.contains(parent)) {
                        breaches.add(new Relations.Breach(
                                Conflict.Type.MISSING_REFERENCE,
                                NODES,
                                write.key(),
                                "not there",
                                new Relations.Missing("refers", NODES, key(parent))));
                    }
                }
            }
            return breaches;
        }

        Plan plan(boolean withParents) {
            return plan(
                    withParents,
                    REFERENCES.stream()
                            .map(field -> new Planner.Reference(NODES, List.of(FieldPath.of(field)), NODES))
                            .toList());
        }

        Plan plan(boolean withParents, List<Planner.Reference> references) {
            Planner planner = new Planner(
                    (dataset, pairs) -> pairs.stream()
                            .map(pair -> Map.of("stays", pair.record() == null ? Ruling.FAIL : Ruling.PASS))
                            .toList(),
                    this::breaches,
                    ChangePattern.UNKNOWN,
                    withParents
                            ? missing -> missing.stream()
                                    .filter(one ->
                                            before.containsKey(id(one.key())) && !unknown.contains(id(one.key())))
                                    .map(one -> candidate(id(one.key()), one.rule()))
                                    .toList()
                            : Planner.Parents.NONE);
            return planner.plan(new Planner.Request(
                    "shop",
                    "ada",
                    Scene.NOON,
                    Duration.ofHours(1),
                    Mode.BLOCK,
                    asked.stream().map(id -> candidate(id, "stays")).toList(),
                    List.of(),
                    Map.of(
                            "stays",
                            rule("stays", RuleFacts.Accuses.ABSENCE, RuleFacts.Scope.LOCAL, ""),
                            "refers",
                            rule("refers", RuleFacts.Accuses.VALUES, RuleFacts.Scope.RELATIONAL, NODES)),
                    Map.of(
                            NODES,
                            new Planner.Dataset(Policy.plain(NODES), "memory", "", List.of(), OptionalLong.empty())),
                    references));
        }
    }

    private static RuleFacts rule(String id, RuleFacts.Accuses accuses, RuleFacts.Scope scope, String parent) {
        return new RuleFacts(id, "hash-" + id, NODES, accuses, scope, Set.of(), Set.of(), false, parent);
    }

    private static Key key(int id) {
        return Key.of("id", Value.of(id));
    }

    private static int id(Key key) {
        return ((Value.Num) Objects.requireNonNull(key.parts().get("id")))
                .value()
                .intValueExact();
    }

    private static Set<Integer> restored(Plan plan) {
        return plan.steps().stream().map(step -> id(step.key())).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void with_its_parents_a_record_comes_back_if_all_of_them_can_and_nothing_else_does() {
        Cases.run(Cases.heavy(2_000, 200_000), random -> {
            Graph graph = new Graph(random);

            Plan plan = graph.plan(true);

            assertThat(restored(plan)).isEqualTo(graph.naive());
            Set<Integer> there = new HashSet<>(graph.live);
            there.addAll(restored(plan));
            assertThat(restored(plan).stream().flatMap(id -> graph.parents(id).stream()))
                    .allMatch(there::contains);
            assertThat(plan.steps())
                    .filteredOn(step -> step.reasons().contains("refers"))
                    .noneMatch(step -> graph.asked.contains(id(step.key())));
        });
    }

    @Test
    void without_them_it_stays_away_and_so_does_what_refers_to_it() {
        Cases.run(Cases.heavy(500, 20_000), random -> {
            Graph graph = new Graph(random);
            Set<Integer> there = new HashSet<>(graph.live);
            there.addAll(graph.asked.stream().filter(graph::canComeBack).toList());
            while (there.removeIf(id -> !graph.live.contains(id) && !there.containsAll(graph.parents(id)))) {
                assertThat(there).isNotNull();
            }
            there.removeAll(graph.live);

            assertThat(restored(graph.plan(false))).isEqualTo(there);
        });
    }

    @Test
    void parents_stand_before_their_children_unless_they_are_in_a_circle() {
        Plan plan = chain(4).plan(true);

        assertThat(plan.steps().stream().map(step -> id(step.key()))).containsExactly(4, 3, 2, 1, 0);
        assertThat(plan.insertsWithoutEvidence()).isEqualTo(5);
    }

    /** The first record has a parent, that one too, and so on, so many of them; all are gone. */
    private static Graph chain(int parents) {
        Graph graph = new Graph(new Random(0));
        graph.before.clear();
        graph.live.clear();
        graph.asked.clear();
        graph.unknown.clear();
        graph.erased.clear();
        for (int id = 0; id <= parents; id++) {
            Value parent = id == parents ? Value.NULL : Value.of(id + 1);
            graph.before.put(id, Image.of(Map.of("id", Value.of(id), "a", parent, "b", Value.NULL)));
        }
        graph.asked.add(0);
        return graph;
    }

    @Test
    void parents_of_parents_are_followed_twenty_deep_and_no_record_comes_back_without_all_of_its_own() {
        assertThat(restored(chain(20).plan(true))).hasSize(21);

        Plan plan = chain(21).plan(true);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflictCounts().keySet()).containsExactly(Conflict.Type.MISSING_REFERENCE);
    }

    /** So many records, each with a parent of its own; all are gone. */
    private static Graph pairs(int records) {
        Graph graph = chain(0);
        graph.asked.clear();
        for (int id = 0; id < records; id++) {
            Value parent = Value.of(records + id);
            graph.before.put(id, Image.of(Map.of("id", Value.of(id), "a", parent, "b", Value.NULL)));
            graph.before.put(
                    records + id, Image.of(Map.of("id", Value.of(records + id), "a", Value.NULL, "b", Value.NULL)));
            graph.asked.add(id);
        }
        return graph;
    }

    @Test
    void of_more_parents_than_one_plan_may_bring_back_none_is() {
        assertThat(pairs(20_001).plan(true).steps()).isEmpty();
    }

    @Test
    void what_only_a_rule_says_that_a_record_needs_comes_back_with_it() {
        Cases.run(Cases.heavy(200, 20_000), random -> {
            Graph graph = new Graph(random);

            assertThat(restored(graph.plan(true, List.of()))).isEqualTo(graph.naive());
        });
    }
}
