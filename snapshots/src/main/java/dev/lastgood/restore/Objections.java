package dev.lastgood.restore;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.restore.StepRules.Decision;
import dev.lastgood.target.Target.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What rules and relations have against what steps are about to write, asked of the records as just read. */
final class Objections {
    private final Judge judge;
    private final Relations relations;

    Objections(Judge judge, Relations relations) {
        this.judge = judge;
        this.relations = relations;
    }

    /** Takes a step out of those to be written. */
    interface Drop {
        void drop(Step step, Conflict.Type type, String explanation);
    }

    /** The record of a step as just read. */
    interface Read {
        Seen of(Step step);
    }

    /** Drops the writes that a local rule is against, and takes them out of the map. */
    void judge(Map<Step, Decision.Write> writes, Read read, Drop drop) {
        writes.keySet().stream()
                .map(Step::dataset)
                .distinct()
                .toList()
                .forEach(dataset -> judge(dataset, writes, read, drop));
    }

    private void judge(String dataset, Map<Step, Decision.Write> writes, Read read, Drop drop) {
        List<Step> asked = new ArrayList<>();
        List<Judge.Pair> pairs = new ArrayList<>();
        writes.forEach((step, write) -> {
            if (step.dataset().equals(dataset) && write.desired() != null) {
                asked.add(step);
                pairs.add(new Judge.Pair(step.good(), write.desired()));
                Image live = read.of(step).image();
                // An absent record is asked about as the good one, so that every question has its answer.
                pairs.add(new Judge.Pair(step.good(), live == null ? step.good() : live));
            }
        });
        if (asked.isEmpty()) {
            return;
        }
        List<Map<String, Ruling>> rulings = judge.judge(dataset, pairs);
        for (int i = 0; i < asked.size(); i++) {
            Step step = asked.get(i);
            Map<String, Ruling> onResult = rulings.get(2 * i);
            Map<String, Ruling> onLive = step.action() == Action.INSERT ? Map.of() : rulings.get(2 * i + 1);
            List<String> broken =
                    step.reasons().stream().filter(onResult::containsKey).toList();
            Safety.objection(broken, Map.of(), onLive, onResult).ifPresent(objection -> {
                writes.remove(step);
                drop.drop(step, Conflict.Type.UNSAFE_MERGE, objection);
            });
        }
    }

    private record Id(String dataset, Key key) {}

    /** Drops the writes that together would break what no single record decides, and takes them out of the map. */
    void relate(Map<Step, Decision.Write> writes, Read read, Drop drop) {
        if (writes.isEmpty()) {
            return;
        }
        Map<Id, Step> byKey = new HashMap<>();
        List<Relations.Laid> laid = new ArrayList<>();
        writes.forEach((step, write) -> {
            byKey.put(new Id(step.dataset(), step.key()), step);
            laid.add(
                    new Relations.Laid(step.dataset(), step.key(), read.of(step).image(), write.desired()));
        });
        for (Relations.Breach breach : relations.breaches(laid)) {
            Step step = byKey.get(new Id(breach.dataset(), breach.key()));
            if (step != null && writes.remove(step) != null) {
                drop.drop(step, breach.type(), breach.explanation());
            }
        }
    }
}
