package dev.lastgood.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StartBenchTest {
    @Test
    void what_a_shell_says_of_its_children_is_read() {
        String printed = "next: lastgood report\n0m0.010s 0m0.020s\n1m2.500s 0m0.250s\n";

        assertThat(StartBench.Took.of(3, printed)).isEqualTo(new StartBench.Took(3, 62.75));
        assertThatThrownBy(() -> StartBench.Took.of(3, "killed")).hasMessageContaining("tells no times");
    }
}
