package dev.lastgood.report;

import static dev.lastgood.report.Json.items;
import static dev.lastgood.report.Json.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Marker;
import dev.lastgood.report.Page.Span;
import dev.lastgood.report.Page.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** When the records of each incident were written, between the baseline and the audit. */
final class Timelines {
    private Timelines() {}

    private static final int MOST = 12;
    private static final int ROW = 40;
    private static final int LABEL = 14;

    /** An instant with a name. */
    private record Moment(String name, Instant at) {}

    /** Null if no incident says when. */
    static @Nullable Timeline of(Report report, int most) {
        List<JsonNode> dated = items(report.audit(), "incidents")
                .limit(Math.min(most, MOST))
                .filter(incident -> !text(incident, "from").isEmpty()
                        && !text(incident, "to").isEmpty())
                .toList();
        if (dated.isEmpty()) {
            return null;
        }
        List<Moment> moments = moments(report);
        Instant from = instants(dated, moments).min(Instant::compareTo).orElseThrow();
        Instant to = instants(dated, moments).max(Instant::compareTo).orElseThrow();
        List<Span> spans = new ArrayList<>();
        for (JsonNode incident : dated) {
            int x = at(Instant.parse(text(incident, "from")), from, to);
            int end = at(Instant.parse(text(incident, "to")), from, to);
            int width = Math.max(8, end - x);
            spans.add(new Span(label(incident), spans.size() * ROW + LABEL, Math.min(x, 1000 - width), width));
        }
        List<Marker> markers = moments.stream()
                .map(moment -> new Marker(moment.name(), at(moment.at(), from, to)))
                .toList();
        return new Timeline(seconds(from), seconds(to), description(spans, moments), spans, markers);
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

    private static Stream<Instant> instants(List<JsonNode> incidents, List<Moment> moments) {
        return Stream.concat(
                moments.stream().map(Moment::at),
                incidents.stream()
                        .flatMap(incident -> Stream.of(text(incident, "from"), text(incident, "to"))
                                .map(Instant::parse)));
    }

    private static int at(Instant moment, Instant from, Instant to) {
        double whole = Duration.between(from, to).toMillis();
        return whole == 0
                ? 0
                : (int) Math.round(1000 * (Duration.between(from, moment).toMillis() / whole));
    }

    private static String label(JsonNode incident) {
        return Shown.line("%s: %s to %s"
                .formatted(
                        text(incident, "id"),
                        seconds(Instant.parse(text(incident, "from"))),
                        seconds(Instant.parse(text(incident, "to")))));
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String description(List<Span> spans, List<Moment> moments) {
        return Stream.concat(
                        spans.stream().map(Span::label),
                        moments.stream().map(moment -> moment.name() + ": " + seconds(moment.at())))
                .reduce((one, other) -> one + "; " + other)
                .orElse("");
    }
}
