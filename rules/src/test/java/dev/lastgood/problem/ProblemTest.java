package dev.lastgood.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProblemTest {

    private static final SourceFile ORDERS = new SourceFile("rules/orders.yaml", """
            rules:
              - id: order-total
                dataset: orders
                assert: totl = quantity * unit_price
            """);

    @Test
    void a_problem_shows_its_place_its_line_and_what_to_do() {
        var problem = new Problem(
                new Place(ORDERS, 4, 13, 4),
                Level.ERROR,
                "dataset 'orders' has no field 'totl'",
                "Did you mean 'total'? The fields are id, quantity, unit_price, total.");

        assertThat(problem.render()).isEqualTo("""
                        rules/orders.yaml:4:13: error: dataset 'orders' has no field 'totl'
                            4 |     assert: totl = quantity * unit_price
                              |             ^~~~
                        hint: Did you mean 'total'? The fields are id, quantity, unit_price, total.""");
    }

    @Test
    void a_problem_without_a_place_is_one_line() {
        var problem = new Problem(null, Level.WARNING, "no rule was selected", null);

        assertThat(problem.render()).isEqualTo("warning: no rule was selected");
    }

    @Test
    void a_place_longer_than_its_line_is_marked_to_the_end_of_the_line() {
        var problem = new Problem(new Place(ORDERS, 1, 4, 500), Level.ERROR, "too much", null);

        assertThat(problem.render()).isEqualTo("""
                        rules/orders.yaml:1:4: error: too much
                            1 | rules:
                              |    ^~~""");
    }

    @Test
    void a_place_at_the_end_of_the_file_has_no_line_to_show() {
        var problem = new Problem(new Place(ORDERS, 5, 1, 0), Level.ERROR, "something is missing", null);

        assertThat(problem.render()).isEqualTo("rules/orders.yaml:5:1: error: something is missing");
    }

    @Test
    void of_a_long_line_only_the_part_around_the_place_is_shown() {
        var file = new SourceFile("long.yaml", "x".repeat(500) + "HERE" + "y".repeat(500));

        var problem = new Problem(new Place(file, 1, 501, 4), Level.ERROR, "there", null);

        assertThat(problem.render().lines())
                .containsExactly(
                        "long.yaml:1:501: error: there",
                        "    1 | …" + "x".repeat(40) + "HERE" + "y".repeat(116) + "…",
                        "      | " + " ".repeat(41) + "^~~~");
    }

    @Test
    void text_of_a_file_cannot_move_the_cursor_of_the_terminal() {
        var file = new SourceFile("bad.yaml", "a\u001b[2Jb\u202ec\td");

        String shown = new Problem(
                        new Place(file, 1, 1, 1), Level.ERROR, "key '\u001b[31m' is red\nerror: forged", null)
                .render();

        assertThat(shown).isEqualTo("""
                        bad.yaml:1:1: error: key '\uFFFD[31m' is red\uFFFDerror: forged
                            1 | a\uFFFD[2Jb\uFFFDc d
                              | ^""");
    }

    @Test
    void problems_are_listed_once_and_in_the_order_of_the_files() {
        var other = new SourceFile("rules/customers.yaml", "rules: []");
        var problems = new Problems();
        problems.error(new Place(ORDERS, 4, 13, 4), "third");
        problems.error(new Place(ORDERS, 2, 9, 4), "second");
        problems.error(new Place(ORDERS, 4, 13, 4), "third");
        problems.warning(other.start(), "first");
        problems.error(null, "before all");

        assertThat(problems.list())
                .extracting(Problem::message)
                .containsExactly("before all", "first", "second", "third");
    }

    @Test
    void warnings_alone_stop_nothing() {
        var problems = new Problems();
        problems.warning(null, "unusual");

        problems.throwIfErrors();

        assertThat(problems.hasErrors()).isFalse();
        assertThat(problems.isEmpty()).isFalse();
    }

    @Test
    void errors_are_thrown_together_with_the_warnings() {
        var problems = new Problems();
        problems.warning(null, "unusual");
        problems.error(null, "impossible", "Do something else.");

        assertThatThrownBy(problems::throwIfErrors)
                .isInstanceOfSatisfying(
                        InvalidInput.class,
                        thrown -> assertThat(thrown.problems()).hasSize(2))
                .hasMessage("warning: unusual\nerror: impossible\nhint: Do something else.");
    }

    @Test
    void what_is_concealed_is_shown_in_no_problem_of_its_line() {
        var file = new SourceFile("w.yaml", "{password: hunter2, tabel: orders}");
        var problems = new Problems();
        problems.error(new Place(file, 1, 21, 5), "unknown key 'tabel'");
        problems.conceal(new Place(file, 1, 12, 7));

        assertThat(problems.list().get(0).render()).isEqualTo("""
                        w.yaml:1:21: error: unknown key 'tabel'
                            1 | {password: *******, tabel: orders}
                              |                     ^~~~~""");
    }

    @Test
    void a_file_full_of_mistakes_gives_a_bounded_list() {
        var problems = new Problems();
        for (int i = 0; i < 100_000; i++) {
            problems.error(new Place(ORDERS, 1, i + 1, 1), "mistake " + i);
        }

        assertThat(problems.list()).hasSize(1001);
        assertThat(problems.list().get(1000).render()).isEqualTo("error: there are more than 1,000 problems");
    }
}
