package dev.lastgood.incident.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What stories say is true of the files they write, and they are hard enough. */
@ExtendWith(SparkForTests.class)
class StoryTest {
    private static final Map<String, Story> STORIES = new HashMap<>();

    @TempDir
    Path folder;

    /** They are large. */
    @AfterAll
    static void forget() {
        STORIES.clear();
    }

    static Stream<Kind> kinds() {
        Stream<Kind> kinds = Kinds.ALL.stream().filter(kind -> TwelveKindsTest.isMeasured(kind.name()));
        return TwelveKindsTest.FULL ? Stream.concat(kinds, Stream.of(new TwoBugs())) : kinds;
    }

    private static Story story(Kind kind) {
        return STORIES.computeIfAbsent(kind.name(), any -> Story.of(kind, 2000, 4, 1));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void the_files_are_wrong_where_the_truth_says_so_and_nowhere_else(Kind kind) {
        Story story = story(kind);
        Map<Long, Story.Damage> damages = story.damages();
        Map<Long, Fields> right = story.right();

        Trial.write(kind, story.now(), folder);

        Map<Long, Fields> read = read(kind.table());
        assertThat(read).hasSameSizeAs(story.now().live());
        read.forEach((id, record) -> {
            Story.Damage damage = damages.get(id);
            Fields should = right.getOrDefault(id, Fields.NONE);
            List<String> wrong = kind.table().names().stream()
                    .filter(name -> !Objects.equals(record.get(name), should.get(name)))
                    .toList();
            if (damage == null) {
                assertThat(wrong).as("%s of %s", record, id).isEmpty();
            } else {
                assertThat(wrong).as("%s of %s", record, id).isNotEmpty().hasSameElementsAs(damage.fields());
            }
        });
        assertThat(read.keySet()).containsAll(damages.keySet());
    }

    private Map<Long, Fields> read(Table table) {
        Map<Long, Fields> records = new TreeMap<>();
        for (Row row : SparkForTests.session()
                .read()
                .parquet(folder.resolve("data").resolve(table.name()).toString())
                .collectAsList()) {
            Fields record = Fields.NONE;
            for (String name : row.schema().fieldNames()) {
                Object value = row.getAs(name);
                record = value == null ? record : record.with(name, value);
            }
            records.put(record.number("id"), record);
        }
        return records;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void damage_is_what_a_bug_wrote_within_its_window_and_by_its_signature(Kind kind) {
        Story story = story(kind);
        Map<String, Bug> bugs = story.bugs().stream().collect(Collectors.toMap(Bug::name, bug -> bug));

        story.damages().forEach((id, damage) -> {
            Bug bug = Objects.requireNonNull(bugs.get(damage.bug()));
            List<Story.Write> then = story.writes().stream()
                    .filter(write -> write.id() == id && write.at().equals(damage.since()))
                    .toList();
            assertThat(then).singleElement().satisfies(write -> {
                assertThat(write.bug()).isEqualTo(bug.name());
                assertThat(write.at()).isAfterOrEqualTo(bug.from()).isBefore(bug.to());
                bug.signature()
                        .forEach((dimension, value) ->
                                assertThat(write.actor().dimension(dimension)).isEqualTo(value));
            });
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void the_last_good_snapshot_is_the_newest_that_has_the_record_as_it_should_have_been(Kind kind) {
        Story story = story(kind);

        story.damages().forEach((id, damage) -> {
            Integer newest = null;
            for (int i = 0; i < story.captures().size(); i++) {
                Story.Capture capture = story.captures().get(i);
                Fields should = rightAt(story, id, capture.at());
                boolean isGood = should != null
                        && should.equals(capture.live().get(id))
                        && capture.at().isBefore(damage.since());
                newest = isGood ? Integer.valueOf(i) : newest;
            }
            assertThat(damage.lastGood()).as("%s", damage).isEqualTo(newest);
        });
    }

    /** As it should have been then, by the log; null if it was not there. */
    private static @org.jspecify.annotations.Nullable Fields rightAt(Story story, long id, Instant at) {
        Fields right = null;
        for (Story.Write write : story.writes()) {
            if (write.id() == id && write.at().isBefore(at)) {
                right = write.right();
            }
        }
        return right;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void others_do_the_same_at_the_same_time_and_the_same_do_so_at_other_times(Kind kind) {
        Story story = story(kind);
        for (Bug bug : story.bugs()) {
            List<Story.Write> same = story.writes().stream()
                    .filter(write -> bug.operations().contains(write.operation()))
                    .toList();
            assertThat(same)
                    .as("by others")
                    .filteredOn(write -> isWithin(bug, write)
                            && bug.signature().keySet().stream().anyMatch(dimension -> isBy(bug, write, dimension)))
                    .hasSizeGreaterThan(10);
            assertThat(same)
                    .as("outside of the window")
                    .filteredOn(write -> !isWithin(bug, write) && isBy(bug, write, ""))
                    .hasSizeGreaterThan(10);
        }
    }

    private static boolean isWithin(Bug bug, Story.Write write) {
        return !write.at().isBefore(bug.from()) && write.at().isBefore(bug.to());
    }

    /** Whether it is by the signature but for that dimension. */
    private static boolean isBy(Bug bug, Story.Write write, String but) {
        return bug.signature().entrySet().stream()
                .allMatch(one -> one.getKey().equals(but)
                        != write.actor().dimension(one.getKey()).equals(one.getValue()));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void damage_is_written_over_and_beside(Kind kind) {
        Story story = story(kind);
        Map<Long, Story.Damage> damages = story.damages();

        assertThat(damages).hasSizeGreaterThan(50);
        assertThat(damages.values())
                .as("still there though somebody wrote since")
                .anyMatch(Story.Damage::isRewritten);
        if (story.bugs().stream().anyMatch(bug -> bug.operations().contains(Operation.CREATE))) {
            assertThat(damages.values())
                    .as("in records that no snapshot has")
                    .anyMatch(damage -> damage.lastGood() == null);
        }
    }

    @Test
    void some_damage_is_healed_and_some_is_in_snapshots() {
        List<Story> stories = Kinds.ALL.stream().map(StoryTest::story).toList();

        assertThat(stories)
                .filteredOn(story -> story.writes().stream()
                        .filter(write -> write.bug() != null)
                        .anyMatch(write -> story.now().live().containsKey(write.id())
                                && !story.damages().containsKey(write.id())))
                .as("healed")
                .hasSizeGreaterThan(2);
        assertThat(stories)
                .filteredOn(story -> !last(story.captures()).damaged().isEmpty())
                .extracting(story -> story.kind().name())
                .contains("sign flip", "wrong tenant", "time zone", "partial migration", "double apply");
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    @Test
    void a_story_is_told_the_same_again() {
        Kind kind = new UnitChange();

        assertThat(Story.of(kind, 300, 4, 7).writes())
                .isEqualTo(Story.of(kind, 300, 4, 7).writes())
                .isNotEqualTo(Story.of(kind, 300, 4, 8).writes());
    }

    @Test
    void what_is_right_breaks_no_rule(SparkSession session) {
        List<Story> stories =
                kinds().map(kind -> Story.withoutBugs(kind, 2000, 4, 1)).toList();
        StringBuilder datasets = new StringBuilder();
        StringBuilder rules = new StringBuilder();
        for (Story story : stories) {
            assertThat(story.damages()).isEmpty();
            datasets.append(story.kind().table().yaml());
            story.now().others().keySet().forEach(table -> datasets.append(table.yaml()));
            rules.append(story.kind().rules());
        }
        WorkspaceForTests bench =
                WorkspaceForTests.in(folder, datasets.toString()).rules(rules.toString());
        stories.forEach(story -> Trial.write(story.kind(), story.captures().get(1), folder));
        bench.take();
        stories.forEach(story -> Trial.write(story.kind(), story.now(), folder));

        WorkspaceForTests.Audited audited = bench.audit();

        assertThat(audited.findings()).isEmpty();
        assertThat(audited.audit().document().get("rules"))
                .hasSizeGreaterThanOrEqualTo(2 * (stories.size() - 1))
                .allSatisfy(rule ->
                        assertThat(rule.get("outcome").asText()).as("%s", rule).isEqualTo("PASS"));
        assertThat(audited.audit().document().get("datasets"))
                .allSatisfy(
                        dataset -> assertThat(dataset.get("before").asLong()).isPositive());
    }
}
