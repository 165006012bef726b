package dev.lastgood.restore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.Image;
import dev.lastgood.restore.Json.Malformed;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line of a journal. */
public sealed interface Entry {

    /**
     * The first of a run: what it sets out to do.
     *
     * @param digest of the plan
     * @param undoes the run that this one undoes; empty if it undoes none
     * @param head digest of the last segment of the run it undoes; empty if it undoes none
     * @param by who runs it
     */
    record Started(String digest, String undoes, String head, String by) implements Entry {}

    /** An applier has the run from here on. */
    record Claimed(String applier, String owner) implements Entry {}

    /**
     * A write is about to be sent.
     *
     * @param token that it depends on
     * @param pre the record it replaces; null: there is none
     * @param post the record it leaves; null: none
     */
    record Intent(
            int step,
            String token,
            @Nullable Image pre,
            @Nullable Image post) implements Entry {}

    /** The write of the last intent was certainly not done and never will be. */
    record Refused(int step, String reason) implements Entry {}

    /**
     * A step has come to its end.
     *
     * @param token of the record now; empty if nothing was written or it is not known
     * @param recovered whether the write was found done after its answer was lost
     */
    record Ended(
            int step,
            State state,
            String token,
            boolean recovered,
            Conflict.@Nullable Type conflict,
            String explanation)
            implements Entry {
        static Ended done(int step, String token) {
            return new Ended(step, State.DONE, token, false, null, "");
        }

        static Ended recovered(int step, String token) {
            return new Ended(step, State.DONE, token, true, null, "found written");
        }

        static Ended of(int step, State state, String explanation) {
            return new Ended(step, state, "", false, null, explanation);
        }

        static Ended conflict(int step, Conflict.Type type, String explanation) {
            return new Ended(step, State.CONFLICT, "", false, type, explanation);
        }
    }

    /** The applier has let go of the run; whoever comes next may go on. */
    record Paused(String reason) implements Entry {}

    /** Every step has come to its end. */
    record Completed() implements Entry {}

    /** How entries are written. */
    static JsonNode json(Entry entry) {
        ObjectNode line = Json.object();
        if (entry instanceof Started started) {
            line.putObject("started")
                    .put("digest", started.digest())
                    .put("undoes", started.undoes())
                    .put("head", started.head())
                    .put("by", started.by());
        } else if (entry instanceof Claimed claimed) {
            line.putObject("claimed").put("applier", claimed.applier()).put("owner", claimed.owner());
        } else if (entry instanceof Intent intent) {
            ObjectNode node =
                    line.putObject("intent").put("step", intent.step()).put("token", intent.token());
            Json.put(node, "pre", intent.pre());
            Json.put(node, "post", intent.post());
        } else if (entry instanceof Refused refused) {
            line.putObject("refused").put("step", refused.step()).put("reason", refused.reason());
        } else if (entry instanceof Ended ended) {
            ObjectNode node = line.putObject("ended")
                    .put("step", ended.step())
                    .put("state", Json.word(ended.state()))
                    .put("token", ended.token())
                    .put("recovered", ended.recovered());
            if (ended.conflict() != null) {
                node.put("conflict", Json.word(ended.conflict()));
            }
            node.put("explanation", ended.explanation());
        } else if (entry instanceof Paused paused) {
            line.putObject("paused").put("reason", paused.reason());
        } else {
            line.putObject("completed");
        }
        return line;
    }

    /** The inverse of {@link #json(Entry)}. */
    static Entry read(JsonNode line) throws Malformed {
        if (line.size() != 1) {
            throw new Malformed("an entry has other members than one");
        }
        Map.Entry<String, JsonNode> member = line.properties().iterator().next();
        JsonNode node = member.getValue();
        return switch (member.getKey()) {
            case "started" ->
                new Started(
                        Json.text(node, "digest"),
                        Json.text(node, "undoes"),
                        Json.text(node, "head"),
                        Json.text(node, "by"));
            case "claimed" -> new Claimed(Json.text(node, "applier"), Json.text(node, "owner"));
            case "intent" ->
                new Intent(
                        Json.integer(node, "step"),
                        Json.text(node, "token"),
                        Json.image(node, "pre"),
                        Json.image(node, "post"));
            case "refused" -> new Refused(Json.integer(node, "step"), Json.text(node, "reason"));
            case "ended" ->
                new Ended(
                        Json.integer(node, "step"),
                        Json.word(node, "state", State.class),
                        Json.text(node, "token"),
                        Json.member(node, "recovered").booleanValue(),
                        node.has("conflict") ? Json.word(node, "conflict", Conflict.Type.class) : null,
                        Json.text(node, "explanation"));
            case "paused" -> new Paused(Json.text(node, "reason"));
            case "completed" -> new Completed();
            default -> throw new Malformed("an entry is of an unknown kind");
        };
    }
}
