package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Cases;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoreNameTest {

    @Test
    void names_of_datasets_become_segments() {
        assertThat(StoreName.segment("orders_2-a")).isEqualTo("orders_2-a");
        assertThat(StoreName.segment("a.b c/ü")).isEqualTo("a%2Eb%20c%2F%C3%BC");
        assertThat(StoreName.segment("..")).isEqualTo("%2E%2E");
    }

    @Test
    void different_names_become_different_segments() {
        Map<String, String> seen = new HashMap<>();
        Cases.run(Cases.heavy(5_000, 100_000), random -> {
            String text = Examples.name(random);
            String segment = StoreName.segment(text);
            assertThat(StoreName.isName(segment)).isTrue();
            assertThat(segment).doesNotContain("/");
            String before = seen.put(segment, text);
            assertThat(before).isIn(null, text);
        });
    }
}
