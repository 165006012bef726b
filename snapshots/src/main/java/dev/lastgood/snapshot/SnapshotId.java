package dev.lastgood.snapshot;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Names a snapshot by the second its take began, in UTC, and four random digits: {@code 20261122T020000Z-7f3a}. It is a
 * name in a store as it stands. Ids are ordered as text, which is by time.
 */
public record SnapshotId(String text) implements Comparable<SnapshotId> {

    private static final Pattern FORM = Pattern.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    private static final int TIME_LENGTH = "20261122T020000Z".length();

    public SnapshotId {
        if (!isId(text)) {
            throw new IllegalArgumentException("not the id of a snapshot: " + text);
        }
    }

    public static boolean isId(String text) {
        if (!FORM.matcher(text).matches()) {
            return false;
        }
        try {
            LocalDateTime.parse(text.substring(0, TIME_LENGTH), TIME);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** A new id for now. Two takes in one second differ by luck; the catalog refuses the second of two equal ones. */
    public static SnapshotId next(Clock clock, RandomGenerator random) {
        String time = TIME.format(LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
        return new SnapshotId("%s-%04x".formatted(time, random.nextInt(1 << 16)));
    }

    /** The second in which the take began. */
    public Instant at() {
        return LocalDateTime.parse(text.substring(0, TIME_LENGTH), TIME).toInstant(ZoneOffset.UTC);
    }

    @Override
    public int compareTo(SnapshotId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
