package dev.lastgood.rule;

import dev.lastgood.problem.Place;

/** A Spark SQL expression as written, not yet parsed. Two are equal if their texts are, wherever they stand. */
public record Sql(String text, Place place) {

    /** Where a part of the expression stands in its file; start and length in UTF-16 units of {@link #text}. */
    public Place at(int start, int length) {
        return place.inside(text, start, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sql sql && sql.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
