package dev.lastgood.incident.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much of the truth a trial has found. What cannot be said yet, because the audit does not explain, is null.
 *
 * @param corrupted records that are damaged
 * @param rewritten those of them that somebody else has written since
 * @param rules what breaks rules, against what is damaged
 * @param all what is in incidents, suspects too
 * @param firstIsTrue whether the first explanation of the largest incident is the signature
 * @param windowError by how much its window is off at both ends together, as a share of the true one
 * @param lastGood the share of damaged records in incidents whose last good snapshot is the true one, or that are said to
 *     have none where they have none
 */
record Measured(
        String kind,
        int corrupted,
        int rewritten,
        Found rules,
        @Nullable Found all,
        @Nullable Boolean firstIsTrue,
        @Nullable Double windowError,
        @Nullable Double lastGood) {

    /** @param precision how much of what was found is damaged; 1 if nothing was
     * @param recall how much of what is damaged was found */
    record Found(double precision, double recall) {
        static Found of(Set<Long> found, Set<Long> damaged) {
            Set<Long> both = new HashSet<>(found);
            both.retainAll(damaged);
            return new Found(share(both, found), share(both, damaged));
        }

        private static double share(Collection<Long> part, Collection<Long> whole) {
            return whole.isEmpty() ? 1 : (double) part.size() / whole.size();
        }
    }

    static Measured of(Trial trial) {
        Story story = trial.story();
        Map<Long, Story.Damage> damages = story.damages();
        Bug bug = story.bugs().get(0);
        Iterator<JsonNode> incidents = trial.incidents().values().iterator();
        JsonNode largest = incidents.hasNext() ? incidents.next() : null;
        Map<String, String> explanation = largest == null ? null : Trial.explanation(largest);
        return new Measured(
                story.kind().name(),
                damages.size(),
                (int) damages.values().stream()
                        .filter(Story.Damage::isRewritten)
                        .count(),
                Found.of(trial.corrupt().keySet(), damages.keySet()),
                trial.hasMembers() ? Found.of(trial.accused(), damages.keySet()) : null,
                explanation == null ? null : Boolean.valueOf(explanation.equals(bug.signature())),
                largest == null ? null : windowError(largest, story.window(bug.name())),
                lastGood(trial));
    }

    static @Nullable Double windowError(JsonNode incident, Story.Window truth) {
        if (!incident.path("from").isTextual() || !incident.path("to").isTextual()) {
            return null;
        }
        Duration off = Duration.between(Instant.parse(incident.path("from").asText()), truth.from())
                .abs()
                .plus(Duration.between(Instant.parse(incident.path("to").asText()), truth.to())
                        .abs());
        return (double) off.toSeconds()
                / Duration.between(truth.from(), truth.to()).toSeconds();
    }

    private static @Nullable Double lastGood(Trial trial) {
        int exact = 0;
        int looked = 0;
        Map<Long, List<Trial.Member>> members = trial.members();
        for (Story.Damage damage : trial.story().damages().values()) {
            List<Trial.Member> of = members.getOrDefault(damage.id(), List.of());
            if (!of.isEmpty()) {
                looked++;
                exact += of.stream().allMatch(member -> isExact(member, damage)) ? 1 : 0;
            }
        }
        return looked == 0 ? null : Double.valueOf((double) exact / looked);
    }

    private static boolean isExact(Trial.Member member, Story.Damage damage) {
        return Objects.equals(member.good(), damage.lastGood())
                && member.marks().contains("UNRECOVERABLE") == (damage.lastGood() == null);
    }

    static final String HEADER =
            "%-18s %9s %9s | %-15s | %-15s | %-9s | %-7s | %s%n%-18s %9s %9s | %-7s %-7s | %-7s %-7s | %-9s | %-7s | %s"
                    .formatted(
                            "",
                            "corrupted",
                            "rewritten",
                            "rules",
                            "with suspects",
                            "signature",
                            "window",
                            "last good",
                            "kind",
                            "records",
                            "since",
                            "precis.",
                            "recall",
                            "precis.",
                            "recall",
                            "first",
                            "error",
                            "exact");

    /** A row of the table. */
    String row() {
        return "%-18s %9d %9d | %s | %s | %-9s | %-7s | %s"
                .formatted(
                        kind,
                        corrupted,
                        rewritten,
                        text(rules),
                        text(all),
                        firstIsTrue == null ? "-" : firstIsTrue ? "yes" : "no",
                        text(windowError),
                        text(lastGood));
    }

    private static String text(@Nullable Found found) {
        return found == null
                ? "%-7s %-7s".formatted("-", "-")
                : "%-7s %-7s".formatted(text(found.precision()), text(found.recall()));
    }

    private static String text(@Nullable Double share) {
        return share == null ? "-" : String.format(Locale.ROOT, "%.3f", share);
    }
}
