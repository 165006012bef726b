package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.contract.TargetContract;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class InMemoryTargetTest extends TargetContract {
    private InMemoryTarget memory = new InMemoryTarget("orders");

    @Override
    protected Target create() {
        memory = new InMemoryTarget("orders");
        return memory;
    }

    @Override
    protected void application(Key key, @Nullable Image image) {
        memory.put(key, image);
    }

    @Override
    protected Adder adder() {
        InMemoryTarget shared = memory;
        return key -> {
            synchronized (shared) {
                Image image = Objects.requireNonNull(shared.see(key).image());
                Value.Num total = (Value.Num) Objects.requireNonNull(image.field("total"));
                shared.put(key, image.with("total", Value.of(total.value().intValueExact() + 1)));
            }
        };
    }

    @Override
    protected Map<Key, Image> everything() {
        return memory.images();
    }

    @Test
    void a_record_that_moved_after_it_was_read_is_refused() {
        memory.put(key(1), image(1, "a", 10));
        try (Target.Batch batch = memory.open(List.of(key(1)))) {
            memory.put(key(1), image(1, "a", 11));

            Written written = Objects.requireNonNull(batch.write(List.of(new Change(
                            key(1),
                            Objects.requireNonNull(batch.seen().get(key(1))),
                            image(1, "b", 10),
                            Set.of("name"))))
                    .get(key(1)));

            assertThat(written).isEqualTo(new Written.Refused("the record has moved"));
        }
    }
}
