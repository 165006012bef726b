package dev.lastgood.incident;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Findings with one probable cause. What is masked in its dataset is masked here.
 *
 * @param id within its audit
 * @param records corrupt ones
 * @param suspects changed records that match its signature and break no rule
 * @param when null if the dataset does not say when records are written
 * @param cause what is telling of its records
 * @param check a condition over live that is true of what matches the cause; empty if there is none
 * @param affected records elsewhere that its records may have done harm to
 */
public record Incident(
        String id,
        String dataset,
        String sentence,
        String check,
        long records,
        long suspects,
        Effect effect,
        @Nullable When when,
        Why cause,
        Older past,
        List<Affected> affected) {

    public Incident {
        affected = List.copyOf(affected);
    }

    /**
     * What became of the records.
     *
     * @param rules those they break, the one most break first
     * @param fields fields that differ and in how many records, most first
     * @param damaged fields in which the change of this incident is seen
     * @param patterns path and kind of change, and how many records underwent it, most first; at last what went back to an older value,
     *     which is counted in some thousand records
     * @param together fields that changed together in records that were there before and after, the commonest sets
     */
    public record Effect(
            List<String> rules,
            Map<String, Long> fields,
            List<String> damaged,
            Map<String, Long> patterns,
            List<Together> together) {
        public Effect {
            rules = List.copyOf(rules);
            damaged = List.copyOf(damaged);
            together = List.copyOf(together);
        }
    }

    /**
     * Fields that changed in a record, and no others.
     *
     * @param fields in order
     * @param records how many did
     */
    public record Together(List<String> fields, long records) {
        public Together {
            fields = List.copyOf(fields);
        }
    }

    /**
     * When the records were written last.
     *
     * @param from where the stretch of time begins in which records are most unusually often corrupt
     * @param to where it ends
     * @param first when the first of the records was written, in this stretch or before
     * @param last when the last was
     */
    public record When(Instant from, Instant to, Instant first, Instant last) {}

    /**
     * Why, as far as that is known.
     *
     * @param signature values by dimension that tell its records from other changed ones; where nothing else has changed,
     *     those most of its records share
     * @param explanations the best first; empty if nothing tells
     */
    public record Why(SortedMap<String, String> signature, List<Explained> explanations) {
        public Why {
            signature = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(signature));
            explanations = List.copyOf(explanations);
        }

        public boolean isExplained() {
            return !explanations.isEmpty();
        }
    }

    /**
     * Values that tell.
     *
     * @param corrupt of the incident's records those that have them
     * @param changed of all changed records those that have them
     * @param of the incident's records that were explained by this
     * @param elsewhere share of corrupt records among the other changed ones; 0 to 1
     * @param ratio how many times as often a record with them is corrupt
     * @param atLeast the lower bound of the ratio at 95 %
     */
    public record Explained(
            SortedMap<String, String> values,
            long corrupt,
            long changed,
            long of,
            double elsewhere,
            double ratio,
            double atLeast) {
        public Explained {
            values = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(values));
        }

        /** Of the incident's records that have them; 0 to 1. */
        public double share() {
            return of == 0 ? 0 : (double) corrupt / of;
        }
    }

    /**
     * What older captures hold.
     *
     * @param lastGood the newest capture in which all of its records that ever were are good; null: there is none
     * @param firstBad the oldest capture that holds damage; null: only the audit saw it
     * @param flapping records that were damaged, good, and damaged again
     * @param unrecoverable records of which no capture holds a good image
     */
    public record Older(
            @Nullable Capture lastGood, @Nullable Capture firstBad, long flapping, long unrecoverable) {}

    /** A snapshot and when it was complete. */
    public record Capture(String snapshot, Instant at) {
        ObjectNode json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("snapshot", snapshot)
                    .put("at", at.toString());
        }
    }

    /**
     * Records in reach of the damage. Nothing is done about them.
     *
     * @param how {@code refers to it}, {@code referred to}, {@code summed with it}, {@code joined with it}
     * @param rule the rule that joins them
     * @param sameValue how many of them hold, in a field of the same name, what the damaged field holds now: copied from it, or
     *     equal by chance; null where there is no such field
     */
    public record Affected(
            String dataset,
            String rule,
            String how,
            long records,
            @Nullable Long sameValue) {}

    /** As it stands in the document of its audit. */
    public ObjectNode json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", id).put("dataset", dataset).put("sentence", sentence).put("check", check);
        ArrayNode broken = node.putArray("rules");
        effect.rules().forEach(broken::add);
        node.put("records", records).put("suspects", suspects);
        ArrayNode fields = node.putArray("fields");
        effect.fields().keySet().forEach(fields::add);
        ArrayNode damaged = node.putArray("damaged");
        effect.damaged().forEach(damaged::add);
        node.put("from", when == null ? null : when.from().toString());
        node.put("to", when == null ? null : when.to().toString());
        node.put("first", when == null ? null : when.first().toString());
        node.put("last", when == null ? null : when.last().toString());
        ObjectNode signature = node.putObject("signature");
        cause.signature().forEach(signature::put);
        ArrayNode explanations = node.putArray("explanations");
        cause.explanations().forEach(one -> {
            ObjectNode explanation = explanations.addObject();
            ObjectNode values = explanation.putObject("values");
            one.values().forEach(values::put);
            explanation
                    .put("corrupt", one.corrupt())
                    .put("changed", one.changed())
                    .put("of", one.of())
                    .put("share", rounded(one.share()))
                    .put("elsewhere", rounded(one.elsewhere()))
                    .put("ratio", rounded(one.ratio()))
                    .put("atLeast", rounded(one.atLeast()));
        });
        ObjectNode kinds = node.putObject("patterns");
        effect.patterns().forEach(kinds::put);
        ArrayNode together = node.putArray("together");
        effect.together().forEach(one -> {
            ObjectNode set = together.addObject();
            ArrayNode names = set.putArray("fields");
            one.fields().forEach(names::add);
            set.put("records", one.records());
        });
        Capture good = past.lastGood();
        Capture bad = past.firstBad();
        node.set("lastGood", good == null ? JsonNodeFactory.instance.nullNode() : good.json());
        node.set("firstBad", bad == null ? JsonNodeFactory.instance.nullNode() : bad.json());
        node.put("flapping", past.flapping()).put("unrecoverable", past.unrecoverable());
        ArrayNode reach = node.putArray("affected");
        affected.forEach(one -> {
            ObjectNode of = reach.addObject()
                    .put("dataset", one.dataset())
                    .put("rule", one.rule())
                    .put("how", one.how())
                    .put("records", one.records());
            if (one.sameValue() != null) {
                of.put("sameValue", one.sameValue());
            }
        });
        return node;
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }

    /** The same with what is in its reach. */
    Incident affecting(List<Affected> others) {
        return new Incident(id, dataset, sentence, check, records, suspects, effect, when, cause, past, others);
    }

    /** The same with what older captures say. */
    Incident remembering(Older older) {
        return new Incident(id, dataset, sentence, check, records, suspects, effect, when, cause, older, affected);
    }

    /** The same with another number. */
    Incident numbered(String number) {
        return new Incident(
                Objects.requireNonNull(number),
                dataset,
                sentence,
                check,
                records,
                suspects,
                effect,
                when,
                cause,
                past,
                affected);
    }
}
