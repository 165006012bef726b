package dev.lastgood.bench;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Candidate;
import dev.lastgood.restore.History;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Mode;
import dev.lastgood.restore.Plan;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Planner;
import dev.lastgood.restore.Policy;
import dev.lastgood.restore.RuleFacts;
import dev.lastgood.restore.Ruling;
import dev.lastgood.snapshot.LocalStore;
import dev.lastgood.snapshot.Store;
import dev.lastgood.target.Target;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a large plan takes of the driver: to make it, to write it, to read it again. Without Spark and without a database. */
@Command(name = "plan-bench", description = "Measures a large plan.", mixinStandardHelpOptions = true)
public final class PlanBench implements Callable<Integer> {
    @Option(names = "--steps", paramLabel = "N", description = "damaged records (default: ${DEFAULT-VALUE})")
    int steps = 1_000_000;

    @Option(names = "--folder", paramLabel = "DIR", description = "where the plan goes (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "plan-bench");

    private static final Instant AT = Instant.parse("2026-11-22T12:00:00Z");
    private static final double MEGABYTE = 1 << 20;
    private static final double SECOND = 1_000_000_000;

    private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] args) {
        System.exit(new CommandLine(new PlanBench()).execute(args));
    }

    @Override
    public Integer call() {
        Store store = LocalStore.at(folder.resolve(UUID.randomUUID().toString()));
        Written written = written(store);
        PlanFiles.Stored read = timed("read", () -> PlanFiles.read(store, written.id()));
        if (!read.digest().equals(written.digest()) || read.plan().steps().size() != steps) {
            throw new IllegalStateException(written.id());
        }
        return 0;
    }

    private record Written(String id, String digest) {}

    /** Makes a plan and lets go of it, as a command does that plans: the next one reads it. */
    private Written written(Store store) {
        double empty = used();
        List<Candidate> candidates = candidates();
        Plan plan = timed("made", () -> new Planner(PlanBench::judged).plan(request(candidates)));
        candidates.clear();
        double made = used();
        PlanFiles.Stored stored = timed("written", () -> PlanFiles.write(store, plan));
        out.printf("%,d steps: %.0f MB, %.1f kB a step%n", steps, made - empty, (made - empty) * 1024 / steps);
        return new Written(stored.id(), stored.digest());
    }

    private List<Candidate> candidates() {
        List<Candidate> candidates = new ArrayList<>(steps);
        for (int id = 1; id <= steps; id++) {
            Image good = order(id, id + ".25");
            Image bad = order(id, "-" + id + ".25");
            candidates.add(new Candidate(
                    "orders",
                    Key.of("id", Value.of(id)),
                    List.of(Candidate.Accusation.of("total")),
                    Candidate.Named.NOBODY,
                    History.of(
                            new History.Good(good, "20261121T020000Z-7f3a", AT.minusSeconds(36_000)),
                            bad,
                            History.Origin.OBSERVED),
                    new Target.Seen(order(id, "-" + id + ".25"), "token " + id)));
        }
        return candidates;
    }

    private static Image order(int id, String total) {
        return Image.of(Map.of(
                "id", Value.of(id),
                "customer", Value.of(id % 977),
                "status", Value.of("PAID"),
                "total", new Value.Num(new BigDecimal(total)),
                "note", Value.of("note of order " + id)));
    }

    private static List<Map<String, Ruling>> judged(String dataset, List<Judge.Pair> pairs) {
        Map<String, Ruling> pass = Map.of("total", Ruling.PASS);
        Map<String, Ruling> fail = Map.of("total", Ruling.FAIL);
        return pairs.stream()
                .map(pair -> pair.record() != null
                                && pair.record().field("total") instanceof Value.Num total
                                && total.value().signum() < 0
                        ? fail
                        : pass)
                .toList();
    }

    private static Planner.Request request(List<Candidate> candidates) {
        return new Planner.Request(
                "bench",
                "bench",
                AT,
                Duration.ofHours(24),
                Mode.BLOCK,
                candidates,
                List.of(),
                Map.of(
                        "total",
                        new RuleFacts(
                                "total",
                                "hash",
                                "orders",
                                RuleFacts.Accuses.VALUES,
                                RuleFacts.Scope.LOCAL,
                                Set.of(FieldPath.of("total")),
                                Set.of(),
                                false,
                                "")),
                Map.of(
                        "orders",
                        new Planner.Dataset(Policy.plain("orders"), "bench", "", List.of(), OptionalLong.empty())),
                List.of());
    }

    private <T> T timed(String what, Callable<T> work) {
        long start = System.nanoTime();
        try {
            T done = work.call();
            out.printf("%s in %.1f s%n", what, (System.nanoTime() - start) / SECOND);
            return done;
        } catch (Exception e) {
            throw new IllegalStateException(what, e);
        }
    }

    private static double used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / MEGABYTE;
    }
}
