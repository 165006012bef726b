package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The image that a write leaves: restored places, counters and times moved on from live, and the stamp. Pure. */
final class Touch {
    private final Policy policy;
    private final Instant now;
    private final @Nullable Value stamp;

    /** The stamp is null where none shall be set. */
    Touch(Policy policy, Instant now, @Nullable Value stamp) {
        this.policy = policy;
        this.now = now;
        this.stamp = stamp;
    }

    /** Live with the places changed. */
    Image updated(Image live, List<FieldChange> changes, @Nullable Image model) {
        Image laid = Patch.lay(live, changes, model == null ? live : model);
        return stamped(bumped(laid, live));
    }

    /** The good image as a new record: without what is never written, its counters ahead of what they were. */
    Image inserted(Image good) {
        Image image = good;
        for (FieldPath path : policy.never()) {
            if (Patch.at(image, path).value() != null) {
                image = Patch.lay(image, List.of(new FieldChange(path, null, null)));
            }
        }
        return stamped(bumped(image, good));
    }

    /** The top-level fields in which the two images differ: what a target has to write. */
    static Set<String> written(Image live, Image desired) {
        Set<String> names = new TreeSet<>(live.fields().keySet());
        names.addAll(desired.fields().keySet());
        names.removeIf(name -> java.util.Objects.equals(live.field(name), desired.field(name)));
        return names;
    }

    private Image bumped(Image image, Image from) {
        Image bumped = image;
        for (FieldPath path : policy.bump()) {
            Value value = Patch.at(from, path).value();
            if (value != null) {
                bumped = Patch.lay(bumped, List.of(new FieldChange(path, value, next(value))));
            }
        }
        return bumped;
    }

    private Image stamped(Image image) {
        FieldPath path = policy.stamp();
        return path == null || stamp == null || !Patch.at(image, path).reachable()
                ? image
                : Patch.lay(image, List.of(new FieldChange(path, null, stamp)));
    }

    /**
     * A whole number grows by one; a time becomes now, or a moment later than it was; a text that is one of both is written
     * as it was. Anything else stays.
     */
    private Value next(Value value) {
        if (value instanceof Value.Text text) {
            return new Value.Text(next(text.value()));
        }
        if (value instanceof Value.Num number) {
            return new Value.Num(number.value().add(BigDecimal.ONE));
        }
        if (value instanceof Value.Moment moment) {
            Instant after = moment.value().plus(1, ChronoUnit.MICROS);
            return new Value.Moment(after.isAfter(now) ? after : now);
        }
        if (value instanceof Value.LocalMoment local) {
            LocalDateTime after = local.value().plus(1, ChronoUnit.MICROS);
            LocalDateTime today = LocalDateTime.ofInstant(now, ZoneOffset.UTC);
            return new Value.LocalMoment(after.isAfter(today) ? after : today);
        }
        return value;
    }

    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9]\\d{0,17})");
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}([T ])\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z?)");

    private String next(String text) {
        if (WHOLE.matcher(text).matches()) {
            return Long.toString(Long.parseLong(text) + 1);
        }
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            return text;
        }
        try {
            LocalDateTime was = LocalDateTime.parse(
                    text.substring(0, text.length() - time.group(3).length()).replace(' ', 'T'));
            boolean toTheSecond = time.group(2) == null;
            // What is written by the second is not later by less.
            LocalDateTime after = was.plus(toTheSecond ? 1_000_000 : 1, ChronoUnit.MICROS);
            LocalDateTime today = LocalDateTime.ofInstant(now, ZoneOffset.UTC);
            String next = FORMAT.format(after.isAfter(today) ? after : today);
            return next.substring(0, 10) + time.group(1) + next.substring(11, toTheSecond ? 19 : 26) + time.group(3);
        } catch (DateTimeException e) {
            return text;
        }
    }

    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");
}
