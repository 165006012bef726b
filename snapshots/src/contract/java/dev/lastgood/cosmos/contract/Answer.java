package dev.lastgood.cosmos.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.jspecify.annotations.Nullable;

/** What the stand-in answers to a request, or to one operation of a batch. */
record Answer(
        int status, int subStatus, @Nullable JsonNode body, @Nullable String etag) {

    static Answer of(int status, @Nullable JsonNode body) {
        return new Answer(status, 0, body, null);
    }

    static Answer document(int status, JsonNode body) {
        return new Answer(status, 0, body, body.get("_etag").asText());
    }

    static Answer refused(int status, String message) {
        return refused(status, 0, message);
    }

    static Answer refused(int status, int subStatus, String message) {
        var body = JsonNodeFactory.instance.objectNode();
        body.put("code", Integer.toString(status)).put("message", message);
        return new Answer(status, subStatus, body, null);
    }

    boolean isRefused() {
        return status >= 400;
    }
}
