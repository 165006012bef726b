package dev.lastgood.snapshot;

import dev.lastgood.record.Digest128;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The digests of a dataset by bucket of the key hash: how many records, and the sums of their key hashes, content digests
 * and compare digests. Sums do not depend on the order of records, they add and subtract: the sum of parts is the whole,
 * and child = parent + inserts − deletes. So equal buckets need no comparison of records.
 *
 * <p>Linear sums show accidents, not attacks: tamper evidence comes from the SHA-256 of the sidecar in the manifest.
 * Immutable.
 */
public final class Buckets {

    private static final long MAGIC = 0x4c47_4255_434b_4554L; // LGBUCKET
    private static final int VERSION = 1;
    private static final int HEADER = Long.BYTES + 2 * Integer.BYTES;
    private static final int LANES = 7;

    /** The most buckets there can be. */
    public static final int MOST = 1 << 20;

    /** Lanes of bucket b at 7b: records, then high and low of keys, content and compare. */
    private final long[] lanes;

    private Buckets(long[] lanes) {
        this.lanes = lanes;
    }

    /** What one bucket, or several together, hold. */
    public record Sums(long records, Digest128 keys, Digest128 content, Digest128 compare) {
        public static final Sums ZERO = new Sums(0, Digest128.ZERO, Digest128.ZERO, Digest128.ZERO);

        public Sums plus(Sums other) {
            return new Sums(
                    records + other.records,
                    keys.plus(other.keys),
                    content.plus(other.content),
                    compare.plus(other.compare));
        }

        public Sums minus(Sums other) {
            return new Sums(
                    records - other.records,
                    keys.minus(other.keys),
                    content.minus(other.content),
                    compare.minus(other.compare));
        }
    }

    /** So many buckets with nothing in them. */
    public static Buckets empty(int count) {
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException("there are 1 to %d buckets, not %d".formatted(MOST, count));
        }
        return new Buckets(new long[count * LANES]);
    }

    /** Collects sums, bucket by bucket or record by record. Not safe for use by several threads. */
    public static final class Builder {
        private final long[] lanes;

        private Builder(long[] lanes) {
            this.lanes = lanes;
        }

        /** Adds what a part of the records of a bucket sums up to. */
        public Builder add(int bucket, Sums sums) {
            int at = bucket * LANES;
            lanes[at] += sums.records();
            add(at + 1, sums.keys());
            add(at + 3, sums.content());
            add(at + 5, sums.compare());
            return this;
        }

        private void add(int at, Digest128 digest) {
            lanes[at] += digest.high();
            lanes[at + 1] += digest.low();
        }

        public Buckets build() {
            return new Buckets(lanes.clone());
        }
    }

    public static Builder builder(int count) {
        return new Builder(empty(count).lanes);
    }

    public int count() {
        return lanes.length / LANES;
    }

    public Sums get(int bucket) {
        int at = bucket * LANES;
        return new Sums(lanes[at], digest(at + 1), digest(at + 3), digest(at + 5));
    }

    private Digest128 digest(int at) {
        return new Digest128(lanes[at], lanes[at + 1]);
    }

    /** All buckets together. */
    public Sums totals() {
        Sums totals = Sums.ZERO;
        for (int bucket = 0; bucket < count(); bucket++) {
            totals = totals.plus(get(bucket));
        }
        return totals;
    }

    /** The records of both; throws {@link IllegalArgumentException} if the numbers of buckets differ. */
    public Buckets plus(Buckets other) {
        long[] sum = sameShape(other).clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.lanes[i];
        }
        return new Buckets(sum);
    }

    /** What is here and not in the other; a count below zero means that there was more in the other. */
    public Buckets minus(Buckets other) {
        long[] difference = sameShape(other).clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= other.lanes[i];
        }
        return new Buckets(difference);
    }

    private long[] sameShape(Buckets other) {
        if (lanes.length != other.lanes.length) {
            throw new IllegalArgumentException("%d buckets against %d".formatted(count(), other.count()));
        }
        return lanes;
    }

    /** The bytes of a sidecar. Throws {@link IllegalStateException} if a bucket holds less than nothing. */
    public byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + lanes.length * Long.BYTES);
        bytes.putLong(MAGIC).putInt(VERSION).putInt(count());
        for (int i = 0; i < lanes.length; i++) {
            if (i % LANES == 0 && lanes[i] < 0) {
                throw new IllegalStateException("bucket %d holds %d records".formatted(i / LANES, lanes[i]));
            }
            bytes.putLong(lanes[i]);
        }
        return bytes.array();
    }

    /**
     * The inverse of {@link #encode}. Whatever the bytes are, the only exception is {@link UnusableEntry}.
     *
     * @param name of the sidecar, for the message
     */
    public static Buckets decode(String name, byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        try {
            if (bytes.getLong() != MAGIC) {
                throw new UnusableEntry(name, "it does not begin as bucket digests do");
            }
            int version = bytes.getInt();
            if (version != VERSION) {
                throw new UnusableEntry(
                        name, "it has version %d, and this program knows %d".formatted(version, VERSION));
            }
            int count = bytes.getInt();
            if (count < 1 || count > MOST || bytes.remaining() != (long) count * LANES * Long.BYTES) {
                throw new UnusableEntry(name, "it is not as long as its number of buckets asks for");
            }
            long[] lanes = new long[count * LANES];
            bytes.asLongBuffer().get(lanes);
            for (int i = 0; i < lanes.length; i += LANES) {
                if (lanes[i] < 0 || lanes[i] > CanonicalJson.LARGEST_INTEGER) {
                    throw new UnusableEntry(name, "bucket %d cannot hold %d records".formatted(i / LANES, lanes[i]));
                }
            }
            return new Buckets(lanes);
        } catch (BufferUnderflowException e) {
            throw new UnusableEntry(name, "it ends too early");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Buckets that && Arrays.equals(lanes, that.lanes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lanes);
    }

    @Override
    public String toString() {
        return "%d buckets, %s".formatted(count(), totals());
    }
}
