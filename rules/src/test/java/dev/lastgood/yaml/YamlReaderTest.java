package dev.lastgood.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class YamlReaderTest {

    private final Problems problems = new Problems();

    @Test
    void every_node_knows_its_place() {
        YamlNode.Mapping root = mapping("""
                a: 'x y'
                b:
                  - 12
                  - {c: true}
                """);

        assertThat(root.entries())
                .extracting(entry -> entry.key().place().toString())
                .containsExactly("f:1:1", "f:2:1");
        assertThat(scalar(root, "a").place().source()).isEqualTo("'x y'");
        YamlNode.Sequence list = (YamlNode.Sequence) root.value("b").orElseThrow();
        assertThat(list.items()).extracting(item -> item.place().toString()).containsExactly("f:3:5", "f:4:5");
        assertThat(list.items().get(1).place().source()).isEqualTo("{c: true}");
        assertThat(problems.isEmpty()).isTrue();
    }

    @Test
    void places_count_code_points_whatever_ends_the_lines() {
        YamlNode.Mapping root = mapping("😀: 1\r\nb: \"ü\"\rc: x\n");

        assertThat(root.entries())
                .extracting(entry -> entry.value().place().toString())
                .containsExactly("f:1:4", "f:2:4", "f:3:4");
        assertThat(scalar(root, "b").place().source()).isEqualTo("\"ü\"");
        assertThat(scalar(root, "c").place().source()).isEqualTo("x");
    }

    @Test
    void a_block_knows_the_places_inside() {
        YamlNode.Mapping root = mapping("""
                assert: |
                  a = b and
                  totl > 0
                """);

        YamlNode.Scalar text = scalar(root, "assert");
        assertThat(text.at(text.text().indexOf("totl"), 4)).hasToString("f:3:3");
    }

    @Test
    void yaml_is_1_2_where_no_is_a_text_and_a_time_no_number() {
        YamlNode.Mapping root = mapping("a: no\nb: 12:30\nc: null\nd: ~\ne:\nf: 'null'\n");

        assertThat(scalar(root, "a").text()).isEqualTo("no");
        assertThat(scalar(root, "b").text()).isEqualTo("12:30");
        assertThat(List.of("c", "d", "e")).allMatch(key -> scalar(root, key).isNull());
        assertThat(scalar(root, "f").isNull()).isFalse();
    }

    @Test
    void an_alias_stands_for_what_it_names() {
        YamlNode.Mapping root = mapping("a: &x [1, 2]\nb: *x\n");

        assertThat(root.value("b")).isEqualTo(root.value("a"));
    }

    @Test
    @Timeout(10)
    void aliases_of_aliases_of_aliases_are_refused() {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            String before = "*a" + (i - 1);
            text.append(
                    "a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", java.util.Collections.nCopies(10, before))));
        }

        YamlReader.read(new SourceFile("f", text.toString()), problems);

        assertThat(problems.list()).extracting(Problem::message).containsExactly("more than 200,000 values");
    }

    @Test
    @Timeout(10)
    void deep_nesting_is_refused_before_it_costs_anything() {
        for (String open : List.of("[", "{a: ", "- ", "? ")) {
            var nested = new Problems();

            YamlReader.read(new SourceFile("f", open.repeat(100_000)), nested);

            assertThat(nested.list()).extracting(Problem::message).containsExactly("nested more than 50 deep");
        }
    }

    @Test
    void a_huge_file_is_refused_unread() {
        YamlReader.read(new SourceFile("f", "#".repeat(1_000_001)), problems);

        assertThat(problems.list())
                .extracting(Problem::render)
                .containsExactly(
                        "f:1:1: error: the file has more than 1,000,000 characters\nhint: Split it into several files.");
    }

    @Test
    void half_a_surrogate_pair_is_a_problem_and_no_crash() {
        YamlReader.read(new SourceFile("f", "a: \uD83D b"), problems);

        assertThat(problems.hasErrors()).isTrue();
    }

    private YamlNode.Mapping mapping(String text) {
        return (YamlNode.Mapping)
                YamlReader.read(new SourceFile("f", text), problems).orElseThrow();
    }

    private static YamlNode.Scalar scalar(YamlNode.Mapping mapping, String key) {
        return (YamlNode.Scalar) mapping.value(key).orElseThrow();
    }
}
