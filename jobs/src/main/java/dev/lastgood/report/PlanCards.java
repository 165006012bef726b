package dev.lastgood.report;

import static dev.lastgood.report.Json.number;
import static dev.lastgood.report.Json.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Cell;
import dev.lastgood.report.Page.Column;
import dev.lastgood.report.Page.Fact;
import dev.lastgood.report.Page.PlanCard;
import dev.lastgood.report.Page.Table;
import dev.lastgood.restore.Conflict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The preview of a restore plan. */
final class PlanCards {
    private PlanCards() {}

    static final int MOST_STEPS = 200;
    static final int MOST_CONFLICTS = 200;

    static PlanCard of(Report.Restore restore) {
        JsonNode plan = restore.plan();
        long steps = Verdicts.total(plan.path("steps"));
        List<Page.Card> cards = Cards.ofSteps(restore.steps(), MOST_STEPS);
        return new PlanCard(
                text(plan, "plan"),
                facts(plan, steps),
                conflictCounts(plan.path("conflicts")),
                conflicts(restore, Verdicts.total(plan.path("conflicts"))),
                cards,
                cards.size() < steps
                        ? "The first %s of %s are shown; 'lastgood restore show %s' shows all."
                                .formatted(Shown.number(cards.size()), Shown.count(steps, "step"), text(plan, "plan"))
                        : "");
    }

    private static List<Fact> facts(JsonNode plan, long steps) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Plan", Cell.code(text(plan, "plan"))));
        facts.add(new Fact("Digest", Cell.code(text(plan, "digest"))));
        add(facts, plan, "expires", "Expires");
        facts.add(new Fact("Steps", Cell.of(steps).noted(kinds(plan.path("steps")))));
        facts.add(new Fact("Records", Cell.of(number(plan, "records"))));
        facts.add(new Fact("Fields", Cell.of(number(plan, "fields")).noted(kinds(plan.path("good")))));
        facts.add(new Fact("Conflicts", Cell.of(Verdicts.total(plan.path("conflicts")))));
        add(facts, plan, "heldBack", "Held back by a conflict elsewhere");
        facts.add(new Fact("Not recoverable", Cell.of(number(plan, "unrecoverable"))));
        add(facts, plan, "healed", "Healed already");
        add(facts, plan, "insertsWithoutEvidence", "Inserts without delete evidence");
        return facts;
    }

    private static void add(List<Fact> facts, JsonNode plan, String member, String name) {
        JsonNode value = plan.path(member);
        if (!value.isMissingNode() && !value.isNull()) {
            facts.add(new Fact(name, value.isNumber() ? Cell.of(value.asLong()) : Cell.of(Shown.line(value.asText()))));
        }
    }

    /** "3 insert, 12 update, 0 delete". */
    private static String kinds(JsonNode counts) {
        return String.join(
                ", ",
                counts.properties().stream()
                        .map(kind -> Shown.number(kind.getValue().asLong()) + " " + words(kind.getKey()))
                        .toList());
    }

    private static String words(String member) {
        return member.equals("asOf") ? "as of the capture" : Shown.line(member);
    }

    private static @Nullable Table conflictCounts(JsonNode conflicts) {
        if (conflicts.isEmpty()) {
            return null;
        }
        long most = conflicts.properties().stream()
                .mapToLong(type -> type.getValue().asLong())
                .max()
                .orElse(0);
        return new Table(
                "Conflicts by type: live is kept",
                List.of(new Column("Type", false), new Column("Conflicts", true), new Column("Share", false)),
                conflicts.properties().stream()
                        .map(type -> List.of(
                                Cell.code(Shown.line(type.getKey())).noted(meaning(type.getKey())),
                                Cell.of(type.getValue().asLong()),
                                Cell.bar(type.getValue().asLong(), most)))
                        .toList(),
                "");
    }

    private static String meaning(String type) {
        return Arrays.stream(Conflict.Type.values())
                .filter(known -> known.name().equals(type))
                .map(Conflict.Type::meaning)
                .findFirst()
                .orElse("");
    }

    private static @Nullable Table conflicts(Report.Restore restore, long there) {
        if (restore.conflicts().isEmpty()) {
            return null;
        }
        List<List<Cell>> rows = restore.conflicts().stream()
                .limit(MOST_CONFLICTS)
                .map(Lines::read)
                .map(conflict -> List.of(
                        Cell.code(Cards.key(conflict)).noted(Shown.line(text(conflict, "dataset"))),
                        Cell.code(Shown.line(text(conflict, "path"))),
                        Cell.code(Shown.line(text(conflict, "conflict"))),
                        Cell.of(Shown.line(conflict.get("good"))),
                        Cell.of(Shown.line(conflict.get("bad"))),
                        Cell.of(Shown.line(conflict.get("live"))),
                        Cell.of(Shown.line(text(conflict, "explanation")))))
                .toList();
        return new Table(
                "Conflicts",
                Stream.of("Record", "Field", "Type", "Good", "As the damage left it", "Live", "Why")
                        .map(name -> new Column(name, false))
                        .toList(),
                rows,
                Pages.cut(there, rows.size(), "conflict"));
    }
}
