package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What corrupt records have in common and the other changed ones have not. */
class ExplainerTest {
    private static final List<String> DIMENSIONS = List.of("version", "region", "channel");
    private static final List<List<String>> VALUES =
            List.of(List.of("4.2.0", "4.2.1"), List.of("eu", "us", "asia"), List.of("app", "web"));

    /** Records of every combination of values, of which the tested ones are corrupt. */
    private static Contingency table(int each, Corrupt corrupt) {
        List<Contingency.Cell> cells = new ArrayList<>();
        for (int v = 0; v < 2; v++) {
            for (int r = 0; r < 3; r++) {
                for (int c = 0; c < 2; c++) {
                    List<Integer> codes = List.of(v + 1, r + 1, c + 1);
                    long bad = corrupt.of(
                            VALUES.get(0).get(v),
                            VALUES.get(1).get(r),
                            VALUES.get(2).get(c));
                    cells.add(new Contingency.Cell(codes, "bad", "changed", bad));
                    cells.add(new Contingency.Cell(codes, "", "changed", each - bad));
                }
            }
        }
        return new Contingency(DIMENSIONS, VALUES, cells);
    }

    private interface Corrupt {
        long of(String version, String region, String channel);
    }

    private static String best(Contingency table) {
        List<Explanation> all = Explainer.explain(table);
        return all.isEmpty() ? "nothing" : all.get(0).values().toString();
    }

    @Test
    void one_value_tells() {
        assertThat(best(table(100, (v, r, c) -> v.equals("4.2.1") ? 60 : 0))).isEqualTo("{version=4.2.1}");
    }

    @Test
    void two_values_tell_together_and_a_third_adds_nothing() {
        var table = table(100, (v, r, c) -> v.equals("4.2.1") && r.equals("eu") ? 50 : 1);

        List<Explanation> all = Explainer.explain(table);

        assertThat(all.get(0).values()).hasToString("{region=eu, version=4.2.1}");
        assertThat(all.get(0).corrupt()).isEqualTo(100);
        assertThat(all.get(0).changed()).isEqualTo(200);
        assertThat(all.get(0).share()).isEqualTo(100 / 110.0);
        assertThat(all.get(0).elsewhere()).isEqualTo(0.01);
        assertThat(all.get(0).riskRatio()).isBetween(45.0, 50.0);
        assertThat(all.get(0).atLeast()).isBetween(20.0, 30.0);
        assertThat(all).noneMatch(one -> one.values().size() == 3);
    }

    @Test
    void what_is_corrupt_everywhere_alike_is_explained_by_nothing() {
        assertThat(best(table(100, (v, r, c) -> 10))).isEqualTo("nothing");
    }

    @Test
    void where_nothing_else_has_changed_nothing_tells() {
        assertThat(best(table(10, (v, r, c) -> 10))).isEqualTo("nothing");
    }

    @Test
    void a_value_that_is_common_everywhere_is_no_explanation() {
        // Nine of ten records are of the old version, corrupt or not.
        var cells = List.of(
                new Contingency.Cell(List.of(1, 1, 1), "bad", "changed", 90),
                new Contingency.Cell(List.of(2, 1, 1), "bad", "changed", 10),
                new Contingency.Cell(List.of(1, 1, 1), "", "changed", 900),
                new Contingency.Cell(List.of(2, 1, 1), "", "changed", 100));

        assertThat(best(new Contingency(DIMENSIONS, VALUES, cells))).isEqualTo("nothing");
    }

    @Test
    void it_finds_what_trying_every_combination_finds() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Contingency table = random(random);
            assertThat(Explainer.explain(table).stream()
                            .map(ExplainerTest::text)
                            .toList())
                    .as("seed %d", seed)
                    .isEqualTo(tried(table).stream().map(ExplainerTest::text).toList());
        }
    }

    private static String text(Explanation one) {
        return "%s %d/%d of %d/%d %.6f"
                .formatted(one.values(), one.corrupt(), one.changed(), one.allCorrupt(), one.allChanged(), one.score());
    }

    private static Contingency random(Random random) {
        int dimensions = 1 + random.nextInt(5);
        List<String> names = new ArrayList<>();
        List<List<String>> values = new ArrayList<>();
        for (int d = 0; d < dimensions; d++) {
            names.add("d" + d);
            List<String> of = new ArrayList<>();
            for (int v = 0; v < 1 + random.nextInt(4); v++) {
                of.add("v" + v);
            }
            values.add(of);
        }
        Map<Integer, Integer> cause = new HashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            int d = random.nextInt(dimensions);
            cause.put(d, 1 + random.nextInt(values.get(d).size()));
        }
        List<Contingency.Cell> cells = new ArrayList<>();
        for (int i = 0; i < 5 + random.nextInt(200); i++) {
            List<Integer> codes = new ArrayList<>();
            values.forEach(of -> codes.add(random.nextInt(of.size() + 1)));
            boolean hit = cause.entrySet().stream()
                    .allMatch(one -> codes.get(one.getKey()).equals(one.getValue()));
            boolean corrupt = random.nextDouble() < (hit ? 0.8 : 0.05);
            cells.add(new Contingency.Cell(codes, corrupt ? "bad" : "", "changed", 1 + random.nextInt(5)));
        }
        return new Contingency(names, values, cells);
    }

    /** Every record by itself, every combination of values by itself, and the formulas of the papers. */
    private static List<Explanation> tried(Contingency table) {
        Map<Map<String, String>, Explanation> all = new HashMap<>();
        long corrupt = table.records(Contingency.Cell::isCorrupt);
        long changed = table.records(cell -> true);
        if (corrupt == 0 || corrupt == changed) {
            return List.of();
        }
        combinations(table, 0, new TreeMap<>(), combination -> {
            long bad = table.records(cell -> cell.isCorrupt() && table.has(cell, combination));
            long having = table.records(cell -> table.has(cell, combination));
            if (combination.isEmpty() || combination.size() > 3 || bad == 0 || bad < 0.1 * corrupt) {
                return;
            }
            double cost = 0;
            for (String dimension : combination.keySet()) {
                int values = table.values()
                        .get(table.dimensions().indexOf(dimension))
                        .size();
                cost += Math.log(values + 1.0) + Math.log(table.dimensions().size()) + 0.5 * Math.log((double) corrupt);
            }
            double without = entropy(corrupt, changed);
            double with = entropy(bad, having) + entropy(corrupt - bad, changed - having);
            boolean more = (double) bad / having > (double) corrupt / changed;
            all.put(
                    new TreeMap<>(combination),
                    new Explanation(
                            new TreeMap<>(combination),
                            bad,
                            having,
                            corrupt,
                            changed,
                            (more ? without - with : 0) - cost));
        });
        return all.values().stream()
                .filter(one -> one.score() > 0 && one.atLeast() >= 1.5)
                .filter(one -> all.values().stream()
                        .filter(other -> other.values().size() < one.values().size())
                        .filter(other -> one.values()
                                .entrySet()
                                .containsAll(other.values().entrySet()))
                        .allMatch(other -> other.score() < one.score()))
                .sorted(Explanation.BEST_FIRST)
                .toList();
    }

    /** Nats to tell which of the records are corrupt. */
    private static double entropy(long bad, long all) {
        double nats = 0;
        for (long part : new long[] {bad, all - bad}) {
            nats -= part == 0 ? 0 : part * Math.log((double) part / all);
        }
        return nats;
    }

    private static void combinations(
            Contingency table,
            int from,
            Map<String, String> chosen,
            java.util.function.Consumer<Map<String, String>> use) {
        if (from == table.dimensions().size()) {
            use.accept(chosen);
            return;
        }
        combinations(table, from + 1, chosen, use);
        for (String value : table.values().get(from)) {
            Map<String, String> more = new TreeMap<>(chosen);
            more.put(table.dimensions().get(from), value);
            combinations(table, from + 1, more, use);
        }
    }
}
