package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.RuleFiles;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a planner makes of each kind of rule. */
final class RuleFactsTest {
    private static RuleFacts facts(String rule, String... reads) {
        Problems problems = new Problems();
        var rules = RuleFiles.read(
                List.of(new SourceFile("rules.yaml", "rules:\n  - {id: r, dataset: orders, " + rule + "}\n")),
                problems);
        problems.throwIfErrors();
        return RuleFacts.of(
                rules.rules().get(0), Stream.of(reads).map(FieldPath::valueOf).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            field: total, min: 0                              | -       | VALUES    | LOCAL      | total  | false
            assert: 'total > 0'                               | total   | VALUES    | LOCAL      | total  | false
            assert: 'total = qty * price'                     | a,b     | VALUES    | LOCAL      |        | false
            each: 'lines[]', assert: 'amount > 0'             | lines[].amount | VALUES | LOCAL | lines[].amount | false
            each: 'lines[]', assert: 'amount > vat'           | a,b     | VALUES    | LOCAL      |        | false
            unchanged: [total, vat]                           | -       | VALUES    | LOCAL      | total,vat | false
            increasing: seq                                   | -       | VALUES    | LOCAL      | seq    | true
            transition: {field: state, allow: {NEW: [PAID]}}  | -       | VALUES    | LOCAL      | state  | true
            append_only: history                              | -       | VALUES    | LOCAL      | history | true
            silent_change: row_version                        | -       | VALUES    | LOCAL      |        | true
            frozen_when: 'status = 3'                         | status,total | VALUES | LOCAL    | status,total | false
            frozen_when: 'status = 3', except: [total]        | status,total | VALUES | LOCAL    | status | false
            assert_change: 'after.a <= before.a'              | a       | VALUES    | LOCAL      |        | true
            each: 'lines[]', field: amount, min: 0            | -       | VALUES    | LOCAL      | lines[].amount | false
            explained: {delta: total, by: {dataset: b, on: b.o = id, sum: n}} | - | VALUES | RELATIONAL | total | true
            each: 'lines[]', assert: 'a > b'                  | -       | VALUES    | LOCAL      |        | false
            no_delete: true                                   | -       | ABSENCE   | LOCAL      |        | false
            no_insert: true                                   | -       | EXISTENCE | LOCAL      |        | false
            unique: [email]                                   | -       | VALUES    | RELATIONAL |        | false
            """)
    void each_kind_accuses_what_it_is_about(
            String rule, String reads, RuleFacts.Accuses accuses, RuleFacts.Scope scope, String alone, boolean moves) {
        RuleFacts facts = facts(rule, reads == null ? new String[0] : reads.split(","));

        assertThat(facts.accuses()).isEqualTo(accuses);
        assertThat(facts.scope()).isEqualTo(scope);
        assertThat(facts.aboutMoves()).isEqualTo(moves);
        assertThat(facts.alone()).isEqualTo(paths(alone == null ? "" : alone));
    }

    private static Set<FieldPath> paths(String text) {
        return Stream.of(text.split(","))
                .filter(path -> !path.isEmpty())
                .map(FieldPath::valueOf)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reference: {fields: [c], to: customers, key: [id]}                          | customers
            reference: {fields: [c], to: customers, key: [id]}, cardinality: '1..n'     | ''
            unique: [email]                                                             | ''
            """)
    void only_a_missing_parent_is_accused_and_not_for_want_of_children(String rule, String parent) {
        assertThat(facts(rule).parent()).isEqualTo(parent);
    }
}
