package dev.lastgood.incident.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two bugs of one release damage one dataset at overlapping times: they are told apart. */
@ExtendWith(SparkForTests.class)
class TwoBugsTest {
    /** Suspects of the one bug are among those the other damaged, where both wrote: not the 0.99 that is aimed at. */
    private static final double NEARLY_ALL = 0.88;

    private static final double WINDOW_ERROR = 0.08;

    private static @Nullable Trial trial;

    @BeforeAll
    static void tried(SparkSession session, @TempDir Path folder) {
        trial = Trial.of(Story.of(new TwoBugs(), 2000, 4, 1), folder);
    }

    private static Trial trial() {
        return Objects.requireNonNull(trial);
    }

    /** The records that a bug has damaged. */
    private static Set<Long> damagedBy(String bug) {
        return trial().story().damages().values().stream()
                .filter(damage -> damage.bug().equals(bug))
                .map(Story.Damage::id)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The id of the incident that has the most of those records. */
    private static String incident(Set<Long> records) {
        Map<String, Long> counts = new LinkedHashMap<>();
        trial().members().forEach((id, members) -> {
            if (records.contains(id)) {
                members.forEach(member -> counts.merge(member.incident(), 1L, Long::sum));
            }
        });
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static Set<Long> recordsOf(String incident) {
        return trial().members().entrySet().stream()
                .filter(one -> one.getValue().stream()
                        .anyMatch(member -> member.incident().equals(incident)))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void what_breaks_a_rule_is_the_work_of_its_bug() {
        Map<String, String> bugOf = Map.of("delivery-total", TwoBugs.CENTS, "delivery-address", TwoBugs.FORM);

        trial().corrupt()
                .forEach((id, rules) -> assertThat(rules)
                        .as("%s", id)
                        .allSatisfy(rule -> assertThat(damagedBy(Objects.requireNonNull(bugOf.get(rule))))
                                .contains(id)));
        assertThat(trial().incidents()).hasSize(2);
        assertThat(trial().story().window(TwoBugs.CENTS).to())
                .as("they overlap")
                .isAfter(trial().story().window(TwoBugs.FORM).from());
    }

    @Test
    void every_record_is_in_the_incident_of_its_bug() {

        for (String bug : List.of(TwoBugs.CENTS, TwoBugs.FORM)) {
            Set<Long> damaged = damagedBy(bug);
            Measured.Found found = Measured.Found.of(recordsOf(incident(damaged)), damaged);
            assertThat(found.precision()).as("%s %s", bug, found).isGreaterThanOrEqualTo(NEARLY_ALL);
            assertThat(found.recall()).as("%s %s", bug, found).isGreaterThanOrEqualTo(NEARLY_ALL);
        }
        assertThat(incident(damagedBy(TwoBugs.CENTS))).isNotEqualTo(incident(damagedBy(TwoBugs.FORM)));
    }

    @Test
    void each_incident_is_explained_by_the_signature_of_its_bug() {

        for (Bug bug : trial().story().bugs()) {
            JsonNode incident = Objects.requireNonNull(trial().incidents().get(incident(damagedBy(bug.name()))));
            assertThat(Trial.explanation(incident)).as(bug.name()).isEqualTo(bug.signature());
            assertThat(Measured.windowError(incident, trial().story().window(bug.name())))
                    .as(bug.name())
                    .isLessThanOrEqualTo(WINDOW_ERROR);
        }
    }
}
