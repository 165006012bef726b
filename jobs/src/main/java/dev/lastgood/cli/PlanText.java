package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Lines;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Lines of a plan as a person reads them; the values in them are masked already. */
final class PlanText {
    private PlanText() {}

    /** {@code step 1  update orders id 4711: because of order-total, good at …, proved}, and each field that it writes. */
    static List<String> step(String line) {
        JsonNode step = Lines.read(line);
        List<String> text = new ArrayList<>();
        text.add("step %s  %s %s: because of %s; good at %s, %s"
                .formatted(
                        step.path("step").asText(),
                        step.path("action").asText(),
                        record(step),
                        texts(step.path("reasons")),
                        step.path("goodAt").asText(),
                        step.path("proof").asText()));
        step.path("fields")
                .forEach(field -> text.add("    %s: %s -> %s"
                        .formatted(
                                field.path("path").asText(), value(field.path("live")), value(field.path("desired")))));
        return text;
    }

    /** {@code left alone  orders id 26 total: …}, with the reason. */
    static List<String> left(String line) {
        JsonNode one = Lines.read(line);
        String path = one.path("path").asText("");
        return List.of("left alone  %s%s: %s".formatted(record(one), path.isEmpty() ? "" : " " + path, why(one)));
    }

    private static String why(JsonNode one) {
        return switch (one.path("left").asText()) {
            case "conflict" ->
                "%s, %s%s"
                        .formatted(
                                one.path("conflict").asText(),
                                one.path("explanation").asText(),
                                isOfField(one)
                                        ? " (good %s, damaged %s, live %s)"
                                                .formatted(
                                                        value(one.path("good")),
                                                        value(one.path("bad")),
                                                        value(one.path("live")))
                                        : "");
            case "held_back" ->
                "held back with group %s by %s"
                        .formatted(
                                one.path("group").asText(), one.path("conflict").asText());
            case "unrecoverable" -> "no good image is known; it breaks " + texts(one.path("reasons"));
            default -> "nothing accuses it: %s -> %s".formatted(value(one.path("before")), value(one.path("after")));
        };
    }

    /** Of a whole record the values are many. */
    private static boolean isOfField(JsonNode conflict) {
        return conflict.path("path").isTextual() && (conflict.has("bad") || conflict.has("live"));
    }

    private static String record(JsonNode line) {
        return line.path("key").properties().stream()
                .map(part -> part.getKey() + " " + part.getValue().asText())
                .collect(Collectors.joining(", ", line.path("dataset").asText() + " ", ""));
    }

    private static String texts(JsonNode texts) {
        List<String> all = new ArrayList<>();
        texts.forEach(text -> all.add(text.asText()));
        return String.join(", ", all);
    }

    private static String value(JsonNode value) {
        return value.isMissingNode() ? "absent" : value.toString();
    }
}
