package dev.lastgood.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.PartitionKey;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import dev.lastgood.workspace.Source;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Documents are found, inserted, written and deleted wherever their partition key puts them. */
class PartitionKeysTest {
    private final CosmosForTests cosmos = cosmos();

    /** The service it is tried on. */
    CosmosForTests cosmos() {
        return CosmosForTests.shared();
    }

    private Target target(CosmosContainer container, String... key) {
        return CosmosTarget.open(
                CosmosTargetTest.reached(cosmos, container),
                List.of(key).stream().map(FieldPath::valueOf).toList(),
                Source.Requests.POINT);
    }

    private static Key key(Object... parts) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i += 2) {
            values.put((String) parts[i], (Value) parts[i + 1]);
        }
        return new Key(values);
    }

    private static Image image(String json) {
        try {
            return new Image((Value.Obj) JsonValues.parse(json));
        } catch (JsonValues.NotJson e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static Seen seen(Target.Batch batch, Key key) {
        return Objects.requireNonNull(batch.seen().get(key));
    }

    /** From nothing to a document, another value of it, and nothing again. */
    private void comesAndGoes(CosmosContainer container, Target target, Key key, String json) {
        Image image = image(json);
        try (Target.Batch batch = target.open(List.of(key))) {
            assertThat(seen(batch, key)).isEqualTo(Seen.ABSENT);
            assertThat(batch.write(List.of(new Change(
                                    key, Seen.ABSENT, image, image.fields().keySet())))
                            .get(key))
                    .isInstanceOf(Written.Done.class);
        }
        try (Target.Batch batch = target.open(List.of(key))) {
            assertThat(seen(batch, key).image()).isEqualTo(image);
            Image changed = image.with("v", Value.of(2));
            assertThat(batch.write(List.of(new Change(key, seen(batch, key), changed, Set.of("v"))))
                            .get(key))
                    .isInstanceOf(Written.Done.class);
        }
        try (Target.Batch batch = target.open(List.of(key))) {
            assertThat(seen(batch, key).image()).isEqualTo(image.with("v", Value.of(2)));
            assertThat(batch.write(List.of(new Change(key, seen(batch, key), null, Set.of())))
                            .get(key))
                    .isEqualTo(new Written.Done(""));
        }
        assertThat(CosmosForTests.everything(container)).isEmpty();
    }

    @Test
    void a_partition_key_is_of_any_type() {
        CosmosContainer container = cosmos.container("/k");
        Target target = target(container, "k", "id");

        comesAndGoes(
                container,
                target,
                key("k", Value.of("ключ é"), "id", Value.of("и 1")),
                "{\"id\":\"и 1\",\"k\":\"ключ é\"}");
        comesAndGoes(container, target, key("k", Value.of(42), "id", Value.of("1")), "{\"id\":\"1\",\"k\":42}");
        comesAndGoes(container, target, key("k", new Value.Real(0.5), "id", Value.of("1")), "{\"id\":\"1\",\"k\":0.5}");
        comesAndGoes(container, target, key("k", Value.of(false), "id", Value.of("1")), "{\"id\":\"1\",\"k\":false}");
        comesAndGoes(container, target, key("k", Value.NULL, "id", Value.of("1")), "{\"id\":\"1\",\"k\":null}");
        comesAndGoes(container, target, key("k", Value.NULL, "id", Value.of("1")), "{\"id\":\"1\"}");
        comesAndGoes(container, target, key("k", Value.of("42"), "id", Value.of("1")), "{\"id\":\"1\",\"k\":42}");
    }

    @Test
    void a_partition_key_is_nested_or_has_levels() {
        CosmosContainer nested = cosmos.container("/a/b");
        comesAndGoes(
                nested,
                target(nested, "a.b", "id"),
                key("a.b", Value.of("z"), "id", Value.of("1")),
                "{\"id\":\"1\",\"a\":{\"b\":\"z\",\"c\":1}}");

        CosmosContainer levels = cosmos.container("/tenant", "/user", "/n");
        comesAndGoes(
                levels,
                target(levels, "tenant", "user", "n", "id"),
                key("tenant", Value.of("t"), "user", Value.of("u"), "n", Value.of(7), "id", Value.of("1")),
                "{\"id\":\"1\",\"tenant\":\"t\",\"user\":\"u\",\"n\":7}");
    }

    @Test
    void a_level_that_is_null_or_missing_is_refused_for_its_document_alone() {
        CosmosContainer container = cosmos.container("/tenant", "/user");
        CosmosForTests.put(container, "{\"id\":\"1\",\"tenant\":\"t\",\"user\":\"u\",\"v\":1}");
        Target target = target(container, "tenant", "user", "id");
        Key named = key("tenant", Value.of("t"), "user", Value.of("u"), "id", Value.of("1"));
        Key unnamed = key("tenant", Value.of("t"), "user", Value.NULL, "id", Value.of("1"));

        try (Target.Batch batch = target.open(List.of(named, unnamed))) {
            assertThat(seen(batch, named).image()).isNotNull();
            assertThat(seen(batch, unnamed).isSeveral()).isTrue();
            Image image = image("{\"id\":\"1\",\"tenant\":\"t\"}");
            assertThat(batch.write(List.of(new Change(unnamed, seen(batch, unnamed), image, Set.of("v")))))
                    .containsEntry(
                            unnamed,
                            new Written.Refused(
                                    "its key does not tell its partition: a level is null or missing, or of another type"));
        }
    }

    @Test
    void texts_that_look_like_other_values_are_found() {
        CosmosContainer container = cosmos.container("/k");
        Target target = target(container, "k", "id");

        comesAndGoes(
                container,
                target,
                key("k", Value.of("12e3456"), "id", Value.of("1")),
                "{\"id\":\"1\",\"k\":\"12e3456\"}");
        comesAndGoes(
                container,
                target,
                key("k", Value.of("{\"a\":1}"), "id", Value.of("1")),
                "{\"id\":\"1\",\"k\":{\"a\":1}}");
    }

    @Test
    void a_day_does_not_tell_which_document_is_meant() {
        Target target = target(cosmos.container("/k"), "k", "id");
        Key day = key("k", new Value.Day(java.time.LocalDate.of(2026, 1, 2)), "id", Value.of("1"));

        try (Target.Batch batch = target.open(List.of(day))) {
            assertThat(seen(batch, day)).isNotEqualTo(Seen.ABSENT);
        }
    }

    @Test
    void an_id_may_be_that_of_a_document_in_each_partition() {
        CosmosContainer container = cosmos.container("/k");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":\"a\",\"v\":1}");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":\"b\",\"v\":1}");
        Target target = target(container, "k", "id");
        Key key = key("k", Value.of("b"), "id", Value.of("1"));

        try (Target.Batch batch = target.open(List.of(key))) {
            Image image = Objects.requireNonNull(seen(batch, key).image());
            batch.write(List.of(new Change(key, seen(batch, key), image.with("v", Value.of(2)), Set.of("v"))));
        }

        assertThat(CosmosForTests.everything(container))
                .containsExactly("{\"id\":\"1\",\"k\":\"a\",\"v\":1}", "{\"id\":\"1\",\"k\":\"b\",\"v\":2}");
    }

    @Test
    void a_key_that_stands_for_two_documents_is_written_to_neither() {
        CosmosContainer container = cosmos.container("/k");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":\"42\"}");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":42}");
        CosmosForTests.put(container, "{\"id\":\"2\",\"k\":null}", new PartitionKey(null));
        CosmosForTests.put(container, "{\"id\":\"2\"}", PartitionKey.NONE);
        Target target = target(container, "k", "id");
        Key text = key("k", Value.of("42"), "id", Value.of("1"));
        Key none = key("k", Value.NULL, "id", Value.of("2"));

        try (Target.Batch batch = target.open(List.of(text, none))) {
            assertThat(seen(batch, text).isSeveral()).isTrue();
            assertThat(seen(batch, none).isSeveral()).isTrue();
            assertThat(batch.write(List.of(new Change(text, seen(batch, text), null, Set.of())))
                            .get(text))
                    .isEqualTo(new Written.Refused("several documents have this key"));
        }
        assertThat(CosmosForTests.everything(container)).hasSize(4);
    }

    @Test
    void fields_whose_names_no_pointer_tells_and_many_at_once_are_written_as_a_whole() {
        CosmosContainer container = cosmos.container("/k");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":\"a\",\"a/b\":1,\"c~d\":[1],\"kept\":{\"x\":1}}");
        Target target = target(container, "k", "id");
        Key key = key("k", Value.of("a"), "id", Value.of("1"));

        try (Target.Batch batch = target.open(List.of(key))) {
            Image image = Objects.requireNonNull(seen(batch, key).image());
            Image changed = image.with("a/b", Value.of(2)).with("c~d", null);
            assertThat(batch.write(List.of(new Change(key, seen(batch, key), changed, Set.of("a/b", "c~d"))))
                            .get(key))
                    .isInstanceOf(Written.Done.class);
        }
        try (Target.Batch batch = target.open(List.of(key))) {
            assertThat(seen(batch, key).image())
                    .isEqualTo(image("{\"id\":\"1\",\"k\":\"a\",\"a/b\":2,\"kept\":{\"x\":1}}"));
        }
    }

    @Test
    void a_field_that_is_to_go_goes() {
        CosmosContainer container = cosmos.container("/k");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":\"a\",\"v\":1,\"w\":null}");
        Target target = target(container, "k", "id");
        Key key = key("k", Value.of("a"), "id", Value.of("1"));

        try (Target.Batch batch = target.open(List.of(key))) {
            Image image = Objects.requireNonNull(seen(batch, key).image());
            Image changed = image.with("v", null).with("w", null).with("x", Value.NULL);
            batch.write(List.of(new Change(key, seen(batch, key), changed, Set.of("v", "w", "x", "never"))));
        }

        assertThat(CosmosForTests.everything(container)).containsExactly("{\"id\":\"1\",\"k\":\"a\",\"x\":null}");
    }

    @Test
    void a_key_without_the_partition_key_is_no_key() {
        CosmosContainer container = cosmos.container("/address/\"zip code\"");

        assertThatThrownBy(() -> target(container, "id"))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining(
                        "container '%s' has other keys than the workspace says".formatted(container.getId()))
                .hasMessageContaining("key: [address.`zip code`, id]");
    }

    @Test
    void a_time_to_live_is_told_of() {
        CosmosContainerProperties properties = new CosmosContainerProperties("expiring", "/k");
        properties.setDefaultTimeToLiveInSeconds(60);
        CosmosContainer container = cosmos.container(properties);

        assertThat(target(container, "k", "id").facts())
                .containsExactly(new Target.Fact(
                        Target.Concern.TRIGGER,
                        "ttl",
                        "documents expire 60 seconds after their last write, and a restored one is written anew"));
        assertThat(target(cosmos.container("/k"), "k", "id").facts()).isEmpty();
    }
}
