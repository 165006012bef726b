package dev.lastgood.report;

import static dev.lastgood.report.Json.items;
import static dev.lastgood.report.Json.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Extent;
import dev.lastgood.report.Page.Marker;
import dev.lastgood.report.Page.Sign;
import dev.lastgood.report.Page.Span;
import dev.lastgood.report.Page.Timeline;
import dev.lastgood.report.Page.Tone;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** When the records of each incident were written, between the captures that tell and the audit. */
final class Timelines {
    private static final int MOST = 12;
    private static final int ROW = 40;
    private static final int SIGNS = 14;
    private static final int LABEL = 14;
    private static final int AXIS = 26;

    private static final String LAST_GOOD = "last good capture";
    private static final String FIRST_BAD = "first bad capture";

    /** An instant with a name. */
    private record Moment(String name, Instant at) {
        String said() {
            return name + ": " + seconds(at);
        }
    }

    /**
     * When an incident was.
     *
     * @param first when the first of its records was written; null: the audit does not say
     * @param last when the last was
     * @param lastGood null: there is none, or the audit does not say
     * @param firstBad the same
     */
    private record Dated(
            String id,
            Instant from,
            Instant to,
            @Nullable Instant first,
            @Nullable Instant last,
            @Nullable Instant lastGood,
            @Nullable Instant firstBad) {

        static @Nullable Dated of(JsonNode incident) {
            Instant from = instant(incident, "from");
            Instant to = instant(incident, "to");
            return from == null || to == null
                    ? null
                    : new Dated(
                            text(incident, "id"),
                            from,
                            to,
                            instant(incident, "first"),
                            instant(incident, "last"),
                            instant(incident.path("lastGood"), "at"),
                            instant(incident.path("firstBad"), "at"));
        }

        private static @Nullable Instant instant(JsonNode node, String member) {
            String at = text(node, member);
            return at.isEmpty() ? null : Instant.parse(at);
        }

        Stream<Instant> instants() {
            return Stream.of(from, to, first, last, lastGood, firstBad).filter(Objects::nonNull);
        }

        boolean hasExtent() {
            return first != null && last != null;
        }

        boolean hasCapture() {
            return lastGood != null || firstBad != null;
        }

        String label() {
            return Shown.line("%s: %s to %s".formatted(id, seconds(from), seconds(to)));
        }

        /** All that its row shows. */
        String said() {
            return Stream.of(
                            label(),
                            first == null ? "" : "first written " + seconds(first),
                            last == null ? "" : "last written " + seconds(last),
                            lastGood == null ? "" : LAST_GOOD + " " + seconds(lastGood),
                            firstBad == null ? "" : FIRST_BAD + " " + seconds(firstBad))
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(", "));
        }
    }

    private final List<Dated> incidents;
    private final List<Moment> moments;
    private final Instant from;
    private final Instant to;

    private Timelines(List<Dated> incidents, List<Moment> moments) {
        this.incidents = incidents;
        this.moments = moments;
        List<Instant> all = Stream.concat(
                        moments.stream().map(Moment::at), incidents.stream().flatMap(Dated::instants))
                .sorted()
                .toList();
        this.from = all.get(0);
        this.to = all.get(all.size() - 1);
    }

    /** Null if no incident says when. */
    static @Nullable Timeline of(Report report, int most) {
        List<Dated> dated = items(report.audit(), "incidents")
                .limit(Math.min(most, MOST))
                .map(Dated::of)
                .filter(Objects::nonNull)
                .toList();
        return dated.isEmpty() ? null : new Timelines(dated, moments(report)).timeline();
    }

    private static List<Moment> moments(Report report) {
        Stream<Moment> captures = report.provenance().baselines().stream()
                .map(Report.Baseline::capture)
                .filter(Objects::nonNull)
                .map(Report.Capture::to)
                .distinct()
                .sorted()
                .limit(MOST)
                .map(to -> new Moment("baseline captured", to));
        return Stream.concat(
                        captures,
                        Stream.of(new Moment("audit", report.provenance().audited())))
                .toList();
    }

    private Timeline timeline() {
        List<Span> spans = new ArrayList<>();
        int y = LABEL;
        for (Dated incident : incidents) {
            spans.add(span(incident, y));
            y += ROW + (incident.hasCapture() ? SIGNS : 0);
        }
        return new Timeline(
                seconds(from),
                seconds(to),
                caption(),
                Stream.concat(
                                incidents.stream().map(Dated::said),
                                moments.stream().map(Moment::said))
                        .collect(Collectors.joining("; ")),
                y - LABEL + AXIS,
                spans,
                moments.stream()
                        .map(moment -> new Marker(moment.said(), at(moment.at())))
                        .toList());
    }

    private Span span(Dated incident, int y) {
        int x = at(incident.from());
        int width = Math.max(8, at(incident.to()) - x);
        Instant first = incident.first();
        Instant last = incident.last();
        return new Span(
                incident.label(),
                y,
                Math.min(x, 1000 - width),
                width,
                first == null || last == null ? null : new Extent(at(first), at(last)),
                Stream.of(
                                sign(LAST_GOOD, Tone.GOOD, incident.id(), incident.lastGood()),
                                sign(FIRST_BAD, Tone.BAD, incident.id(), incident.firstBad()))
                        .filter(Objects::nonNull)
                        .toList());
    }

    private @Nullable Sign sign(String name, Tone tone, String id, @Nullable Instant at) {
        return at == null ? null : new Sign(Shown.line("%s of %s: %s".formatted(name, id, seconds(at))), tone, at(at));
    }

    private int at(Instant moment) {
        double whole = Duration.between(from, to).toMillis();
        return whole == 0
                ? 0
                : (int) Math.round(1000 * (Duration.between(from, moment).toMillis() / whole));
    }

    private String caption() {
        List<String> said = new ArrayList<>();
        said.add(
                "When the records of each incident were written, from %s to %s.".formatted(seconds(from), seconds(to)));
        if (incidents.stream().anyMatch(Dated::hasExtent)) {
            said.add(
                    "Bars: while they were most unusually often corrupt. Thin lines: from the first of them to the last.");
        }
        said.add("Dashed lines: the baseline was captured, and the audit.");
        if (incidents.stream().anyMatch(Dated::hasCapture)) {
            said.add("%s the last good capture, %s the first bad one.".formatted(Tone.GOOD.sign(), Tone.BAD.sign()));
        }
        return String.join(" ", said);
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
