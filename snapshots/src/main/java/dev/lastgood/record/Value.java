package dev.lastgood.record;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A value in canonical form: two values mean the same if and only if they are equal by {@link Object#equals}.
 *
 * <p>Numbers are exact and compared by value: width, scale and notation do not count. Doubles are a kind of their own,
 * where −0.0 equals 0.0 and NaN equals NaN. Times have microseconds, finer parts are cut. Absent is no value: it is a
 * field that is not there, written in this code as a Java {@code null}, and never {@link Null}.
 */
public sealed interface Value {

    /** What a visitor makes of each kind. */
    interface Visitor<R> {
        R ofNull();

        R ofBool(boolean value);

        R ofNum(BigDecimal value);

        R ofReal(double value);

        R ofText(String value);

        R ofBytes(byte[] value);

        R ofDay(LocalDate value);

        R ofMoment(Instant value);

        R ofLocalMoment(LocalDateTime value);

        R ofArray(List<Value> items);

        R ofObj(SortedMap<String, Value> fields);
    }

    <R> R accept(Visitor<R> visitor);

    // No deadlock: nobody else makes a Null, so its class is never initialised before this one.
    @SuppressWarnings("ClassInitializationDeadlock")
    Value NULL = new Null();

    static Value of(@Nullable String text) {
        return text == null ? NULL : new Text(text);
    }

    static Value of(long number) {
        return new Num(BigDecimal.valueOf(number));
    }

    static Value of(boolean value) {
        return new Bool(value);
    }

    /** An exact number from its decimal notation. */
    static Value number(String digits) {
        return new Num(new BigDecimal(digits));
    }

    default boolean isNull() {
        return this instanceof Null;
    }

    record Null() implements Value {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofNull();
        }

        @Override
        public String toString() {
            return "null";
        }
    }

    record Bool(boolean value) implements Value {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofBool(value);
        }

        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    /**
     * An exact number: every integer, decimal and JSON number. 1.0 equals 1; but which of the two it was is kept, so that
     * it is written back as it was read.
     */
    record Num(BigDecimal value) implements Value {
        /** The number in the one form that all equal numbers share. */
        BigDecimal canonical() {
            return value.stripTrailingZeros();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofNum(value);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Num that && value.compareTo(that.value) == 0;
        }

        @Override
        public int hashCode() {
            return canonical().hashCode();
        }

        @Override
        public String toString() {
            return Numbers.text(canonical());
        }
    }

    /** A binary floating point number, of a source that has no exact one. */
    record Real(double value) implements Value {
        public Real {
            value = value == 0.0 ? 0.0 : value; // -0.0 is 0.0
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofReal(value);
        }

        @Override
        public String toString() {
            return Double.toString(value);
        }
    }

    record Text(String value) implements Value {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofText(value);
        }

        @Override
        public String toString() {
            return value;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // copied on its way in and out, compared by content
    record Bytes(byte[] value) implements Value {
        public Bytes {
            value = value.clone();
        }

        @Override
        public byte[] value() {
            return value.clone();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofBytes(value);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bytes that && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return Base64.getEncoder().encodeToString(value);
        }
    }

    record Day(LocalDate value) implements Value {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofDay(value);
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    /** A point on the time line, in microseconds. */
    record Moment(Instant value) implements Value {
        public Moment {
            value = value.truncatedTo(ChronoUnit.MICROS);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofMoment(value);
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    /** A date and time of day in no time zone, in microseconds. */
    record LocalMoment(LocalDateTime value) implements Value {
        public LocalMoment {
            value = value.truncatedTo(ChronoUnit.MICROS);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofLocalMoment(value);
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    record Array(List<Value> items) implements Value {
        public Array {
            items = List.copyOf(items);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofArray(items);
        }

        @Override
        public String toString() {
            return JsonValues.text(this);
        }
    }

    /** An object: fields by name. The order of names carries no meaning; a name that is not there is absent. */
    record Obj(SortedMap<String, Value> fields) implements Value {
        public Obj {
            fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
        }

        public static Obj of(Map<String, Value> fields) {
            return new Obj(new TreeMap<>(fields));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.ofObj(fields);
        }

        @Override
        public String toString() {
            return JsonValues.text(this);
        }
    }
}
