package dev.lastgood.audit.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.Compiled;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.oracle.RandomRules.Case;
import dev.lastgood.audit.oracle.RandomRules.Family;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random rules of every family over random records, each judged by an audit and by an {@link Oracle}. A rule that both do
 * not agree on is shown with the records, and with the seed that repeats it. A case is what a rule says of a record, with its
 * before or with those it is related to: {@code -Doracle.audits}, {@code -Doracle.local} and {@code -Doracle.related} say how many
 * audits there are and with how many rules of a family. What Spark compiles runs once, and then costs more than it
 * saves: of these audits the first is compiled, as in use, and the others are interpreted.
 */
@ExtendWith(SparkForTests.class)
class OracleTest {
    private static final Long REPEATED = Long.getLong("oracle.seed");
    private static final boolean FULL = Boolean.getBoolean("lastgood.full");
    private static final int AUDITS = REPEATED != null ? 1 : Integer.getInteger("oracle.audits", FULL ? 20 : 2);
    private static final int COMPILED = FULL ? 19 : 1;
    /** Every so many-th of the rules: compiling them takes more time than all the rest. */
    private static final int OF_COMPILED = FULL || REPEATED != null ? 1 : 3;

    private static final int OF_LOCAL = Integer.getInteger("oracle.local", FULL ? 60 : 20);
    private static final int OF_RELATED = Integer.getInteger("oracle.related", FULL ? 5 : 3);
    private static final long LEAST_CASES = 10_000;
    private static final int SHOWN = 5;

    private final Map<Family, Integer> rules = new EnumMap<>(Family.class);
    private long cases;
    private final List<String> differences = new ArrayList<>();
    private int differing;

    @Test
    void every_rule_finds_what_looping_over_records_finds(@TempDir Path folder) {
        Random seeds = new Random();
        // How many records a shop has is left to chance, and some audits see one side only.
        for (int i = 0; i < AUDITS || (REPEATED == null && cases < LEAST_CASES); i++) {
            long seed = REPEATED == null ? seeds.nextLong() : REPEATED;
            boolean compiled = REPEATED != null || i < COMPILED;
            Compiled.set(compiled);
            int part = compiled ? OF_COMPILED : 1;
            audit(seed, folder, Math.max(1, OF_LOCAL / part), Math.max(1, OF_RELATED / part));
        }
        System.out.printf("%d cases, of rules %s%n", cases, rules);
        assertThat(differences)
                .as("%d of the rules %s differ, the first are%n%s", differing, rules, String.join("\n", differences))
                .isEmpty();
        if (REPEATED == null) {
            assertThat(cases).isGreaterThanOrEqualTo(LEAST_CASES);
            assertThat(rules).hasSize(Family.values().length);
        }
    }

    @AfterAll
    static void asBefore() {
        Compiled.reset();
    }

    private void audit(long seed, Path parent, int local, int related) {
        Path folder = parent.resolve(
                "audit" + rules.values().stream().mapToInt(Integer::intValue).sum());
        Random random = new Random(seed);
        RandomShop.Sides sides = RandomShop.sides(random);
        RandomRules made = new RandomRules(random);
        List<Case> all = new ArrayList<>();
        for (Family family : Family.values()) {
            int count = family.isLocal() ? local : related;
            for (int i = count; i > 0; i--) {
                all.add(made.rule(family, family.name().toLowerCase(Locale.ROOT) + "-" + i));
            }
            rules.merge(family, count, Integer::sum);
        }
        String repeat = "-Doracle.seed=%d -Doracle.local=%d -Doracle.related=%d".formatted(seed, local, related);
        boolean alone = random.nextInt(8) == 0;
        WorkspaceForTests bench = WorkspaceForTests.in(folder, Shop.DATASETS);
        write(bench, sides.before());
        bench.take();
        write(bench, sides.after());
        bench.rules(all.stream().map(Case::yaml).collect(Collectors.joining()));
        WorkspaceForTests.Audited audited = bench.audit(alone ? "none" : "");
        Map<String, List<String>> found = audited.findings().stream()
                .collect(Collectors.groupingBy(
                        finding -> finding.get("rule").asText(),
                        LinkedHashMap::new,
                        Collectors.mapping(OracleTest::text, Collectors.toList())));
        Oracle oracle = new Oracle(alone ? null : sides.before(), sides.after());
        for (Case one : all) {
            cases += records(one, sides, alone);
            List<String> expected = one.findings(oracle);
            List<String> actual =
                    found.getOrDefault(one.id(), List.of()).stream().sorted().toList();
            String outcome = audited.outcome(one.id());
            String came = outcome.contains(": ") ? outcome.substring(0, outcome.indexOf(": ")) : outcome;
            String comes = one.outcome(oracle);
            if (!expected.equals(actual) || !came.equals(comes)) {
                differing++;
                if (differences.size() < SHOWN) {
                    differences.add(difference(repeat, one, expected, comes, actual, outcome, sides, alone));
                }
            }
        }
    }

    /** The records of the rule's dataset, before or after. */
    private static long records(Case one, RandomShop.Sides sides, boolean alone) {
        String dataset = one.rule().dataset();
        return Stream.concat(
                        alone ? Stream.<Shop.Item>of() : sides.before().of(dataset).stream(),
                        sides.after().of(dataset).stream())
                .map(Shop.Item::key)
                .distinct()
                .count();
    }

    private static void write(WorkspaceForTests bench, Shop shop) {
        for (Shop.Table table : Shop.TABLES) {
            String ending = table.documents() ? ".jsonl" : ".csv";
            List<Shop.Item> items = shop.of(table.name());
            int half = items.size() / 2;
            write(bench, table, "/1" + ending, items.subList(0, half));
            write(bench, table, "/2" + ending, items.subList(half, items.size()));
        }
    }

    private static void write(WorkspaceForTests bench, Shop.Table table, String file, List<Shop.Item> items) {
        bench.file(table.name() + file, Shop.lines(table, items).toArray(String[]::new));
    }

    private static String text(JsonNode finding) {
        return finding.get("dataset").asText() + " " + WorkspaceForTests.Audited.key(finding) + " "
                + finding.get("path").asText("-") + " " + finding.get("reason").asText()
                + (finding.get("preExisting").asBoolean() ? " pre-existing" : "");
    }

    private static String difference(
            String repeat,
            Case one,
            List<String> expected,
            String comes,
            List<String> actual,
            String came,
            RandomShop.Sides sides,
            boolean alone) {
        StringBuilder text = new StringBuilder("%s%n%s".formatted(repeat, one.yaml()));
        text.append("expected %s%n".formatted(comes));
        expected.forEach(line -> text.append("  ").append(line).append('\n'));
        text.append("was %s%n".formatted(came));
        actual.forEach(line -> text.append("  ").append(line).append('\n'));
        for (Shop.Table table : Shop.TABLES) {
            if (one.yaml().contains(table.name())) {
                if (!alone) {
                    text.append(table.name()).append(" before\n");
                    Shop.lines(table, sides.before().of(table.name()))
                            .forEach(line -> text.append("  ").append(line).append('\n'));
                }
                text.append(table.name()).append(" after\n");
                Shop.lines(table, sides.after().of(table.name()))
                        .forEach(line -> text.append("  ").append(line).append('\n'));
            }
        }
        return text.toString();
    }
}
