package dev.lastgood.rule;

import dev.lastgood.path.Literal;
import dev.lastgood.problem.Place;
import java.util.List;
import java.util.Locale;

/** A check of one value. All but {@link Required} and {@link Type} are unknown on null. */
public sealed interface Check {

    /** The word it is written with in a rule file. */
    String keyword();

    <R> R accept(Visitor<R> visitor);

    /** Reads a check from outside, one method a kind. */
    interface Visitor<R> {
        R required(Required check);

        R type(Type check);

        R in(In check);

        R notIn(NotIn check);

        R min(Min check);

        R max(Max check);

        R matches(Matches check);

        R minLength(MinLength check);

        R maxLength(MaxLength check);

        R format(Format check);
    }

    /** The value is there and not null. */
    record Required() implements Check {

        @Override
        public String keyword() {
            return "required";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.required(this);
        }
    }

    /**
     * The value, if there is one, is of the type or converts to it without loss.
     *
     * @param type a Spark SQL type, {@code decimal(12,2)}
     */
    record Type(String type, Place place) implements Check {

        @Override
        public String keyword() {
            return "type";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.type(this);
        }
    }

    /** The value is one of these. */
    record In(List<Literal> values) implements Check {

        public In {
            values = List.copyOf(values);
        }

        @Override
        public String keyword() {
            return "in";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.in(this);
        }
    }

    /** The value is none of these. */
    record NotIn(List<Literal> values) implements Check {

        public NotIn {
            values = List.copyOf(values);
        }

        @Override
        public String keyword() {
            return "not_in";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.notIn(this);
        }
    }

    /** The value is at least this. */
    record Min(Literal bound) implements Check {

        @Override
        public String keyword() {
            return "min";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.min(this);
        }
    }

    /** The value is at most this. */
    record Max(Literal bound) implements Check {

        @Override
        public String keyword() {
            return "max";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.max(this);
        }
    }

    /**
     * The whole text matches.
     *
     * @param pattern a Java regular expression, known to compile
     */
    record Matches(String pattern, Place place) implements Check {

        @Override
        public String keyword() {
            return "matches";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.matches(this);
        }
    }

    /** The text has at least so many characters (code points), the array so many elements. */
    record MinLength(long length) implements Check {

        @Override
        public String keyword() {
            return "min_length";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.minLength(this);
        }
    }

    /** The text has at most so many characters (code points), the array so many elements. */
    record MaxLength(long length) implements Check {

        @Override
        public String keyword() {
            return "max_length";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.maxLength(this);
        }
    }

    /** The text is written in a well-known form. */
    record Format(Form form) implements Check {

        @Override
        public String keyword() {
            return "format";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.format(this);
        }
    }

    /** Well-known forms of text. */
    enum Form {
        /** One {@code @} between a local part and a domain with a dot; no blanks. */
        EMAIL,
        /** RFC 9562, any version, upper or lower case. */
        UUID,
        /** RFC 3986, with a scheme. */
        URI,
        /** RFC 3339 {@code full-date}. */
        DATE,
        /** RFC 3339 {@code partial-time}. */
        TIME,
        /** RFC 3339 {@code date-time}, with an offset. */
        DATE_TIME,
        /** Four numbers from 0 to 255. */
        IPV4,
        /** RFC 4291. */
        IPV6,
        /** RFC 1123 host name. */
        HOSTNAME,
        /** Text that is one JSON value. */
        JSON;

        /** As written in a rule file. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
