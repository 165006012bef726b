package dev.lastgood.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads members of documents this program has written. What is not there is empty, or 0. */
final class Json {
    private Json() {}

    static String text(JsonNode node, String member) {
        JsonNode found = node.path(member);
        return found.isNull() || found.isMissingNode() ? "" : found.asText();
    }

    static long number(JsonNode node, String member) {
        return node.path(member).asLong();
    }

    static Stream<JsonNode> items(JsonNode node, String member) {
        return StreamSupport.stream(node.path(member).spliterator(), false);
    }

    static List<String> texts(JsonNode node, String member) {
        List<String> texts = new ArrayList<>();
        node.path(member).forEach(item -> texts.add(item.asText()));
        return texts;
    }

    static long sum(JsonNode node, String member, String number) {
        return items(node, member).mapToLong(item -> number(item, number)).sum();
    }
}
