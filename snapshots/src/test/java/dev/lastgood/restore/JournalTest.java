package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A journal that is not as it was written is none. */
final class JournalTest {
    private static final String SEGMENT = "runs/r/journal/000000000001.json";
    private final MemoryStore store = new MemoryStore();

    private static final List<Entry> ALL = List.of(
            new Entry.Started("d", "", "", "ada"),
            new Entry.Claimed("a", "me"),
            new Entry.Intent(1, "t", image("{'id':7}"), image("{'id':7,'a':1}")),
            new Entry.Intent(2, "", null, image("{'id':8}")),
            new Entry.Refused(1, "moved"),
            Entry.Ended.conflict(1, Conflict.Type.GUARD_LOST, "why"),
            Entry.Ended.recovered(2, "u"),
            new Entry.Paused("why"),
            new Entry.Completed());

    @Test
    void every_entry_is_read_as_it_was_written() {
        Journal.open(store, "r").publish(ALL);

        Journal read = Journal.open(store, "r");
        assertThat(read.entries()).isEqualTo(ALL);
        assertThat(read.isCompleted()).isTrue();
        assertThat(read.holder()).isEmpty();
        assertThat(read.started()).contains((Entry.Started) ALL.get(0));
        assertThat(read.progress(1).openIntents()).isEmpty();
        assertThat(read.progress(2).end()).contains(Entry.Ended.recovered(2, "u"));
        assertThat(read.toString().lines()).hasSize(ALL.size());
    }

    @Test
    void whoever_has_claimed_a_run_holds_it_until_it_is_let_go() {
        Journal journal = Journal.open(store, "r");
        Entry.Claimed first = new Entry.Claimed("a", "me");
        Entry.Claimed second = new Entry.Claimed("b", "you");
        journal.publish(List.of(new Entry.Started("d", "", "", "ada"), first));
        journal.publish(List.of(new Entry.Intent(1, "t", null, image("{'id':7}")), Entry.Ended.done(1, "u")));
        assertThat(journal.holder()).as("while it writes").contains(first);
        journal.publish(List.of(new Entry.Paused("by night only")));
        assertThat(journal.holder()).isEmpty();
        journal.publish(List.of(second));
        assertThat(Journal.open(store, "r").holder()).contains(second);
        journal.publish(List.of(new Entry.Completed()));
        assertThat(journal.holder()).isEmpty();
    }

    @Test
    void a_journal_that_lacks_a_segment_is_refused() {
        Journal journal = Journal.open(store, "r");
        journal.publish(ALL.subList(0, 2));
        journal.publish(ALL.subList(2, ALL.size()));
        MemoryStore other = new MemoryStore();
        String second = SEGMENT.replace("1.json", "2.json");
        other.publish(second, store.read(second).orElseThrow());

        assertThatThrownBy(() -> Journal.open(other, "r"))
                .isInstanceOf(Refusal.class)
                .hasMessage("the journal is not as it was written: " + SEGMENT
                        + ": it is not there, though later segments are; nothing was written");
    }

    @Test
    void a_step_that_ends_twice_is_a_bug() {
        Journal journal = Journal.open(store, "r");
        assertThatThrownBy(() -> journal.publish(List.of(Entry.Ended.done(1, "t"), Entry.Ended.done(1, "t"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ends twice");
    }

    /** The first segment with a text in it replaced, sealed anew or not. */
    private String refused(String from, String to, boolean sealed) {
        Journal.open(store, "r").publish(ALL);
        String body =
                new String(store.read(SEGMENT).orElseThrow(), StandardCharsets.UTF_8).replaceFirst("^.*?\"body\":", "");
        body = body.substring(0, body.length() - 1).replace(from, to);
        String digest = sealed ? Sha256.of(body) : "0".repeat(64);
        MemoryStore other = new MemoryStore();
        other.publish(
                SEGMENT,
                "{\"sha256\":\"%s\",\"body\":%s}".formatted(digest, body).getBytes(StandardCharsets.UTF_8));
        Refusal refusal = org.junit.jupiter.api.Assertions.assertThrows(Refusal.class, () -> Journal.open(other, "r"));
        return String.valueOf(refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "formatVersion":1 | "formatVersion":2     | another format version
            "run":"r"         | "run":"s"             | another run or place
            "number":1        | "number":2            | another run or place
            "previous":""     | "previous":"x"        | does not follow the segment before it
            "completed":{}    | "finished":{}         | an entry is of an unknown kind
            "completed":{}    | "completed":{},"x":1  | an entry has other members than one
            "state":"done"    | "state":"won"         | 'state' is none of the words
            "token":"t"       | "token":7             | 'token' is no text
            "reason":"moved"  | "why":"moved"         | 'reason' is missing
            "step":2          | "step":2.5            | 'step' is no count
            "step":2          | "step":9999999999     | 'step' is too large
            "entries":[       | "entries":{},"x":[    | 'entries' is no array
            """)
    void what_this_program_would_not_write_is_refused_though_its_digest_is_right(String from, String to, String why) {
        assertThat(refused(from, to, true)).contains(SEGMENT.substring(SEGMENT.lastIndexOf('/') + 1), why);
    }

    @Test
    void what_does_not_have_its_digest_is_refused() {
        assertThat(refused("", "", false)).contains("does not have the digest it states");
    }

    @Test
    void a_process_tells_of_others_on_its_host_only() {
        Owner own = Owner.process();
        String[] parts = own.name().split(" ", -1);

        assertThat(parts)
                .hasSize(3)
                .doesNotContain("")
                .contains(String.valueOf(ProcessHandle.current().pid()));
        assertThat(own.isGone(own.name())).isFalse();
        assertThat(own.isGone("elsewhere 1 2026-11-22T12:00:00Z")).isFalse();
        assertThat(own.isGone(parts[0] + " " + parts[1] + " 1970-01-01T00:00:00Z"))
                .as("another process had that number")
                .isTrue();
        assertThat(own.isGone(parts[0] + " 99999999 1970-01-01T00:00:00Z")).isTrue();
        assertThat(own.isGone(parts[0] + " many 1970-01-01T00:00:00Z")).isFalse();
        assertThat(own.isGone("dead")).isFalse();
    }

    @Test
    void what_was_refused_without_an_intent_leaves_none_open_and_a_body_that_is_no_object_is_none() {
        Journal journal = Journal.open(store, "r");
        journal.publish(List.of(new Entry.Refused(1, "moved")));
        assertThat(journal.progress(1).openIntents()).isEmpty();
        assertThat(Undo.written(journal.progress(1))).isEmpty();

        Entry.Intent intent = new Entry.Intent(1, "t", image("{'id':7}"), image("{'id':7,'a':1}"));
        journal.publish(List.of(intent));
        assertThat(Undo.written(journal.progress(1))).as("it may have been").contains(intent);
        journal.publish(List.of(Entry.Ended.of(1, State.AMBIGUOUS, "no answer")));
        assertThat(Undo.written(journal.progress(1))).contains(intent);

        MemoryStore other = new MemoryStore();
        other.publish(SEGMENT, "{\"sha256\":\"\",\"body\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Journal.open(other, "r"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("does not have the digest it states");
    }
}
