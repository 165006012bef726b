package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.DialectId;
import dev.lastgood.Golden;
import dev.lastgood.Mutations;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema for editors says what the reader says, as far as a schema can. */
class RuleSchemaTest {

    private static final int CASES = Boolean.getBoolean("lastgood.full") ? 100_000 : 1_000;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode TEXT = text();
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7);
    private static final Schema SCHEMA = REGISTRY.getSchema(TEXT);

    /** What no key of the language is like, so that nothing near it is guessed. */
    private static final String UNKNOWN = "zzzzzzzzzzzzzzzzzzzz";

    private static final Pattern KEYS = Pattern.compile("The keys are (.*)\\.");

    /** Defects that take more than a schema to see: how values compare, and what Java makes of a pattern. */
    private static final Set<String> BEYOND_A_SCHEMA = Set.of(
            "deny-pair-alike",
            "depends-on-itself",
            "duplicate-id",
            "join-alias-taken",
            "matches-no-pattern",
            "metric-min-above-max",
            "min-above-max",
            "min-length-above-max-length",
            "reconcile-left-of-another-dataset",
            "reconcile-with-too-few-key-fields",
            "reference-of-two-arrays",
            "reference-with-too-few-key-fields",
            "vs-baseline-min-above-max");

    private static JsonNode text() {
        try {
            return JSON.readTree(RuleFiles.schema());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void it_is_a_schema() {
        Schema meta = REGISTRY.getSchema(SchemaLocation.of(DialectId.DRAFT_7));

        assertThat(meta.validate(TEXT)).isEmpty();
    }

    static List<String> valid() throws IOException {
        return Stream.concat(Stream.of(complete()), ReadmeTest.ruleFiles().stream())
                .toList();
    }

    private static String complete() throws IOException {
        return Files.readString(Path.of("src/test/resources/complete.yaml"));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void a_file_that_is_right_validates(String yaml) {
        assertThat(errors(yaml)).isEmpty();
    }

    @Test
    void a_file_with_a_defect_does_not_unless_a_schema_cannot_see_it() throws IOException {
        Set<String> unseen = new TreeSet<>();
        for (Path fixture : Golden.inputs("errors", ".yaml")) {
            String yaml = Files.readString(fixture);
            if (isYaml(yaml) && errors(yaml).isEmpty() && !isElsewhere(yaml)) {
                unseen.add(String.valueOf(fixture.getFileName()).replace(".yaml", ""));
            }
        }

        assertThat(unseen).isEqualTo(new TreeSet<>(BEYOND_A_SCHEMA));
    }

    /** Whether the defect is in another file, which this one names. */
    private static boolean isElsewhere(String yaml) {
        return yaml.contains("accepted: accepted/");
    }

    @Test
    void whatever_file_has_no_problem_validates() throws IOException {
        String valid = complete();
        int right = 0;
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + CASES; seed++) {
            String yaml = Mutations.mutated(valid, new Random(seed));
            if (problems(yaml).isEmpty()) {
                right++;
                assertThat(errors(yaml))
                        .as("repeat with -Dseed=%d:%n%s", seed, yaml)
                        .isEmpty();
            }
        }
        assertThat(right).isGreaterThan(CASES / 50);
    }

    /** A key that nobody knows is put into every mapping there is; the reader then tells the keys it knows there. */
    @Test
    void every_key_the_reader_knows_is_in_the_schema_and_the_reverse() throws IOException {
        Set<String> compared = new TreeSet<>();
        for (String yaml : valid()) {
            JsonNode file = json(yaml);
            for (JsonPointer at : mappings(file)) {
                String part = part(at);
                Optional<Set<String>> keys = keysKnownTo(file, at);
                assertThat(keys.orElse(Set.of())).as("%s of %n%s", at, yaml).isEqualTo(keysIn(TEXT.at(part)));
                keys.ifPresent(known -> compared.add(part));
            }
        }

        assertThat(compared).isEqualTo(closedParts());
    }

    @Test
    void every_choice_is_in_the_schema() {
        assertThat(choices("severity")).isEqualTo(words(Severity.values()));
        assertThat(choices("on_null")).isEqualTo(words(OnNull.values()));
        assertThat(choices("blame")).isEqualTo(words(Constraint.Blame.values()));
        assertThat(choices("format")).isEqualTo(words(Check.Form.values()));
        assertThat(choices("cardinality"))
                .containsExactlyElementsOf(Stream.concat(
                                Stream.of("1"),
                                Arrays.stream(Constraint.Cardinality.values()).map(Constraint.Cardinality::text))
                        .toList());
        assertThat(texts(TEXT.at("/definitions/test/properties/expect/enum")))
                .isEqualTo(words(RuleTest.Expect.values()));
    }

    @Test
    void every_key_is_explained() {
        List<String> unexplained = new ArrayList<>();
        for (String part : closedParts()) {
            TEXT.at(part).get("properties").properties().forEach(key -> {
                if (!key.getValue().path("description").isTextual()) {
                    unexplained.add(part + "/" + key.getKey());
                }
            });
        }

        assertThat(unexplained).isEmpty();
    }

    // ---- the schema

    /** The parts that describe mappings with certain keys, as pointers. */
    private static Set<String> closedParts() {
        Set<String> parts = new TreeSet<>();
        for (JsonPointer at : mappings(TEXT)) {
            if (isClosed(TEXT.at(at))) {
                parts.add(at.toString());
            }
        }
        return parts;
    }

    private static boolean isClosed(JsonNode part) {
        return part.has("properties")
                && part.path("additionalProperties").isBoolean()
                && !part.get("additionalProperties").booleanValue();
    }

    private static Set<String> keysIn(JsonNode part) {
        Set<String> keys = new TreeSet<>();
        if (isClosed(part)) {
            part.get("properties").fieldNames().forEachRemaining(keys::add);
        }
        return keys;
    }

    /** The part of the schema that describes what stands at that place of a file. */
    private static String part(JsonPointer at) {
        String part = "";
        for (JsonPointer step = at; !step.matches(); step = step.tail()) {
            JsonNode here = TEXT.at(part);
            if (step.mayMatchElement() && here.has("items")) {
                part += "/items";
            } else if (here.path("properties").has(step.getMatchingProperty())) {
                part += "/properties/" + step.getMatchingProperty();
            } else if (here.path("additionalProperties").isObject()) {
                part += "/additionalProperties";
            } else {
                return "/none";
            }
            JsonNode reference = TEXT.at(part).path("$ref");
            part = reference.isTextual() ? reference.textValue().substring(1) : part;
        }
        return part;
    }

    private static List<String> choices(String key) {
        return texts(TEXT.at("/definitions/rule/properties/" + key + "/enum"));
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static List<String> words(Enum<?>[] constants) {
        return Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static List<String> errors(String yaml) {
        return SCHEMA.validate(json(yaml)).stream().map(Error::toString).toList();
    }

    // ---- the reader

    private static List<Problem> problems(String yaml) {
        var problems = new Problems();
        RuleFiles.read(
                List.of(new SourceFile("f", yaml)),
                name -> Optional.of(new SourceFile(name.text(), "accepted: []")),
                problems);
        return problems.list();
    }

    /** None, if the mapping there may have any key. */
    private static Optional<Set<String>> keysKnownTo(JsonNode file, JsonPointer at) {
        JsonNode changed = file.deepCopy();
        ((ObjectNode) changed.at(at)).put(UNKNOWN, 0);
        return problems(changed.toString()).stream()
                .filter(problem -> problem.message().startsWith("unknown key '" + UNKNOWN + "'"))
                .map(problem -> KEYS.matcher(String.valueOf(problem.hint())))
                .filter(Matcher::matches)
                .map(keys -> (Set<String>) new TreeSet<>(List.of(keys.group(1).split(", "))))
                .findFirst();
    }

    // ---- YAML as JSON

    private static boolean isYaml(String yaml) {
        var problems = new Problems();
        return YamlReader.read(new SourceFile("f", yaml), problems).isPresent() && problems.isEmpty();
    }

    private static JsonNode json(String yaml) {
        return YamlReader.read(new SourceFile("f", yaml), new Problems())
                .map(RuleSchemaTest::json)
                .orElseThrow();
    }

    private static JsonNode json(YamlNode node) {
        return node.accept(new YamlNode.Visitor<JsonNode>() {
            @Override
            public JsonNode scalar(YamlNode.Scalar scalar) {
                return value(scalar);
            }

            @Override
            public JsonNode sequence(YamlNode.Sequence sequence) {
                ArrayNode list = JSON.createArrayNode();
                sequence.items().forEach(item -> list.add(json(item)));
                return list;
            }

            @Override
            public JsonNode mapping(YamlNode.Mapping mapping) {
                ObjectNode object = JSON.createObjectNode();
                mapping.entries().forEach(entry -> object.set(entry.key().text(), json(entry.value())));
                return object;
            }
        });
    }

    /** As the core schema of YAML 1.2, section 10.3, reads a scalar; numbers that nobody writes stay texts. */
    private static JsonNode value(YamlNode.Scalar scalar) {
        String text = scalar.text();
        if (scalar.isNull()) {
            return JSON.nullNode();
        }
        if (scalar.plain() && (text.equals("true") || text.equals("false"))) {
            return JSON.getNodeFactory().booleanNode(text.equals("true"));
        }
        boolean number =
                scalar.plain() && text.matches("[-+]?(\\.[0-9]+|[0-9]{1,99}(\\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?");
        return number
                ? JSON.getNodeFactory().numberNode(new BigDecimal(text))
                : JSON.getNodeFactory().textNode(text);
    }

    private static List<JsonPointer> mappings(JsonNode node) {
        List<JsonPointer> found = new ArrayList<>();
        collect(node, JsonPointer.empty(), found);
        return found;
    }

    private static void collect(JsonNode node, JsonPointer at, List<JsonPointer> found) {
        if (node.isObject()) {
            found.add(at);
            node.properties().forEach(entry -> collect(entry.getValue(), at.appendProperty(entry.getKey()), found));
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(node.get(i), at.appendIndex(i), found);
        }
    }
}
