package dev.lastgood.record;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;

/**
 * The canonical form of a value as bytes: a type tag, then a length and the content, so that two values have the same
 * bytes if and only if they are equal. No value's bytes are a prefix of another's.
 */
public final class Canonical {
    private Canonical() {}

    /** The injective encoding of a value. */
    public static byte[] encode(Value value) {
        Encoder encoder = new Encoder();
        value.accept(encoder);
        return encoder.bytes.toByteArray();
    }

    /** The first 128 bits of the SHA-256 of the encoding, as two lanes. */
    public static Digest128 digest(Value value) {
        byte[] hash = sha256().digest(encode(value));
        return new Digest128(lane(hash, 0), lane(hash, 8));
    }

    /** The first 128 bits of the SHA-256 of the encoding, as 16 bytes. */
    public static byte[] digestBytes(Value value) {
        return Arrays.copyOf(sha256().digest(encode(value)), 16);
    }

    /** SHA-256 of the encoding in lower-case hex. */
    public static String hex(Value value) {
        return HexFormat.of().formatHex(sha256().digest(encode(value)));
    }

    /** A total order over all values: by kind, then by value; equal to zero if and only if the values are equal. */
    public static int compare(Value a, Value b) {
        if (a instanceof Value.Num x && b instanceof Value.Num y) {
            return x.value().compareTo(y.value());
        }
        if (a instanceof Value.Text x && b instanceof Value.Text y) {
            return x.value().compareTo(y.value());
        }
        if (a instanceof Value.Real x && b instanceof Value.Real y) {
            return Double.compare(x.value(), y.value());
        }
        if (a instanceof Value.Day x && b instanceof Value.Day y) {
            return x.value().compareTo(y.value());
        }
        if (a instanceof Value.Moment x && b instanceof Value.Moment y) {
            return x.value().compareTo(y.value());
        }
        if (a instanceof Value.LocalMoment x && b instanceof Value.LocalMoment y) {
            return x.value().compareTo(y.value());
        }
        return Arrays.compareUnsigned(encode(a), encode(b));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static long lane(byte[] hash, int from) {
        long lane = 0;
        for (int i = from; i < from + 8; i++) {
            lane = lane << 8 | (hash[i] & 0xff);
        }
        return lane;
    }

    private static final class Encoder implements Value.Visitor<Encoder> {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private Encoder put(char tag, byte[] content) {
            bytes.write(tag);
            length(content.length);
            bytes.writeBytes(content);
            return this;
        }

        private void length(int length) {
            number(length, 4);
        }

        private void number(long number, int width) {
            for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
                bytes.write((int) (number >>> shift));
            }
        }

        private void instant(char tag, long epochSecond, int nano) {
            bytes.write(tag);
            number(epochSecond, 8);
            number(nano / 1000, 4);
        }

        @Override
        public Encoder ofNull() {
            bytes.write('0');
            return this;
        }

        @Override
        public Encoder ofBool(boolean value) {
            bytes.write(value ? 'T' : 'F');
            return this;
        }

        @Override
        public Encoder ofNum(BigDecimal number) {
            BigDecimal value = new Value.Num(number).canonical();
            BigInteger unscaled = value.unscaledValue();
            put('n', unscaled.toByteArray());
            length(value.scale());
            return this;
        }

        @Override
        public Encoder ofReal(double value) {
            bytes.write('r');
            number(Double.doubleToLongBits(value), 8);
            return this;
        }

        @Override
        public Encoder ofText(String value) {
            // UTF-8 would turn every lone surrogate into a question mark, so such text goes as UTF-16 code units.
            return isPlain(value) ? put('t', value.getBytes(StandardCharsets.UTF_8)) : put('u', codeUnits(value));
        }

        private static byte[] codeUnits(String value) {
            byte[] units = new byte[2 * value.length()];
            for (int i = 0; i < value.length(); i++) {
                units[2 * i] = (byte) (value.charAt(i) >>> 8);
                units[2 * i + 1] = (byte) value.charAt(i);
            }
            return units;
        }

        private static boolean isPlain(String value) {
            for (int i = 0; i < value.length(); i++) {
                if (Character.isSurrogate(value.charAt(i))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public Encoder ofBytes(byte[] value) {
            return put('b', value);
        }

        @Override
        public Encoder ofDay(LocalDate value) {
            bytes.write('d');
            number(value.toEpochDay(), 8);
            return this;
        }

        @Override
        public Encoder ofMoment(Instant value) {
            instant('i', value.getEpochSecond(), value.getNano());
            return this;
        }

        @Override
        public Encoder ofLocalMoment(LocalDateTime value) {
            Instant asIfUtc = value.toInstant(ZoneOffset.UTC);
            instant('l', asIfUtc.getEpochSecond(), asIfUtc.getNano());
            return this;
        }

        @Override
        public Encoder ofArray(List<Value> items) {
            bytes.write('a');
            length(items.size());
            for (Value item : items) {
                item.accept(this);
            }
            return this;
        }

        @Override
        public Encoder ofObj(SortedMap<String, Value> fields) {
            bytes.write('o');
            length(fields.size());
            fields.forEach((name, value) -> {
                ofText(name);
                value.accept(this);
            });
            return this;
        }
    }
}
