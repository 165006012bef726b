package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.record.Cases;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BucketsTest {

    private static final int COUNT = 16;

    /** A record as buckets see it. */
    private record Seen(int bucket, Buckets.Sums sums) {
        static Seen of(Random random) {
            return new Seen(
                    random.nextInt(COUNT),
                    new Buckets.Sums(1, Examples.lanes(random), Examples.lanes(random), Examples.lanes(random)));
        }
    }

    private static List<Seen> records(Random random) {
        List<Seen> records = new ArrayList<>();
        for (int i = random.nextInt(50); i >= 0; i--) {
            records.add(Seen.of(random));
        }
        return records;
    }

    private static Buckets of(List<Seen> records) {
        Buckets.Builder builder = Buckets.builder(COUNT);
        records.forEach(record -> builder.add(record.bucket(), record.sums()));
        return builder.build();
    }

    @Test
    void the_sum_of_parts_in_any_order_is_the_whole() {
        Cases.run(Cases.heavy(2_000, 100_000), random -> {
            List<Seen> records = records(random);
            Buckets whole = of(records);
            Collections.shuffle(records, random);
            int cut = random.nextInt(records.size() + 1);
            Buckets sum = of(records.subList(0, cut)).plus(of(records.subList(cut, records.size())));

            assertThat(sum).isEqualTo(whole).hasSameHashCodeAs(whole);
            assertThat(sum.totals()).isEqualTo(whole.totals());
            assertThat(whole.totals().records()).isEqualTo(records.size());
        });
    }

    @Test
    void a_child_is_its_parent_with_inserts_and_without_deletes() {
        Cases.run(Cases.heavy(2_000, 100_000), random -> {
            List<Seen> parent = records(random);
            List<Seen> inserts = records(random);
            List<Seen> deletes = parent.subList(0, random.nextInt(parent.size() + 1));
            List<Seen> child = new ArrayList<>(parent.subList(deletes.size(), parent.size()));
            child.addAll(inserts);

            assertThat(of(parent).plus(of(inserts)).minus(of(deletes))).isEqualTo(of(child));
            assertThat(of(parent).minus(of(deletes)).plus(of(inserts))).isEqualTo(of(child));
            assertThat(of(child).minus(of(child))).isEqualTo(Buckets.empty(COUNT));
        });
    }

    @Test
    void one_lost_invented_or_exchanged_record_is_seen() {
        Cases.run(Cases.heavy(2_000, 100_000), random -> {
            List<Seen> records = records(random);
            Buckets whole = of(records);

            List<Seen> twice = new ArrayList<>(records);
            twice.add(records.get(random.nextInt(records.size())));
            assertThat(of(twice)).isNotEqualTo(whole);
            List<Seen> other = new ArrayList<>(records);
            other.set(random.nextInt(records.size()), Seen.of(random));
            assertThat(of(other)).isNotEqualTo(whole);
            List<Seen> lost = new ArrayList<>(records);
            lost.remove(random.nextInt(records.size()));
            assertThat(of(lost)).isNotEqualTo(whole);
        });
    }

    @Test
    void what_is_written_reads_back_equal() {
        Cases.run(Cases.heavy(500, 20_000), random -> {
            Buckets buckets = of(records(random));

            assertThat(Buckets.decode("buckets.bin", buckets.encode())).isEqualTo(buckets);
        });
    }

    @Test
    void hostile_bytes_are_refused_or_written_the_same_way() {
        Cases.run(Cases.heavy(5_000, 100_000), random -> {
            byte[] changed = Mutations.ofBytes(of(records(random)).encode(), random);
            try {
                assertThat(Buckets.decode("buckets.bin", changed).encode()).isEqualTo(changed);
            } catch (UnusableEntry e) {
                assertThat(e.name()).isEqualTo("buckets.bin");
            }
        });
    }

    @Test
    void a_bucket_below_nothing_can_be_computed_and_not_written() {
        Buckets less = Buckets.empty(2)
                .minus(Buckets.builder(2)
                        .add(1, new Buckets.Sums(3, zero(), zero(), zero()))
                        .build());

        assertThat(less.get(1).records()).isEqualTo(-3);
        assertThatThrownBy(less::encode).hasMessage("bucket 1 holds -3 records");
    }

    private static dev.lastgood.record.Digest128 zero() {
        return dev.lastgood.record.Digest128.ZERO;
    }

    @Test
    void other_numbers_of_buckets_do_not_mix() {
        assertThatThrownBy(() -> Buckets.empty(2).plus(Buckets.empty(3))).hasMessage("2 buckets against 3");
        assertThatThrownBy(() -> Buckets.empty(0)).hasMessage("there are 1 to 1048576 buckets, not 0");
    }
}
