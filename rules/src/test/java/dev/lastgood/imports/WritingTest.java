package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.RuleFiles;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WritingTest {

    private static final List<String> PIECES = List.of(
            "a", "B", "0", "-", ":", ": ", " #", "#", "'", "\"", "\\", "[", "]", "{", "}", ",", "&", "*", "!", "|", ">",
            "%", "@", "`", "~", "?", " ", "\n", "\t", "\r", "\u0000", "\u0085", "\u2028", "\uFEFF", "é", "😀", "null",
            "true", "yes", "1.5", "---", "...", "<<", "=");

    @Test
    void whatever_a_text_is_yaml_gives_it_back() {
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + 20_000; seed++) {
            String text = text(new Random(seed));

            assertThat(read("a: " + YamlText.text(text) + "\n"))
                    .as("-Dseed=%d", seed)
                    .isEqualTo(text);
            assertThat(read("a: [" + YamlText.inner(text) + ", b]\n"))
                    .as("-Dseed=%d", seed)
                    .isEqualTo(text);
            assertThat(read("# " + YamlText.comment(text) + "\na: b\n"))
                    .as("-Dseed=%d", seed)
                    .isEqualTo("b");
        }
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int pieces = random.nextInt(6); pieces >= 0; pieces--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    /** The value of {@code a}, or the first item of its list; never anything but a text. */
    private static String read(String yaml) {
        var problems = new Problems();
        var mapping = (YamlNode.Mapping)
                YamlReader.read(new SourceFile("f", yaml), problems).orElseThrow(() -> new AssertionError(yaml));
        assertThat(problems.list()).isEmpty();
        YamlNode value = mapping.value("a").orElseThrow();
        YamlNode node = value instanceof YamlNode.Sequence list ? list.items().get(0) : value;
        var scalar = (YamlNode.Scalar) node;
        assertThat(scalar.plain() && Literal.plain(scalar.text()).kind() != Literal.Kind.TEXT)
                .isFalse();
        return scalar.text();
    }

    @Test
    void a_long_list_stands_in_lines() {
        List<Literal> values = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            values.add(Literal.text("value-" + i));
        }
        var translation = new Translation(Format.DBT, new SourceFile("f", "x"));
        var origin = new Origin(new SourceFile("f", "x").start(), "d", List.of("d"), "t");

        translation.translated(
                new Draft(origin).condition(Condition.in(FieldPath.of("a"), values, Condition.Nulls.FAIL)));

        assertThat(translation.finish().rules()).contains("    in:\n      - value-0\n      - value-1\n");
        assertThat(rules(translation).get(0).constraint().fields()).hasToString("[a]");
    }

    @ParameterizedTest
    @CsvSource({
        "order_id,order_id",
        "order id,`order id`",
        "größe,`größe`",
        "Total,Total",
        "case,`case`",
        "1st,`1st`",
        "a`b,`a``b`"
    })
    void sql_names_a_field_in_backticks_if_it_must(String name, String sql) {
        assertThat(SqlText.path(FieldPath.of("a").child(name))).isEqualTo("a." + sql);
    }

    @Test
    void a_text_in_sql_keeps_quotes_and_backslashes() {
        assertThat(SqlText.text("it's a \\d")).isEqualTo("'it\\'s a \\\\d'");
    }

    @Test
    void every_rule_has_an_id_of_its_own_that_a_rule_file_takes() {
        var translation = new Translation(Format.DQDL, new SourceFile("f", "x"));
        var place = new SourceFile("f", "x").start();
        List<List<String>> words = List.of(
                List.of("orders", "order id", "x"),
                List.of("orders", "order-id", "x"),
                List.of("größe", "lines[].größe", "x"),
                List.of("_id", ".", "--"),
                List.of("注文", "…"),
                List.of("a".repeat(300), "x"),
                List.of("a".repeat(300), "y"),
                List.of("a".repeat(300), "y"));

        words.forEach(one ->
                translation.translated(new Draft(new Origin(place, "d", one, "t")).unique(List.of(FieldPath.of("a")))));

        assertThat(rules(translation))
                .extracting(Rule::id)
                .containsExactly(
                        "orders-order-id-x",
                        "orders-order-id-x-2",
                        "gro-e-lines.gro-e-x",
                        "id",
                        "rule",
                        "a".repeat(83) + "-5df5b1de",
                        "a".repeat(83) + "-e35d513c",
                        "a".repeat(83) + "-e35d513c-2");
    }

    private static List<Rule> rules(Translation translation) {
        var problems = new Problems();
        List<Rule> rules = RuleFiles.read(
                        List.of(new SourceFile(
                                "rules.yaml", translation.finish().rules())),
                        problems)
                .rules();
        assertThat(problems.list()).isEmpty();
        return rules;
    }

    @Test
    void a_file_without_checks_becomes_a_file_without_rules() {
        Imported imported = RuleImport.of(new SourceFile("f", "models: []\n"), Options.NONE, new Problems())
                .orElseThrow();

        assertThat(imported).isEqualTo(new Imported("""
                # From f (dbt): of 0 checks all are translated.
                # A check that finds no record to look at is inconclusive here; write allow_empty: true where that is fine.
                rules: []
                """, List.of(), 0));
    }

    @Test
    void datasets_are_called_as_the_workspace_calls_them() {
        var options = new Options(null, Map.of("fct_orders", "orders", "dim_customers", "customers"));
        var file = new SourceFile("f", """
                models:
                  - name: fct_orders
                    columns:
                      - name: customer
                        tests:
                          - relationships: {to: ref('dim_customers'), field: id}
                          - dbt_utils.sequential_values
                """);

        Imported imported = RuleImport.of(file, options, new Problems()).orElseThrow();

        assertThat(imported.rules()).contains("""
                  - id: orders-customer-relationships
                    dataset: orders
                    reference: {fields: [customer], to: customers, key: [id]}
                """);
        assertThat(imported.untranslated())
                .hasToString("[f:7:13: fct_orders.customer: dbt_utils.sequential_values: "
                        + "it compares each record with the one before it]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ODCS kind: DataContract",
                "ODCS # c\\napiVersion: v3.0.0",
                "ODCS {\"kind\": \"DataContract\"}",
                "DBT version: 2\\nmodels:",
                "DBT sources: []",
                "DQDL Rules = []",
                "DQDL # c\\nx = \"y\"\\nRules=[",
                "DQDL Analyzers = [ RowCount ]"
            })
    void a_format_shows_in_how_lines_begin(String line) {
        String[] parts = line.split(" ", 2);

        assertThat(Format.guess(new SourceFile("f", parts[1].replace("\\n", "\n"))))
                .contains(Format.valueOf(parts[0]));
    }
}
