package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Publication on a medium that fails at any call, in any way. */
class PublicationTest {

    private static final byte[] MINE = "mine".getBytes(StandardCharsets.UTF_8);
    private static final byte[] THEIRS = "theirs".getBytes(StandardCharsets.UTF_8);
    private static final String NAME = "catalog/000000000001.json";

    /** What happens at the call that fails. */
    private enum Fault {
        /** Nothing. */
        BEFORE,
        /** All of it, but the answer is lost. */
        AFTER,
        /** A move happens some calls after its answer was given up, if there still is something to move. */
        LATE
    }

    private enum HowOften {
        ONCE,
        FOR_GOOD
    }

    private static class FaultyMedium implements Publication.Medium {
        final Map<String, byte[]> files = new HashMap<>();
        private final int failing;
        private final Fault fault;
        private final HowOften howOften;
        private final int delay;
        private final int rivalAt;
        private int calls;
        private @Nullable Runnable late;
        private int lateAt;

        FaultyMedium(int failing, Fault fault, HowOften howOften, int delay, int rivalAt) {
            this.failing = failing;
            this.fault = fault;
            this.howOften = howOften;
            this.delay = delay;
            this.rivalAt = rivalAt;
        }

        private interface Effect {
            void happen() throws IOException;
        }

        private void call(Effect effect) throws IOException {
            calls++;
            if (calls == rivalAt) {
                files.putIfAbsent(NAME, THEIRS);
            }
            if (calls >= lateAt) {
                settle();
            }
            boolean fails = howOften == HowOften.ONCE ? calls == failing : calls >= failing;
            if (!fails) {
                effect.happen();
                return;
            }
            if (fault == Fault.AFTER) {
                effect.happen();
            }
            throw new IOException("call %d failed".formatted(calls));
        }

        void settle() {
            Runnable due = late;
            late = null;
            if (due != null) {
                due.run();
            }
        }

        @Override
        public void write(String name, byte[] bytes) throws IOException {
            call(() -> files.put(name, bytes.clone()));
        }

        @Override
        public Optional<byte[]> read(String name) throws IOException {
            call(() -> {});
            return Optional.ofNullable(files.get(name));
        }

        @Override
        public void move(String from, String to) throws IOException {
            if (fault == Fault.LATE) {
                lateAt = calls + 2 + delay;
            }
            Effect move = () -> {
                byte[] bytes = files.get(from);
                if (bytes == null || files.putIfAbsent(to, bytes) != null) {
                    throw new FileAlreadyExistsException(to);
                }
                files.remove(from);
            };
            try {
                call(move);
            } catch (IOException e) {
                if (fault == Fault.LATE) {
                    late = () -> {
                        byte[] bytes = files.get(from);
                        if (bytes != null) {
                            files.putIfAbsent(to, bytes);
                        }
                    };
                }
                throw e;
            }
        }

        @Override
        public void harden(String name) throws IOException {
            call(() -> {});
        }

        @Override
        public void remove(String name) throws IOException {
            call(() -> files.remove(name));
        }
    }

    @Test
    void whatever_call_fails_however_the_answer_is_true() {
        int runs = 0;
        for (Fault fault : Fault.values()) {
            for (HowOften howOften : HowOften.values()) {
                for (int failing = 1; failing <= 10; failing++) {
                    for (int delay = 0; delay <= 4; delay++) {
                        for (int rivalAt = 0; rivalAt <= 9; rivalAt++) {
                            check(new FaultyMedium(failing, fault, howOften, delay, rivalAt));
                            runs++;
                        }
                    }
                }
            }
        }
        assertThat(runs).isEqualTo(3000);
    }

    private static void check(FaultyMedium medium) {
        String answer;
        try {
            Published published = Publication.publish(medium, NAME, MINE);
            answer = published instanceof Published.Lost lost
                    ? new String(lost.existing(), StandardCharsets.UTF_8)
                    : "won";
        } catch (StoreUnavailable e) {
            answer = String.valueOf(e.getMessage()).contains("; nothing was published") ? "nothing" : "unknown";
        }
        // Whatever is still on its way arrives, and the rival comes at last.
        medium.settle();
        medium.files.putIfAbsent(NAME, THEIRS);

        byte[] entry = medium.files.get(NAME);
        assertThat(entry).isIn(MINE, THEIRS);
        switch (answer) {
            case "won" -> assertThat(entry).isEqualTo(MINE);
            case "theirs", "nothing" -> assertThat(entry).isEqualTo(THEIRS);
            default -> assertThat(answer).isEqualTo("unknown");
        }
    }

    @Test
    void without_faults_it_takes_three_calls_and_one_to_tidy_up() {
        var medium = new FaultyMedium(Integer.MAX_VALUE, Fault.BEFORE, HowOften.ONCE, 0, 0);

        assertThat(Publication.publish(medium, NAME, MINE)).isEqualTo(new Published.Won());

        assertThat(medium.calls).isEqualTo(4);
        assertThat(medium.files).containsOnlyKeys(NAME);
    }

    @Test
    void bytes_that_read_back_differently_are_not_published() {
        Map<String, byte[]> files = new HashMap<>();
        Publication.Medium forgetful = new Publication.Medium() {
            @Override
            public void write(String name, byte[] bytes) {
                files.put(name, new byte[bytes.length]);
            }

            @Override
            public Optional<byte[]> read(String name) {
                return Optional.ofNullable(files.get(name));
            }

            @Override
            public void move(String from, String to) {
                throw new AssertionError("moved");
            }

            @Override
            public void harden(String name) {
                throw new AssertionError("hardened");
            }

            @Override
            public void remove(String name) {
                files.remove(name);
            }
        };

        assertThatThrownBy(() -> Publication.publish(forgetful, NAME, MINE))
                .isInstanceOf(StoreUnavailable.class)
                .hasMessage("could not publish catalog/000000000001.json: IOException: other bytes were read back than"
                        + " were written; nothing was published");
        assertThat(files).isEmpty();
    }

    /** An entry that is there and may be gone after a power cut is not said to be won, nor to be lost. */
    @Test
    void what_may_not_last_is_no_answer() {
        for (int rivalAt = 0; rivalAt <= 4; rivalAt++) {
            // The move happens and its answer is lost; so are all that follow but the reading.
            var medium = new FaultyMedium(2, Fault.AFTER, HowOften.FOR_GOOD, 0, rivalAt) {
                @Override
                public Optional<byte[]> read(String name) {
                    return Optional.ofNullable(files.get(name));
                }
            };
            assertThatThrownBy(() -> Publication.publish(medium, NAME, MINE))
                    .isInstanceOf(StoreUnavailable.class)
                    .hasMessageContaining("; whether it is there could not be found out");
        }
    }
}
