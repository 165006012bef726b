package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bytes, the digest and the order of values. */
final class CanonicalTest {
    private static final LocalDateTime MIDNIGHT = LocalDateTime.of(1970, 1, 1, 0, 0);

    /** Of every kind, each less than the next. */
    private static final List<Value> RISING = List.of(
            Value.NULL,
            Value.of(false),
            Value.of(true),
            new Value.Array(List.of()),
            new Value.Array(List.of(Value.of(1))),
            new Value.Bytes(new byte[] {}),
            new Value.Bytes(new byte[] {1}),
            new Value.Day(LocalDate.EPOCH.minusDays(1)),
            new Value.Day(LocalDate.EPOCH),
            new Value.Moment(Instant.EPOCH.minusSeconds(1)),
            new Value.Moment(Instant.EPOCH.plusNanos(1000)),
            new Value.LocalMoment(MIDNIGHT.minusYears(1)),
            new Value.LocalMoment(MIDNIGHT),
            Value.of(-3),
            Value.number("0.5"),
            Value.of(2),
            Value.of(10),
            Value.Obj.of(Map.of()),
            Value.Obj.of(Map.of("a", Value.of(1))),
            new Value.Real(-2),
            new Value.Real(0),
            new Value.Real(Double.NaN),
            Value.of(""),
            Value.of("?"),
            Value.of("B"),
            Value.of("a"),
            Value.of("\ud83d"),
            Value.of("\ud83d\ude00"),
            Value.of("\ude00"));

    @Test
    void values_are_ordered_by_kind_and_then_by_value_and_only_equal_ones_have_equal_bytes() {
        for (int i = 0; i < RISING.size(); i++) {
            for (int j = 0; j < RISING.size(); j++) {
                Value a = RISING.get(i);
                Value b = RISING.get(j);
                assertThat(Integer.signum(Canonical.compare(a, b)))
                        .as("%s and %s", a, b)
                        .isEqualTo(Integer.compare(i, j));
                assertThat(HexFormat.of().formatHex(Canonical.encode(a)).startsWith(hex(b)))
                        .as("%s and %s", a, b)
                        .isEqualTo(i == j);
            }
        }
    }

    @Test
    void records_are_equal_if_and_only_if_their_bytes_are_and_no_bytes_begin_with_those_of_another() {
        Cases.run(Cases.heavy(5_000, 200_000), random -> {
            RandomRecords records = new RandomRecords(random);
            Value a = random.nextBoolean() ? records.scalar() : records.image().object();
            Value b = random.nextBoolean() ? records.scalar() : records.image().object();

            boolean equal = a.equals(b);

            assertThat(hex(a).equals(hex(b))).isEqualTo(equal);
            assertThat(Canonical.compare(a, b) == 0).isEqualTo(equal);
            assertThat(Integer.signum(Canonical.compare(a, b))).isEqualTo(-Integer.signum(Canonical.compare(b, a)));
            assertThat(Canonical.digest(a).equals(Canonical.digest(b))).isEqualTo(equal);
            assertThat(equal || !hex(a).startsWith(hex(b))).isTrue();
        });
    }

    private static String hex(Value value) {
        return HexFormat.of().formatHex(Canonical.encode(value));
    }

    /** Digests of these bytes lie in plans and manifests, so a later release has to give the same. */
    @Test
    void the_bytes_of_every_kind_stay_what_they_are() {
        Map<Value, String> bytes = new LinkedHashMap<>();
        bytes.put(Value.NULL, "30");
        bytes.put(Value.of(true), "54");
        bytes.put(Value.of(false), "46");
        bytes.put(Value.number("1.50"), "6e 00000001 0f 00000001");
        bytes.put(Value.number("0.00"), "6e 00000001 00 00000000");
        bytes.put(Value.of(10), "6e 00000001 01 ffffffff");
        bytes.put(Value.of(-300), "6e 00000001 fd fffffffe");
        bytes.put(Value.of(70_001), "6e 00000003 011171 00000000");
        bytes.put(new Value.Real(1), "72 3ff0000000000000");
        bytes.put(new Value.Real(-0.0), "72 0000000000000000");
        bytes.put(Value.of("a\u00e4"), "74 00000003 61c3a4");
        bytes.put(Value.of("\ud83d\ude00"), "75 00000004 d83dde00");
        bytes.put(Value.of("\ud83d"), "75 00000002 d83d");
        bytes.put(new Value.Bytes(new byte[] {1, 2}), "62 00000002 0102");
        bytes.put(new Value.Day(LocalDate.EPOCH.plusDays(258)), "64 0000000000000102");
        bytes.put(new Value.Day(LocalDate.EPOCH.minusDays(1)), "64 ffffffffffffffff");
        bytes.put(new Value.Moment(Instant.ofEpochSecond(1, 2_000)), "69 0000000000000001 00000002");
        bytes.put(new Value.LocalMoment(MIDNIGHT.plusSeconds(3).plusNanos(4_999)), "6c 0000000000000003 00000004");
        bytes.put(new Value.Array(List.of(Value.NULL, Value.of(true))), "61 00000002 30 54");
        bytes.put(
                Value.Obj.of(Map.of("b", Value.NULL, "a", Value.of(true))),
                "6f 00000002 74 00000001 61 54 74 00000001 62 30");

        bytes.forEach((value, hex) -> assertThat(hex(value)).as("%s", value).isEqualTo(hex.replace(" ", "")));
    }

    @Test
    void a_digest_is_the_first_half_of_the_sha_256_of_the_bytes() {
        assertThat(Canonical.hex(Value.NULL))
                .as("as sha256sum has it of a zero")
                .isEqualTo("5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9");
        for (Value value : RISING) {
            String half = Canonical.hex(value).substring(0, 32);
            assertThat(Canonical.digest(value)).hasToString(half).isEqualTo(Digest128.parse(half));
            assertThat(HexFormat.of().formatHex(Canonical.digestBytes(value))).isEqualTo(half);
        }
    }

    @Test
    void a_sum_of_digests_loses_what_is_taken_from_it_and_keeps_what_occurs_twice() {
        Digest128 one = Canonical.digest(Value.of(1));
        Digest128 two = Canonical.digest(Value.of(2));
        Digest128 sum = one.plus(two);

        assertThat(sum.minus(two)).isEqualTo(one);
        assertThat(two.plus(one)).isEqualTo(sum);
        assertThat(one.plus(one)).isNotEqualTo(Digest128.ZERO).isNotEqualTo(one);
        assertThat(Digest128.parse("ffffffffffffffff" + "0000000000000001")
                        .plus(Digest128.parse("0000000000000002" + "0000000000000003")))
                .as("lane by lane")
                .hasToString("0000000000000001" + "0000000000000004");
        assertThatThrownBy(() -> Digest128.parse("ff"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a digest has 32 hex digits, this has 2");
    }
}
