package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransitionTest {

    private static final Map<String, List<String>> STATES = new LinkedHashMap<>();

    static {
        STATES.put("NEW", List.of("PAID", "CANCELLED"));
        STATES.put("PAID", List.of("SHIPPED"));
        STATES.put("SHIPPED", List.of("RETURNED"));
        STATES.put("RETURNED", List.of("SHIPPED"));
    }

    private final Constraint.Transition direct = new Constraint.Transition(FieldPath.of("status"), STATES, false);
    private final Constraint.Transition reachable = new Constraint.Transition(FieldPath.of("status"), STATES, true);

    @Test
    void staying_is_always_allowed() {
        assertThat(direct.permits("NEW", "NEW")).isTrue();
        assertThat(direct.permits("UNHEARD_OF", "UNHEARD_OF")).isTrue();
    }

    @Test
    void one_step_is_allowed_if_it_is_written() {
        assertThat(direct.permits("NEW", "PAID")).isTrue();
        assertThat(direct.permits("PAID", "NEW")).isFalse();
        assertThat(direct.permits("CANCELLED", "NEW")).isFalse();
        assertThat(direct.permits("NEW", "UNHEARD_OF")).isFalse();
    }

    @Test
    void several_steps_are_allowed_only_where_reachable_is_said() {
        assertThat(direct.permits("NEW", "RETURNED")).isFalse();
        assertThat(reachable.permits("NEW", "RETURNED")).isTrue();
        assertThat(reachable.permits("RETURNED", "NEW")).isFalse();
    }

    @Test
    void all_permitted_pairs_are_known() {
        assertThat(direct.permitted()).containsEntry("NEW", Set.of("PAID", "CANCELLED"));
        assertThat(reachable.permitted())
                .hasToString("{NEW=[PAID, CANCELLED, SHIPPED, RETURNED], PAID=[SHIPPED, RETURNED], "
                        + "SHIPPED=[RETURNED], RETURNED=[SHIPPED]}");
        assertThat(direct.states()).containsExactly("NEW", "PAID", "SHIPPED", "RETURNED", "CANCELLED");
    }
}
