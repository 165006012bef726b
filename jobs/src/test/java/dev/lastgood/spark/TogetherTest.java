package dev.lastgood.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TogetherTest {

    @Test
    void results_come_in_the_order_of_the_work() {
        List<Integer> numbers = IntStream.range(0, 50).boxed().toList();

        assertThat(Together.each(numbers, number -> number * number))
                .isEqualTo(numbers.stream().map(number -> number * number).toList());
    }

    @Test
    void pieces_run_at_the_same_time() {
        CountDownLatch both = new CountDownLatch(2);

        assertThat(Together.each(List.of("a", "b"), name -> {
                    both.countDown();
                    await(both);
                    return name;
                }))
                .containsExactly("a", "b");
    }

    @Test
    void the_first_failure_in_the_order_of_the_work_is_thrown_as_it_is() {
        CountDownLatch second = new CountDownLatch(1);

        assertThatThrownBy(() -> Together.each(List.of(1, 2), number -> {
                    if (number == 2) {
                        second.countDown();
                        throw new IllegalStateException("two");
                    }
                    await(second);
                    throw new IllegalArgumentException("one");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("one");
    }

    @Test
    void after_a_failure_what_has_begun_ends_and_nothing_begins() {
        List<String> ended = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);

        assertThatThrownBy(() -> {
                    try (Together together = new Together()) {
                        Supplier<Boolean> slow = together.start(() -> {
                            begun.countDown();
                            await(failed);
                            return ended.add("slow");
                        });
                        await(begun);
                        failed.countDown();
                        if (slow != null) {
                            throw new IllegalStateException("the caller failed");
                        }
                    }
                })
                .hasMessage("the caller failed");
        assertThat(ended).containsExactly("slow");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
