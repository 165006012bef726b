package dev.lastgood.suggest;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What all values of a field are like.
 *
 * @param values how many there are that are not null
 * @param distinct about how many different ones
 * @param least of numbers; null if there is none, or one of them is no finite number
 * @param most of numbers
 * @param usual of numbers, what 99 of 100 are not greater than, about
 * @param shortest characters of the shortest text; null of other fields
 * @param longest the same of the longest
 * @param latest of times
 * @param counts how often each text occurs, if they are few; else empty
 */
record FieldProfile(
        Field field,
        long values,
        long distinct,
        @Nullable BigDecimal least,
        @Nullable BigDecimal most,
        @Nullable BigDecimal usual,
        @Nullable Integer shortest,
        @Nullable Integer longest,
        @Nullable Instant latest,
        SortedMap<String, Long> counts) {

    FieldProfile with(SortedMap<String, Long> found) {
        return new FieldProfile(
                field, values, distinct, least, most, usual, shortest, longest, latest, new TreeMap<>(found));
    }
}
