package dev.lastgood.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThinTableTest {
    private static final long SEED = Long.getLong("thin.seed", new Random().nextLong());

    @TempDir
    Path folder;

    private ThinFile file(@Nullable Long first, long... keyHashes) throws IOException {
        Path at = folder.resolve(UUID.randomUUID().toString());
        try (ThinFile.Writer writer = new ThinFile.Writer(Files.newOutputStream(at))) {
            for (long hash : keyHashes) {
                writer.record(hash, hash + 1, hash + 2);
            }
        }
        return new ThinFile(at.toString(), keyHashes.length, null, first);
    }

    private static ThinTable table(List<ThinFile> files, long... removed) {
        return ThinTable.of(UUID.randomUUID().toString(), files, removed, new Configuration(false));
    }

    private static void assertHolds(ThinTable table, long... keyHashes) {
        assertThat(table.size()).isEqualTo(keyHashes.length);
        for (long hash : keyHashes) {
            int number = table.find(hash);
            assertThat(number).as("%d, -Dthin.seed=%d", hash, SEED).isNotNegative();
            assertThat(table.isSame(number, hash + 1, hash + 2)).isTrue();
            assertThat(table.isSame(number, hash + 1, hash)).isFalse();
        }
        assertThat(table.sum(0)).isEqualTo(Arrays.stream(keyHashes).sum());
    }

    @Test
    void files_in_any_order_and_sorted_ones_hold_the_same() throws IOException {
        long[] hashes = new Random(SEED).longs(50_000).distinct().sorted().toArray();
        long[] shuffled = hashes.clone();
        for (int i = 0; i < shuffled.length; i++) {
            int other = (int) ((i * 7_919L + 13) % shuffled.length);
            long moved = shuffled[i];
            shuffled[i] = shuffled[other];
            shuffled[other] = moved;
        }
        ThinTable any = table(List.of(file(null, shuffled)));
        assertHolds(any, hashes);
        int half = hashes.length / 3;
        long[] low = Arrays.copyOf(hashes, half);
        long[] high = Arrays.copyOfRange(hashes, half, hashes.length);
        ThinTable sorted = table(List.of(file(high[0], high), file(low[0], low)));
        assertHolds(sorted, hashes);
        assertThat(sorted.isAmbiguous() || any.isAmbiguous()).isFalse();
        for (long absent : new Random(~SEED).longs(1_000).toArray()) {
            assertThat(sorted.find(absent)).isNegative();
        }
        // Files that only say that they are sorted.
        long first = shuffled[0];
        assertHolds(table(List.of(file(first, shuffled))), hashes);
    }

    @Test
    void the_smallest_tables() throws IOException {
        assertThat(table(List.of()).find(7)).isNegative();
        assertHolds(table(List.of(file(-1L, -1))), -1);
        assertHolds(
                table(List.of(file(Long.MIN_VALUE, Long.MIN_VALUE, 0, Long.MAX_VALUE))),
                Long.MIN_VALUE,
                0,
                Long.MAX_VALUE);
    }

    @Test
    void a_key_hash_that_is_there_twice_is_seen() throws IOException {
        assertThat(table(List.of(file(1L, 1, 2, 2, 3))).isAmbiguous()).isTrue();
        assertThat(table(List.of(file(null, 9, 3, 9))).isAmbiguous()).isTrue();
    }

    @Test
    void what_was_removed_is_not_there() throws IOException {
        List<ThinFile> files = List.of(file(1L, 1, 2, 3), file(2L, 2, 4));
        // Of two that are alike one; of one that was put in another's place the other.
        ThinTable table = table(files, 2, 3, 4, 1, 2, 3);
        assertHolds(table, 2, 3, 4);
        assertThat(table.isAmbiguous()).isFalse();
        assertThatThrownBy(() -> table(files, 7, 8, 9))
                .isInstanceOf(ThinDamaged.class)
                .hasMessage("hashes were removed that were not there");
    }

    @Test
    void hashes_of_other_records_do_not_add_up() throws IOException {
        List<ThinFile> files = List.of(file(1L, 1, 2), file(3L, 3));
        assertHolds(side(files, 1 + 2 + 3, 2 + 3 + 4, 3 + 4 + 5).table(), 1, 2, 3);
        for (long[] sums : List.of(new long[] {7, 9, 12}, new long[] {6, 8, 12}, new long[] {6, 9, 11})) {
            assertThatThrownBy(() -> side(files, sums).table())
                    .isInstanceOf(ThinDamaged.class)
                    .hasMessage("the hashes do not add up to those of the records");
        }
    }

    private static ThinSide side(List<ThinFile> files, long... sums) {
        return new ThinSide(
                UUID.randomUUID().toString(),
                files,
                new long[0],
                Arrays.stream(sums).boxed().toList(),
                ThinSide.Hadoop.of(new Configuration(false)));
    }

    @Test
    void whatever_is_done_to_a_file_is_seen() throws Exception {
        ThinFile whole = file(1L, 1, 2, 3);
        Path at = Path.of(whole.location());
        byte[] bytes = Files.readAllBytes(at);
        String digest = java.util.HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
        ThinFile proven = new ThinFile(whole.location(), 3, digest, 1L);
        assertHolds(table(List.of(proven)), 1, 2, 3);
        List<byte[]> damages = new ArrayList<>(List.of(
                new byte[0],
                Arrays.copyOf(bytes, 10),
                Arrays.copyOf(bytes, bytes.length - 1),
                Arrays.copyOf(bytes, bytes.length - 24),
                Arrays.copyOf(bytes, bytes.length + 24)));
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 1;
            damages.add(flipped);
        }
        for (byte[] damaged : damages) {
            Files.write(at, damaged);
            assertThatThrownBy(() -> table(List.of(proven))).isInstanceOf(ThinDamaged.class);
        }
        Files.delete(at);
        assertThatThrownBy(() -> table(List.of(proven))).isInstanceOf(ThinDamaged.class);
    }
}
