package dev.lastgood.snapshot.contract;

import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.CatalogRebuild;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Publishes into a store as fast as it can, in a process of its own. */
public final class Racer {
    private Racer() {}

    /** How races for one name ended for one of the racers. */
    public record Won(String name, String entry) {}

    /** A process that races. */
    public static Process start(Class<? extends Opener> opener, Path folder, String race, int times, Path out)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Racer.class.getName(),
                opener.getName(),
                folder.toString(),
                race,
                Integer.toString(times)));
        return new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(out.resolveSibling(out.getFileName() + ".err").toFile())
                .start();
    }

    /** Waits for a process to end well and returns the lines it printed. */
    public static List<String> finish(Process process, Path out) throws IOException, InterruptedException {
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("a racer did not end");
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("a racer ended with %d: %s"
                    .formatted(
                            process.exitValue(),
                            Files.readString(out.resolveSibling(out.getFileName() + ".err"))));
        }
        return Files.readAllLines(out);
    }

    /** Tries every name once; the entries it won. An entry is as long as a real one, so that it can be torn. */
    public static List<Won> publish(Store store, int names) {
        List<Won> won = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            String name = "race/%06d.json".formatted(i);
            String entry = UUID.randomUUID() + "x".repeat(i % 3000);
            if (store.publish(name, entry.getBytes(StandardCharsets.UTF_8)) instanceof Published.Won) {
                won.add(new Won(name, entry));
            }
        }
        return won;
    }

    /** Opener, folder, race, times. */
    public static void main(String[] arguments) throws Exception {
        Opener opener = Class.forName(arguments[0])
                .asSubclass(Opener.class)
                .getDeclaredConstructor()
                .newInstance();
        Store store = opener.open(Path.of(arguments[1]));
        int times = Integer.parseInt(arguments[3]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        switch (arguments[2]) {
            case "publish" -> publish(store, times).forEach(won -> out.println(won.name() + " " + won.entry()));
            case "append" -> append(store, times, out);
            case "rebuild" -> out.println(rebuild(store));
            default -> throw new IllegalArgumentException(arguments[2]);
        }
    }

    /** Appends holds and says so after each, with its number and id. */
    private static void append(Store store, int times, PrintStream out) {
        Catalog catalog = Catalog.open(store, "race", Clock.systemUTC(), "racer");
        for (int i = 0; i < times; i++) {
            var entry = catalog.append(state -> new Event.Held(
                    List.of(state.snapshots().get(0).id()), Event.Reason.MANUAL, null, "after " + state.number()));
            out.println(entry.number() + " " + entry.id());
        }
    }

    /** Makes the catalog anew until there is nothing to make; how often it was not overtaken. */
    private static int rebuild(Store store) {
        int done = 0;
        while (true) {
            try {
                CatalogRebuild.plan(store, "race", Clock.systemUTC(), "racer").carryOut();
                done++;
            } catch (Refusal e) {
                if (String.valueOf(e.getMessage()).startsWith("the catalog is whole")) {
                    return done;
                }
            }
        }
    }

    /** The snapshot that racers hold. */
    public static final SnapshotId SNAPSHOT = new SnapshotId("20261122T020000Z-7f3a");
}
