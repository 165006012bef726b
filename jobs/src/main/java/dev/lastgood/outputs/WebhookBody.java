package dev.lastgood.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.outputs.Checked.Check;
import dev.lastgood.rule.Outcome;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What is sent to a webhook. It goes to another company's service, so it says what is wrong in names and counts only, never
 * why, and no value of a record.
 */
public enum WebhookBody {
    /** A document of this program's own. */
    GENERIC {
        @Override
        public JsonNode of(Checked checked) {
            Run run = checked.run();
            ObjectNode body = NODES.objectNode().put("formatVersion", 1);
            body.put("workspace", run.workspace())
                    .put("command", run.command())
                    .put("at", run.at().toString())
                    .put("version", run.version())
                    .put("audit", checked.id())
                    .put("verdict", checked.verdict().name())
                    .put("text", sentence(checked))
                    .put("incidents", checked.incidents());
            ObjectNode checks = body.putObject("checks");
            for (Outcome outcome : Outcome.values()) {
                checks.put(outcome.name(), checked.deciding(outcome));
            }
            ArrayNode troubles = body.putArray("troubles");
            troubles(checked)
                    .forEach(check -> troubles.addObject()
                            .put("id", check.id())
                            .put("dataset", check.dataset())
                            .put("outcome", check.outcome().name())
                            .put("severity", check.severity())
                            .put("examined", check.examined())
                            .put("violations", check.violations()));
            return body;
        }
    },
    /** Blocks of Slack's incoming webhooks, with a text for where blocks are not shown. */
    SLACK {
        @Override
        public JsonNode of(Checked checked) {
            ObjectNode body = NODES.objectNode().put("text", slack(sentence(checked)));
            ArrayNode blocks = body.putArray("blocks");
            section(blocks, "*" + slack(sentence(checked)) + "*");
            String list = list(checked, this::slack);
            if (!list.isEmpty()) {
                section(blocks, list);
            }
            return body;
        }

        private void section(ArrayNode blocks, String text) {
            blocks.addObject()
                    .put("type", "section")
                    .putObject("text")
                    .put("type", "mrkdwn")
                    .put("text", text);
        }

        private String slack(String text) {
            return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        }
    },
    /** An adaptive card for a workflow of Microsoft Teams. */
    TEAMS {
        @Override
        public JsonNode of(Checked checked) {
            ObjectNode body = NODES.objectNode().put("type", "message");
            ObjectNode attachment = body.putArray("attachments").addObject();
            attachment.put("contentType", "application/vnd.microsoft.card.adaptive");
            ObjectNode card = attachment.putObject("content");
            card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                    .put("type", "AdaptiveCard")
                    .put("version", "1.4");
            ArrayNode blocks = card.putArray("body");
            blocks.addObject()
                    .put("type", "TextBlock")
                    .put("text", sentence(checked))
                    .put("weight", "Bolder")
                    .put("wrap", true);
            String list = list(checked, UnaryOperator.identity());
            if (!list.isEmpty()) {
                blocks.addObject().put("type", "TextBlock").put("text", list).put("wrap", true);
            }
            return body;
        }
    };

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** More than these are counted, not named: messages have a limit. */
    private static final int MOST = 20;

    /** Slack takes 3,000 in a section, and refuses the whole message if there are more; some are for the last line. */
    private static final int MOST_CHARACTERS = 2900;

    private static final int LONGEST_NAME = 300;

    public abstract JsonNode of(Checked checked);

    private static List<Check> troubles(Checked checked) {
        return checked.checks().stream().filter(Check::isTrouble).toList();
    }

    private static String sentence(Checked checked) {
        Run run = checked.run();
        return "%s: lastgood %s of %s. %d passed, %d failed, %d examined nothing, %d could not be evaluated%s."
                .formatted(
                        checked.verdict(),
                        run.command(),
                        run.workspace().isEmpty() ? "a workspace that could not be read" : run.workspace(),
                        checked.deciding(Outcome.PASS),
                        checked.deciding(Outcome.FAIL),
                        checked.deciding(Outcome.SKIP),
                        checked.deciding(Outcome.ERROR),
                        checked.incidents() == 0 ? "" : "; incidents: " + checked.incidents());
    }

    /** A line for each trouble, as many as there is room for, and how many there are beside. */
    private static String list(Checked checked, UnaryOperator<String> escape) {
        List<Check> troubles = troubles(checked);
        StringBuilder list = new StringBuilder();
        int named = 0;
        for (Check check : troubles) {
            String line = "%s%s %s%s: %d of %d"
                    .formatted(
                            named == 0 ? "" : "\n",
                            check.outcome(),
                            cut(check.id()),
                            check.dataset().isEmpty() ? "" : " (" + cut(check.dataset()) + ")",
                            check.violations(),
                            check.examined());
            String escaped = escape.apply(line);
            if (named == MOST || list.length() + escaped.length() > MOST_CHARACTERS) {
                break;
            }
            list.append(escaped);
            named++;
        }
        if (named < troubles.size()) {
            list.append("%s%d more".formatted(named == 0 ? "" : "\nand ", troubles.size() - named));
        }
        return list.toString();
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    }
}
