package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code restore} of a dataset. */
final class RestoreReader {

    private final Fields dataset;
    private final Problems problems;

    RestoreReader(Fields dataset, Problems problems) {
        this.dataset = dataset;
        this.problems = problems;
    }

    RestorePolicy policy() {
        return dataset.mapping("restore", "Write {write: in_place}.")
                .map(this::policy)
                .orElse(RestorePolicy.DEFAULT);
    }

    private RestorePolicy policy(Fields restore) {
        Optional<RestorePolicy.Write> write = restore.choice("write", RestorePolicy.Write.class);
        restore.node("write").ifPresent(node -> dataset.place("restore.write", node.place()));
        List<FieldPath> never = restore.paths("never");
        List<FieldPath> bump = restore.paths("bump");
        Optional<FieldPath> stamp = restore.path("stamp");
        List<RestorePolicy.Consumer> consumers = consumers(restore);
        RestorePolicy.Limits limits = restore.mapping("limits", "Write {steps: 20000, deletes: 100, share: 0.01}.")
                .map(RestoreReader::limits)
                .orElse(RestorePolicy.Limits.NONE);
        RestorePolicy.Timeouts timeouts = restore.mapping("timeouts", "Write {lock: 10s, statement: 60s}.")
                .map(RestoreReader::timeouts)
                .orElse(RestorePolicy.Timeouts.DEFAULT);
        List<FieldPath> monotonic = restore.paths("monotonic");
        RestorePolicy.Throttle throttle = restore.mapping(
                        "throttle", "Write {records_per_second: 200, between: 22:00-06:00, zone: Europe/Berlin}.")
                .map(this::throttle)
                .orElse(RestorePolicy.Throttle.NONE);
        restore.done();
        refuseWritten(restore, never, bump, stamp);
        refuseOwn(restore, monotonic, never, bump);
        dataset.addPlaces(restore);
        return new RestorePolicy(
                write.orElse(RestorePolicy.Write.EXPORT_ONLY),
                never,
                bump,
                stamp.orElse(null),
                consumers,
                limits,
                timeouts,
                monotonic,
                throttle);
    }

    private void refuseWritten(Fields restore, List<FieldPath> never, List<FieldPath> bump, Optional<FieldPath> stamp) {
        Set<FieldPath> unwritten = new HashSet<>(never);
        List<String> written = new ArrayList<>();
        bump.stream().filter(unwritten::contains).forEach(field -> written.add("bump " + field));
        stamp.filter(unwritten::contains).ifPresent(field -> written.add("stamp " + field));
        for (String part : written) {
            problems.error(
                    restore.placeOf(part),
                    "'%s' is never written, and yet to be written with every step"
                            .formatted(part.substring(part.indexOf(' ') + 1)),
                    "Take it out of 'never', or out of 'bump' and 'stamp'.");
        }
    }

    /** What is never written, or moved on with every write, is not restored at all. */
    private void refuseOwn(Fields restore, List<FieldPath> monotonic, List<FieldPath> never, List<FieldPath> bump) {
        monotonic.stream()
                .filter(field -> never.contains(field) || bump.contains(field))
                .forEach(field -> problems.error(
                        restore.placeOf("monotonic " + field),
                        "'%s' is not restored, so it cannot be restored to the greater value".formatted(field),
                        "Take it out of 'never' and 'bump', or out of 'monotonic'."));
    }

    private RestorePolicy.Throttle throttle(Fields throttle) {
        Optional<Long> perSecond = throttle.integer("records_per_second", 1, Long.MAX_VALUE);
        Optional<YamlNode.Scalar> between = throttle.scalar("between");
        Optional<YamlNode.Scalar> zone = throttle.scalar("zone");
        throttle.done();
        if (between.isEmpty() && zone.isPresent()) {
            problems.error(zone.get().place(), "a zone of no time", "Say 'between: 22:00-06:00' with it.");
        }
        return new RestorePolicy.Throttle(
                perSecond.orElse(null),
                between.flatMap(text -> hours(text, zone.orElse(null))).orElse(null));
    }

    private Optional<RestorePolicy.Hours> hours(YamlNode.Scalar between, YamlNode.@Nullable Scalar zone) {
        Matcher matcher = HOURS.matcher(between.text());
        try {
            if (matcher.matches()) {
                LocalTime from = LocalTime.parse(matcher.group(1));
                LocalTime to = LocalTime.parse(matcher.group(2));
                if (!from.equals(to)) {
                    return Optional.of(
                            new RestorePolicy.Hours(from, to, zone == null ? ZoneOffset.UTC : ZoneId.of(zone.text())));
                }
            }
        } catch (DateTimeParseException e) {
            // Told below.
        } catch (DateTimeException e) {
            problems.error(
                    Objects.requireNonNull(zone).place(),
                    "there is no time zone '%s'".formatted(zone.shown()),
                    "Write one like Europe/Berlin, or UTC.");
            return Optional.empty();
        }
        problems.error(
                between.place(),
                "'%s' is no part of a day".formatted(between.shown()),
                "Write when it begins and when it ends: 22:00-06:00.");
        return Optional.empty();
    }

    private static final Pattern HOURS = Pattern.compile("(\\d\\d:\\d\\d)\\s*-\\s*(\\d\\d:\\d\\d)");

    private List<RestorePolicy.Consumer> consumers(Fields restore) {
        List<RestorePolicy.Consumer> consumers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlNode node : restore.list("consumers")) {
            Optional<Fields> entry = Fields.of(node, "a consumer", problems);
            if (entry.isEmpty()) {
                continue;
            }
            boolean complete = entry.get().require("name", "effect");
            Optional<YamlNode.Scalar> name = entry.get().scalar("name");
            Optional<String> by = entry.get().text("by");
            Optional<String> effect = entry.get().text("effect");
            entry.get().done();
            if (name.isPresent() && !names.add(name.get().text())) {
                problems.error(
                        name.get().place(),
                        "the consumer '%s' stands twice".formatted(name.get().text()));
            }
            if (complete && name.isPresent() && effect.isPresent()) {
                consumers.add(new RestorePolicy.Consumer(name.get().text(), by.orElse(null), effect.get()));
            }
        }
        return consumers;
    }

    private static RestorePolicy.Limits limits(Fields limits) {
        Optional<Long> steps = limits.integer("steps", 0, Long.MAX_VALUE);
        Optional<Long> deletes = limits.integer("deletes", 0, Long.MAX_VALUE);
        Optional<BigDecimal> share = limits.decimal("share", BigDecimal.ONE);
        limits.done();
        return new RestorePolicy.Limits(steps.orElse(null), deletes.orElse(null), share.orElse(null));
    }

    private static RestorePolicy.Timeouts timeouts(Fields timeouts) {
        Optional<Duration> lock = timeouts.duration("lock");
        Optional<Duration> statement = timeouts.duration("statement");
        timeouts.done();
        return new RestorePolicy.Timeouts(
                lock.orElse(RestorePolicy.Timeouts.DEFAULT.lock()),
                statement.orElse(RestorePolicy.Timeouts.DEFAULT.statement()));
    }
}
