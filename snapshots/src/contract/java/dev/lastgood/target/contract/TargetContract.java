package dev.lastgood.target.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.TargetUnavailable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every target promises. Records have the fields id, name, note and total. */
public abstract class TargetContract {
    private Target target = new InMemoryTarget("none");

    /** A new, empty dataset, with the target that is tested. */
    protected abstract Target create() throws Exception;

    /** The application, which writes without asking the target; null deletes. */
    protected abstract void application(Key key, @Nullable Image image) throws Exception;

    /** The whole dataset, read around the target. */
    protected abstract Map<Key, Image> everything() throws Exception;

    /** A number as the dataset's images hold it. */
    protected Value number(int number) {
        return Value.of(number);
    }

    /** Whether many may write at the same time without a lost write. */
    protected boolean isSafeAmongThreads() {
        return true;
    }

    /** How often each thread of the application writes where threads compete; 25 times that in the profile full. */
    protected int writes() {
        return 500;
    }

    @BeforeEach
    void begin() throws Exception {
        target = create();
    }

    @AfterEach
    void end() throws Exception {
        target.close();
    }

    protected final Key key(int id) {
        return Key.of("id", number(id));
    }

    protected final Image image(int id, String name, int total) {
        return Image.of(Map.of("id", number(id), "name", Value.of(name), "note", Value.NULL, "total", number(total)));
    }

    private static Seen seen(Target.Batch batch, Key key) {
        return Objects.requireNonNull(batch.seen().get(key));
    }

    private Seen look(Key key) {
        try (Target.Batch batch = target.open(List.of(key))) {
            return seen(batch, key);
        }
    }

    private Written write(Key key, @Nullable Image desired, String... fields) {
        try (Target.Batch batch = target.open(List.of(key))) {
            return one(batch, new Change(key, seen(batch, key), desired, Set.of(fields)));
        }
    }

    private static Written one(Target.Batch batch, Change change) {
        return Objects.requireNonNull(batch.write(List.of(change)).get(change.key()));
    }

    private static String token(Written written) {
        assertThat(written).isInstanceOf(Written.Done.class);
        return ((Written.Done) written).token();
    }

    @Test
    void every_record_asked_for_is_answered_for() throws Exception {
        application(key(1), image(1, "a", 10));

        try (Target.Batch batch = target.open(List.of(key(2), key(1)))) {
            assertThat(batch.seen().keySet()).containsExactlyInAnyOrder(key(1), key(2));
            assertThat(seen(batch, key(1)).image()).isEqualTo(image(1, "a", 10));
            assertThat(seen(batch, key(2)).image()).isNull();
        }
    }

    @Test
    void a_token_stays_as_long_as_the_record_does_and_moves_with_it() throws Exception {
        application(key(1), image(1, "a", 10));
        String first = look(key(1)).token();

        assertThat(look(key(1)).token()).isEqualTo(first);
        application(key(1), image(1, "b", 10));
        assertThat(look(key(1)).token()).isNotEqualTo(first);
    }

    @Test
    void only_the_named_fields_are_written() throws Exception {
        application(key(1), image(1, "a", 10));

        Written written = write(key(1), image(1, "ignored", 20), "total");

        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "a", 20)));
        assertThat(look(key(1)).token()).isEqualTo(token(written));
    }

    @Test
    void a_record_is_inserted_and_deleted() throws Exception {
        application(key(1), image(1, "a", 10));

        Written inserted = write(key(2), image(2, "it's, \"new\"\nhere", -5));
        assertThat(everything())
                .isEqualTo(Map.of(key(1), image(1, "a", 10), key(2), image(2, "it's, \"new\"\nhere", -5)));
        assertThat(look(key(2)).token()).isEqualTo(token(inserted));

        Written deleted = write(key(2), null);
        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "a", 10)));
        assertThat(look(key(2))).isEqualTo(new Seen(null, token(deleted)));
    }

    @Test
    void nulls_and_empty_texts_are_kept_apart() throws Exception {
        application(key(1), image(1, "a", 10));

        write(key(1), image(1, "", 10).with("note", Value.of("")), "name", "note");
        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "", 10).with("note", Value.of(""))));

        write(key(1), image(1, "", 10), "note");
        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "", 10)));
    }

    @Test
    void what_is_not_written_stays_as_it_is() throws Exception {
        application(key(1), image(1, "a", 10));

        target.open(List.of(key(1), key(2))).close();

        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "a", 10)));
        application(key(1), image(1, "b", 10));
        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "b", 10)));
    }

    @Test
    void several_records_are_written_together() throws Exception {
        application(key(1), image(1, "a", 10));
        application(key(2), image(2, "b", 20));
        List<Key> keys = List.of(key(3), key(2), key(1));

        try (Target.Batch batch = target.open(keys)) {
            Map<Key, Written> written = batch.write(List.of(
                    new Change(key(3), seen(batch, key(3)), image(3, "c", 30), Set.of("id", "name", "note", "total")),
                    new Change(key(2), seen(batch, key(2)), null, Set.of()),
                    new Change(key(1), seen(batch, key(1)), image(1, "z", 11), Set.of("name", "total"))));

            assertThat(written.values()).hasSize(3).allMatch(answer -> answer instanceof Written.Done);
        }

        assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "z", 11), key(3), image(3, "c", 30)));
    }

    @Test
    void a_field_that_is_not_there_is_refused_and_nothing_written() throws Exception {
        application(key(1), image(1, "a", 10));

        Written written = write(key(1), image(1, "b", 10).with("ghost", Value.of(1)), "name", "ghost");

        if (written instanceof Written.Refused) {
            assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "a", 10)));
        } else {
            assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "b", 10).with("ghost", Value.of(1))));
        }
    }

    /** The application adds to one field, the restore to another; whatever either has added must be there at the end. */
    @Test
    void nothing_written_by_real_threads_is_lost() throws Exception {
        if (!isSafeAmongThreads()) {
            return;
        }
        int threads = 4;
        int writes = writes() * (Boolean.getBoolean("lastgood.full") ? 25 : 1);
        for (int id = 0; id < 8; id++) {
            application(key(id), image(id, "", 0));
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<int[]>> added = IntStream.range(0, threads)
                .mapToObj(thread -> pool.submit(() -> applicationAdds(writes)))
                .toList();
        int[] restored = new int[8];
        int rounds = 0;
        while (!added.stream().allMatch(Future::isDone) || rounds < 20) {
            restoreAdds(restored);
            rounds++;
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        int[] expected = new int[8];
        for (Future<int[]> one : added) {
            int[] counts = one.get();
            for (int id = 0; id < 8; id++) {
                expected[id] += counts[id];
            }
        }
        Map<Key, Image> all = everything();
        for (int id = 0; id < 8; id++) {
            assertThat(Objects.requireNonNull(all.get(key(id))).fields())
                    .containsEntry("total", number(expected[id]))
                    .containsEntry("name", Value.of("r".repeat(restored[id])));
        }
    }

    private int[] applicationAdds(int writes) throws Exception {
        Adder adder = adder();
        int[] counts = new int[8];
        for (int i = 0; i < writes; i++) {
            int id = ThreadLocalRandom.current().nextInt(8);
            adder.add(key(id));
            counts[id]++;
        }
        return counts;
    }

    /** Adds 1 to the total of a record in one act. */
    protected interface Adder {
        void add(Key key) throws Exception;
    }

    /** The application's own way to add, for one thread. */
    protected Adder adder() throws Exception {
        throw new UnsupportedOperationException("not safe among threads");
    }

    private void restoreAdds(int[] restored) {
        List<Key> keys = List.of(key(1), key(4), key(6));
        try (Target.Batch batch = target.open(keys)) {
            Map<Key, Written> written = batch.write(keys.stream()
                    .map(key -> {
                        Image image = Objects.requireNonNull(seen(batch, key).image());
                        String name =
                                Objects.requireNonNull(image.field("name")).toString();
                        return new Change(
                                key, seen(batch, key), image.with("name", Value.of(name + "r")), Set.of("name"));
                    })
                    .toList());
            int[] ids = {1, 4, 6};
            for (int id : ids) {
                if (written.get(key(id)) instanceof Written.Done) {
                    restored[id]++;
                } else {
                    assertThat(written.get(key(id))).isInstanceOf(Written.Refused.class);
                }
            }
        } catch (TargetUnavailable e) {
            // Locks were not to be had for now; nothing was written.
            return;
        }
    }
}
