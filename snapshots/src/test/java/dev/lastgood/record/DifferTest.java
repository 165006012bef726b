package dev.lastgood.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class DifferTest {
    private static final List<Comparison> COMPARISONS = List.of(Comparison.EXACT, RandomRecords.DECLARED);

    private static Image image(String json) throws JsonValues.NotJson {
        return new Image((Value.Obj) JsonValues.parse(json));
    }

    @Test
    void a_plain_array_is_entered_by_index_and_a_longer_one_has_added_elements() throws Exception {
        var changes = Differ.changes(
                image("{'lines':[{'amount':1},{'amount':2}],'n':1}".replace('\'', '"')),
                image("{'lines':[{'amount':1},{'amount':3},{}],'n':1.0}".replace('\'', '"')),
                Comparison.EXACT);

        assertThat(changes)
                .containsExactly(
                        new FieldChange(FieldPath.valueOf("lines[1].amount"), Value.of(2), Value.of(3)),
                        new FieldChange(
                                FieldPath.valueOf("lines[2]"),
                                null,
                                Objects.requireNonNull(image("{}").object())));
    }

    @Test
    void a_keyed_array_is_entered_by_key_whatever_its_order() throws Exception {
        var keyed =
                Comparison.builder().keyed(FieldPath.of("lines"), List.of("no")).build();

        var changes = Differ.changes(
                image("{\"lines\":[{\"no\":1,\"a\":5},{\"no\":2,\"a\":6}]}"),
                image("{\"lines\":[{\"no\":2,\"a\":7},{\"no\":1,\"a\":5}]}"),
                keyed);

        assertThat(changes)
                .containsExactly(new FieldChange(FieldPath.valueOf("lines[no=2].a"), Value.of(6), Value.of(7)));
    }

    @Test
    void of_a_record_that_comes_or_goes_every_field_does() throws Exception {
        Image image = image("{\"a\":1,\"b\":{\"c\":2}}");
        FieldChange a = new FieldChange(FieldPath.of("a"), null, Value.of(1));
        FieldChange b = new FieldChange(FieldPath.of("b"), null, image.field("b"));

        assertThat(Differ.changes(null, image, Comparison.EXACT)).containsExactly(a, b);
        assertThat(Differ.changes(image, null, Comparison.EXACT)).containsExactly(a.inverse(), b.inverse());
    }

    @Test
    void a_set_is_one_place_and_nothing_below_what_is_ignored_is_any() throws Exception {
        Comparison comparison = Comparison.builder()
                .set(FieldPath.of("tags"))
                .ignore(FieldPath.of("trace"))
                .build();
        Image before = image("{\"tags\":[1,2],\"trace\":{\"host\":\"a\"}}");
        Image after = image("{\"tags\":[2,3],\"trace\":{\"host\":\"b\"}}");

        assertThat(Differ.changes(before, after, comparison))
                .containsExactly(new FieldChange(FieldPath.of("tags"), before.field("tags"), after.field("tags")));
        assertThat(Differ.changes(before, image("{\"tags\":[2,1],\"trace\":{}}"), comparison))
                .isEmpty();
    }

    @Test
    void texts_are_the_same_that_differ_in_nothing_that_counts() throws Exception {
        FieldPath email = FieldPath.of("email");
        Comparison caseless =
                Comparison.builder().alike(email, true, false, false).build();
        Comparison all = Comparison.builder().alike(email, true, true, true).build();
        Image plain = image("{\"email\":\"Jos\u00e9 Stra\u00dfe\",\"name\":\"a\"}");
        Image loud = image("{\"email\":\"JOS\u00c9 STRASSE\",\"name\":\"a\"}");
        Image odd = image("{\"email\":\"  Jose\u0301\u00a0 STRASSE\",\"name\":\"a\"}");

        assertThat(Differ.changes(plain, loud, caseless)).isEmpty();
        assertThat(Differ.changes(plain, odd, caseless)).hasSize(1);
        assertThat(Differ.changes(plain, odd, all)).isEmpty();
        assertThat(all.exactPart(plain.object())).isEqualTo(all.exactPart(odd.object()));
        assertThat(all.same(plain, image("{\"email\":\"Jos\u00e9Stra\u00dfe\",\"name\":\"a\"}")))
                .as("blanks may be more or fewer, and not none")
                .isFalse();
        assertThat(all.same(plain, image("{\"email\":null,\"name\":\"a\"}"))).isFalse();
        assertThat(all.same(plain, image("{\"email\":\"Jos\u00e9 Stra\u00dfe\",\"name\":\"A\"}")))
                .as("of another field nothing is declared")
                .isFalse();
    }

    @Test
    void nothing_differs_from_itself_and_the_way_back_is_the_inverse() {
        for (Comparison comparison : COMPARISONS) {
            Cases.run(Cases.heavy(20_000, 500_000), random -> {
                RandomRecords records = new RandomRecords(random);
                Image a = records.image();
                Image b = records.changed(a);

                assertThat(Differ.changes(a, a, comparison)).isEmpty();
                assertThat(Differ.units(a, a, comparison)).isEmpty();
                assertThat(Differ.changes(b, a, comparison))
                        .containsExactlyInAnyOrderElementsOf(Differ.changes(a, b, comparison).stream()
                                .map(FieldChange::inverse)
                                .toList());
            });
        }
    }

    @Test
    void changes_laid_over_the_before_image_give_the_after_image() {
        for (Comparison comparison : COMPARISONS) {
            Cases.run(Cases.heavy(20_000, 500_000), random -> {
                RandomRecords records = new RandomRecords(random);
                Image a = records.image();
                Image b = records.changed(a);

                Image byIndex = Patch.lay(a, Differ.changes(a, b, comparison));
                Image byUnit = Patch.lay(a, Differ.units(a, b, comparison), b);

                assertThat(comparison.same(byIndex, b)).isTrue();
                assertThat(comparison.same(byUnit, b)).isTrue();
                if (comparison.equals(Comparison.EXACT)) {
                    assertThat(byIndex).isEqualTo(b);
                    assertThat(byUnit).isEqualTo(b);
                }
            });
        }
    }

    @Test
    void no_change_is_listed_exactly_if_the_images_are_the_same() {
        Cases.run(Cases.heavy(20_000, 500_000), random -> {
            RandomRecords records = new RandomRecords(random);
            Image a = records.image();
            Image b = records.changed(a);

            boolean same = RandomRecords.DECLARED.same(a, b);

            assertThat(Differ.changes(a, b, RandomRecords.DECLARED).isEmpty()).isEqualTo(same);
            assertThat(Differ.units(a, b, RandomRecords.DECLARED).isEmpty()).isEqualTo(same);
        });
    }

    @Test
    void the_exact_part_is_equal_where_images_are_the_same() {
        Cases.run(Cases.heavy(20_000, 500_000), random -> {
            RandomRecords records = new RandomRecords(random);
            Image a = records.image();
            Image b = records.changed(a);

            if (RandomRecords.DECLARED.same(a, b)) {
                assertThat(RandomRecords.DECLARED.exactPart(a.object()))
                        .isEqualTo(RandomRecords.DECLARED.exactPart(b.object()));
            }
        });
    }

    @Test
    void every_place_of_a_change_holds_its_value() {
        Cases.run(Cases.heavy(20_000, 500_000), random -> {
            RandomRecords records = new RandomRecords(random);
            Image a = records.image();
            Image b = records.changed(a);

            for (FieldChange change : Differ.units(a, b, RandomRecords.DECLARED)) {
                assertThat(Patch.at(a, change.path()).value()).isEqualTo(change.before());
                assertThat(Patch.at(b, change.path()).value()).isEqualTo(change.after());
                assertThat(FieldPath.valueOf(change.path().toString())).isEqualTo(change.path());
            }
        });
    }
}
