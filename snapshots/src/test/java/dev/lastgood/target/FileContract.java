package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.contract.TargetContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a file, where the application replaces the whole file. */
abstract class FileContract extends TargetContract {
    static final List<FieldPath> KEY = List.of(FieldPath.of("id"));

    @TempDir
    Path folder = Path.of("");

    private final Map<Key, Image> records = new TreeMap<>();

    final Path file() {
        return folder.resolve("orders.txt");
    }

    /** The content of a file with these records, in order. */
    abstract String content(Iterable<Image> images);

    /** A new target for the file. */
    abstract FileTarget open();

    @Override
    protected Target create() throws IOException {
        Files.writeString(file(), content(List.of()));
        return open();
    }

    @Override
    protected void application(Key key, @Nullable Image image) throws IOException {
        records.clear();
        records.putAll(everything());
        if (image == null) {
            records.remove(key);
        } else {
            records.put(key, image);
        }
        Files.writeString(file(), content(records.values()));
    }

    @Override
    protected Map<Key, Image> everything() throws IOException {
        Map<Key, Image> all = new TreeMap<>();
        try {
            for (TextFormat.Row row : format().parse(Files.readAllBytes(file())).rows()) {
                all.put(row.image().key(List.of("id")), row.image());
            }
        } catch (TextFormat.Malformed e) {
            throw new IOException(e);
        }
        return all;
    }

    abstract TextFormat format();

    @Override
    protected boolean isSafeAmongThreads() {
        // Between hashing the old file and moving the new one, a writer's file can be lost, as the documentation says.
        return false;
    }

    @Test
    void a_file_written_after_it_was_read_is_refused() throws Exception {
        application(key(1), image(1, "a", 10));
        try (FileTarget target = open();
                Target.Batch batch = target.open(List.of(key(1)))) {
            application(key(2), image(2, "b", 20));

            Written written = Objects.requireNonNull(batch.write(List.of(new Change(
                            key(1),
                            Objects.requireNonNull(batch.seen().get(key(1))),
                            image(1, "b", 10),
                            Set.of("name"))))
                    .get(key(1)));

            assertThat(written).isEqualTo(new Written.Refused("the file has been written since"));
            assertThat(everything()).isEqualTo(Map.of(key(1), image(1, "a", 10), key(2), image(2, "b", 20)));
        }
    }

    @Test
    void nothing_is_left_beside_the_file() throws Exception {
        application(key(1), image(1, "a", 10));
        try (FileTarget target = open();
                Target.Batch batch = target.open(List.of(key(1)))) {
            batch.write(List.of(new Change(
                    key(1), Objects.requireNonNull(batch.seen().get(key(1))), image(1, "b", 10), Set.of("name"))));
        }
        try (var inside = Files.list(folder)) {
            assertThat(inside).containsExactly(file());
        }
    }
}
