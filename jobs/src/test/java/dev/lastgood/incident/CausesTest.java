package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which corrupt records have one cause. */
class CausesTest {
    private static final List<String> DIMENSIONS = List.of("region", "version");
    private static final List<List<String>> VALUES = List.of(List.of("eu", "us", "asia"), List.of("1", "2", "3"));

    private final List<Contingency.Cell> cells = new ArrayList<>();

    CausesTest() {
        // What goes on anyway: of every region, most by version 1.
        for (String region : List.of("eu", "us", "asia")) {
            changed(region, "1", 300);
            changed(region, "2", 100);
            changed(region, "3", 100);
        }
    }

    private void changed(String region, String version, long records) {
        cells.add(new Contingency.Cell(codes(region, version), "", "changed", records));
    }

    private void corrupt(Label label, String region, String version, long records) {
        cells.add(new Contingency.Cell(codes(region, version), label.text(), label.change(), records));
    }

    private static List<Integer> codes(String region, String version) {
        return List.of(VALUES.get(0).indexOf(region) + 1, VALUES.get(1).indexOf(version) + 1);
    }

    private static Label label(String rules, @Nullable String place) {
        return Label.of(rules + Label.SEPARATOR + "changed" + Label.SEPARATOR
                + (place == null ? "" : place.replace(':', Label.SEPARATOR.charAt(0))));
    }

    /** {@code 100 {region=eu} sum total:× 100 & sum,range total:× 100}. */
    private List<String> causes() {
        return Causes.in(new Contingency(DIMENSIONS, VALUES, cells), Map.of("known-region", Set.of("region"))).stream()
                .map(cause -> cause.records() + " " + (cause.isExplained() ? cause.values() : "unexplained") + " "
                        + cause.labels().stream()
                                .map(label -> String.join(",", label.rules())
                                        + (label.place() == null
                                                ? ""
                                                : " " + label.place().path() + ":"
                                                        + label.place().pattern()))
                                .collect(Collectors.joining(" & ")))
                .toList();
    }

    @Test
    void the_same_change_that_breaks_one_rule_or_two_has_one_cause() {
        corrupt(label("sum", "total:× 100"), "eu", "2", 80);
        corrupt(label("range,sum", "total:× 100"), "eu", "2", 20);

        assertThat(causes()).containsExactly("100 {region=eu, version=2} sum total:× 100 & range,sum total:× 100");
    }

    @Test
    void two_changes_by_one_writer_are_two_causes() {
        corrupt(label("sum", "total:× 100"), "eu", "2", 80);
        corrupt(label("address", "email:cut to 22"), "eu", "2", 60);

        assertThat(causes())
                .containsExactly(
                        "80 {region=eu, version=2} sum total:× 100",
                        "60 {region=eu, version=2} address email:cut to 22");
    }

    @Test
    void the_same_change_in_two_places_has_two_causes() {
        corrupt(label("email", "email:nulled"), "eu", "2", 80);
        corrupt(label("email", "email:nulled"), "us", "3", 60);

        assertThat(causes())
                .containsExactly(
                        "80 {region=eu, version=2} email email:nulled", "60 {region=us, version=3} email email:nulled");
    }

    @Test
    void records_that_others_have_written_to_since_stay_with_the_rest() {
        corrupt(label("sum", "total:× 100"), "eu", "2", 80);
        corrupt(label("sum", "total:× 100"), "eu", "1", 8);
        corrupt(label("sum", "total:× 100"), "us", "1", 3);

        assertThat(causes()).containsExactly("91 {region=eu, version=2} sum total:× 100");
    }

    @Test
    void what_nothing_explains_is_a_cause_that_is_not_known() {
        corrupt(label("sum", "total:× 100"), "eu", "2", 80);
        for (String region : List.of("eu", "us", "asia")) {
            corrupt(label("phone", null), region, "1", 6);
            corrupt(label("phone", null), region, "2", 2);
            corrupt(label("phone", null), region, "3", 2);
        }

        assertThat(causes()).containsExactly("80 {region=eu, version=2} sum total:× 100", "30 unexplained phone");
    }

    @Test
    void without_other_changes_each_way_to_break_rules_is_a_cause() {
        cells.clear();
        corrupt(label("sum", null), "eu", "2", 80);
        corrupt(label("email", "email:nulled"), "eu", "2", 20);

        assertThat(causes()).containsExactly("80 unexplained sum", "20 unexplained email email:nulled");
    }

    @Test
    void what_is_gone_is_compared_with_what_else_is_gone() {
        Label gone = new Label(List.of("reference"), "removed", null);
        corrupt(gone, "eu", "1", 50);
        corrupt(gone, "us", "1", 50);
        cells.add(new Contingency.Cell(codes("eu", "1"), "", "removed", 40));
        cells.add(new Contingency.Cell(codes("us", "1"), "", "removed", 40));

        assertThat(causes()).as("and not by the version all of them have").containsExactly("100 unexplained reference");
    }

    @Test
    void the_part_of_a_group_that_a_known_explanation_fits_goes_with_its_cause() {
        corrupt(label("sum", "total:× 100"), "eu", "2", 80);
        corrupt(label("sum", null), "eu", "2", 24);
        for (String region : List.of("eu", "us", "asia")) {
            corrupt(label("sum", null), region, "1", 9);
            corrupt(label("sum", null), region, "3", 3);
        }

        assertThat(causes()).containsExactly("104 {region=eu, version=2} sum total:× 100 & sum", "36 unexplained sum");
    }

    @Test
    void where_a_rule_looks_is_no_explanation_of_why_it_is_broken() {
        corrupt(label("known-region", "phone:nulled"), "us", "2", 80);

        assertThat(causes()).containsExactly("80 {version=2} known-region phone:nulled");
    }

    @Test
    void what_became_wrong_is_no_explanation_of_why() {
        corrupt(label("region", "region:= 'us'"), "us", "2", 80);

        assertThat(causes()).containsExactly("80 {version=2} region region:= 'us'");
    }
}
