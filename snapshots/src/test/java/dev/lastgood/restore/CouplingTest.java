package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.paths;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is put back together or not at all. */
final class CouplingTest {
    private static Set<FieldPath> heldBack(Set<FieldPath> declared, Set<FieldPath> damaged, String blocked) {
        return Coupling.of(List.of(rule("r", declared)), damaged).heldBackBy(paths(blocked));
    }

    private static RuleFacts rule(String id, Set<FieldPath> declared) {
        return new RuleFacts(
                id,
                "hash",
                Scene.ORDERS,
                RuleFacts.Accuses.VALUES,
                RuleFacts.Scope.LOCAL,
                Set.of(),
                declared,
                false,
                "");
    }

    @Test
    void what_is_held_back_holds_back_what_is_coupled_with_it() {
        List<RuleFacts> chain =
                List.of(rule("r1", paths("c", "d")), rule("r2", paths("b", "c")), rule("r3", paths("a", "b")));

        assertThat(Coupling.of(chain, paths("a", "b", "c", "d", "e")).heldBackBy(paths("a")))
                .isEqualTo(paths("b", "c", "d"));
    }

    @Test
    void fields_of_one_element_are_coupled_within_it() {
        Set<FieldPath> damaged = paths("lines[no=1].a", "lines[no=1].b", "lines[no=2].a", "lines[no=2].b", "x");

        assertThat(heldBack(paths("lines[].a", "lines[].b"), damaged, "lines[no=1].a"))
                .isEqualTo(paths("lines[no=1].b"));
        assertThat(heldBack(paths("lines[]", "lines[].a"), damaged, "lines[no=1].a"))
                .as("one of them is the element itself")
                .isEqualTo(paths("lines[no=1].b"));
    }

    @Test
    void fields_that_lie_in_no_common_element_are_coupled_over_all_of_them_whichever_is_named_first() {
        for (String name : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
            assertThat(heldBack(
                            paths("lines[].a", name), paths("lines[no=1].a", "lines[no=2].a", name), "lines[no=1].a"))
                    .isEqualTo(paths("lines[no=2].a", name));
            assertThat(heldBack(
                            paths("lines[].a", "other[]." + name),
                            paths("lines[no=1].a", "other[no=1]." + name, "other[no=2]." + name),
                            "lines[no=1].a"))
                    .isEqualTo(paths("other[no=1]." + name, "other[no=2]." + name));
        }
    }

    @Test
    void a_field_and_one_below_it_are_coupled_whichever_is_named_first() {
        for (String name : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
            assertThat(heldBack(paths(name, name + ".in"), paths(name + ".in", name + ".out"), name + ".in"))
                    .isEqualTo(paths(name + ".out"));
        }
    }
}
