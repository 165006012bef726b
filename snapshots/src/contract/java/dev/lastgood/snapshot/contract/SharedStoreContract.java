package dev.lastgood.snapshot.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.StoreFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store must do that several processes share: real ones, also killed ones. */
public abstract class SharedStoreContract extends StoreContract {

    private static final int PROCESSES = 2;

    @TempDir
    Path outputs;

    @SuppressWarnings("NullAway.Init") // JUnit
    protected SharedStoreContract() {}

    /** How many processes are killed while they write. */
    protected int kills() {
        return Boolean.getBoolean("lastgood.full") ? 200 : 5;
    }

    @Test
    void of_two_processes_one_wins_each_name() throws Exception {
        List<Process> racers = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            racers.add(Racer.start(opener().getClass(), folder, "publish", races(), out(i)));
        }
        List<Racer.Won> won = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            for (String line : Racer.finish(racers.get(i), out(i))) {
                won.add(new Racer.Won(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)));
            }
        }
        checkRace(won);
    }

    @Test
    void two_processes_append_to_one_catalog_and_nothing_is_lost() throws Exception {
        int times = races() / 5;
        beginCatalog();
        List<Process> racers = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            racers.add(Racer.start(opener().getClass(), folder, "append", times, out(i)));
        }
        Set<String> appended = new HashSet<>();
        for (int i = 0; i < PROCESSES; i++) {
            appended.addAll(Racer.finish(racers.get(i), out(i)));
        }

        List<Entry> entries = Catalog.open(store, "race", Clock.systemUTC(), "reader").entries();
        assertThat(appended).hasSize(PROCESSES * times);
        assertThat(holds(entries)).containsExactlyInAnyOrderElementsOf(appended);
        checkEachDecidedOnAllBefore(entries);
    }

    @Test
    void two_processes_that_make_a_catalog_anew_end_in_one() throws Exception {
        beginCatalog();
        Catalog catalog = Catalog.open(store, "race", Clock.systemUTC(), "starter");
        for (int i = 0; i < 20; i++) {
            catalog.append(new Event.Held(List.of(Racer.SNAPSHOT), Event.Reason.MANUAL, null, "hold " + i));
        }
        List<CatalogState.Hold> holds = catalog.state().holds();
        store.publish(Entry.name(catalog.state().number() + 1), new byte[] {1});

        List<Process> racers = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            racers.add(Racer.start(opener().getClass(), folder, "rebuild", 1, out(i)));
        }
        int done = 0;
        for (int i = 0; i < PROCESSES; i++) {
            done += Integer.parseInt(Racer.finish(racers.get(i), out(i)).get(0));
        }

        assertThat(done).isPositive();
        CatalogState state = Catalog.open(store, "race", Clock.systemUTC(), "reader").state();
        assertThat(state.holds()).isEqualTo(holds);
        assertThat(store.list("catalog").stream().filter(name -> name.matches("[0-9]{12}\\.json")))
                .hasSize(1);
    }

    /** Whatever the moment of the kill, what was said to be appended is there, and the catalog is whole. */
    @Test
    void killed_processes_leave_a_sound_catalog() throws Exception {
        beginCatalog();
        Random random = new Random(5);
        Set<String> appended = new HashSet<>();
        for (int i = 0; i < kills(); i++) {
            Process racer = Racer.start(opener().getClass(), folder, "append", 1_000_000, out(i));
            while (Files.size(out(i)) == 0 && racer.isAlive()) {
                assertThat(racer.waitFor(5, TimeUnit.MILLISECONDS)).isFalse();
            }
            assertThat(racer.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS)).isFalse();
            racer.destroyForcibly().waitFor();
            List<String> lines = Files.readAllLines(out(i));
            appended.addAll(lines);

            List<Entry> entries = Catalog.open(store, "race", Clock.systemUTC(), "reader").entries();
            assertThat(holds(entries)).containsAll(wholeLines(lines));
            checkEachDecidedOnAllBefore(entries);
        }
        assertThat(appended).isNotEmpty();
    }

    /** The last line may be cut by the kill. */
    private static List<String> wholeLines(List<String> lines) {
        return lines.stream()
                .filter(line -> line.length() == line.indexOf(' ') + 1 + 36)
                .toList();
    }

    private Path out(int i) {
        return outputs.resolve("racer-" + i);
    }

    private void beginCatalog() {
        StoreFormat.establish(store, "race");
        Catalog catalog = Catalog.open(store, "race", Clock.systemUTC(), "starter");
        catalog.append(new Event.Taking(Racer.SNAPSHOT, List.of("orders")));
        var captured = new Event.Captured(Sha256.of(new byte[0]), Instant.EPOCH, Instant.EPOCH, 1, 1, null);
        catalog.append(new Event.Taken(Racer.SNAPSHOT, new TreeMap<>(Map.of("orders", captured))));
    }

    private static List<String> holds(List<Entry> entries) {
        return entries.stream()
                .filter(entry -> entry.event() instanceof Event.Held)
                .map(entry -> entry.number() + " " + entry.id())
                .toList();
    }

    private static void checkEachDecidedOnAllBefore(List<Entry> entries) {
        for (Entry entry : entries) {
            if (entry.event() instanceof Event.Held held) {
                assertThat(held.note()).isEqualTo("after " + (entry.number() - 1));
            }
        }
    }
}
