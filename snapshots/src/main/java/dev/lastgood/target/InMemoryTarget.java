package dev.lastgood.target;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A dataset in memory with version tokens and tombstones. Its own methods may be called by many threads at once. */
public final class InMemoryTarget implements Target {
    private final String name;
    private final Map<Key, Seen> records = new TreeMap<>();
    private long clock;

    public InMemoryTarget(String name) {
        this.name = name;
    }

    @Override
    public String identity() {
        return "memory " + name;
    }

    /** Writes a record without looking, as the application would; null deletes it. The new token. */
    public synchronized String put(Key key, @Nullable Image image) {
        clock++;
        String token = (image == null ? "gone " : "v") + clock;
        records.put(key, new Seen(image, token));
        return token;
    }

    public synchronized Seen see(Key key) {
        return records.getOrDefault(key, Seen.ABSENT);
    }

    /** All records that are there, in the order of their keys. */
    public synchronized Map<Key, Image> images() {
        Map<Key, Image> images = new TreeMap<>();
        records.forEach((key, seen) -> {
            if (seen.image() != null) {
                images.put(key, seen.image());
            }
        });
        return images;
    }

    /** Writes if the record still is as seen. */
    public synchronized Written write(Change change) {
        Seen now = see(change.key());
        if (!now.token().equals(change.seen().token())
                || now.absent() != change.seen().absent()) {
            return new Written.Refused("the record has moved");
        }
        return new Written.Done(put(change.key(), change.result()));
    }

    @Override
    public Batch open(List<Key> keys) {
        Map<Key, Seen> seen = new LinkedHashMap<>();
        keys.forEach(key -> seen.put(key, see(key)));
        return new Batch() {
            @Override
            public Map<Key, Seen> seen() {
                return seen;
            }

            @Override
            public Map<Key, Written> write(List<Change> changes) {
                Map<Key, Written> written = new LinkedHashMap<>();
                changes.forEach(change -> {
                    Objects.requireNonNull(seen.get(change.key()));
                    written.put(change.key(), InMemoryTarget.this.write(change));
                });
                return written;
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
