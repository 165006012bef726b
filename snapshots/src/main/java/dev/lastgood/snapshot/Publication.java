package dev.lastgood.snapshot;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The one way anything is published: write under a temporary name nobody else uses, make it durable, read it back, move it
 * to its name without replacing. So a published file is there whole or not at all, and of many publishers of one name
 * exactly one wins.
 *
 * <p>Who wins is found out from the file itself, never from the answer of the move, which may get lost: every entry carries
 * a random id, so finding my own bytes under the name means that I won. (Two publishers of identical bytes both win.)
 */
public final class Publication {
    private Publication() {}

    /** What a kind of file system must be able to do. Names are relative to the store's root. */
    public interface Medium {
        /** Writes a new file and makes it durable; after a throw, all, part or nothing of it may be there. */
        void write(String name, byte[] bytes) throws IOException;

        /** The whole content, or nothing if there is no such file. */
        Optional<byte[]> read(String name) throws IOException;

        /**
         * Gives a file its final name in one indivisible and durable act that never replaces an existing file; it may keep
         * the old name as well. Throws {@link FileAlreadyExistsException} if the name is taken. After any other throw it may
         * have happened, and may still happen as long as the old name exists.
         */
        void move(String from, String to) throws IOException;

        /** Makes sure that the name of a file that is there survives a power cut, whoever gave it. */
        void harden(String name) throws IOException;

        /** Removes a file that may be absent. */
        void remove(String name) throws IOException;
    }

    /**
     * Publishes bytes under a name. Either answer is final. Throws {@link StoreUnavailable} when it could not be done: the
     * message says whether the entry is certainly not there or whether that could not be found out; in the second case
     * reading the name later tells.
     */
    public static Published publish(Medium medium, String name, byte[] bytes) {
        StoreName.checked(name);
        String temporary = "tmp/" + UUID.randomUUID();
        prepare(medium, name, temporary, bytes);
        @Nullable IOException refusal = null;
        try {
            medium.move(temporary, name);
        } catch (IOException e) {
            refusal = e;
        }
        try {
            return refusal == null ? new Published.Won() : outcome(medium, name, temporary, bytes, refusal);
        } finally {
            removeQuietly(medium, temporary);
        }
    }

    private static void prepare(Medium medium, String name, String temporary, byte[] bytes) {
        try {
            medium.write(temporary, bytes);
            byte[] written =
                    medium.read(temporary).orElseThrow(() -> new IOException("the file just written is absent"));
            if (!Arrays.equals(written, bytes)) {
                throw new IOException("other bytes were read back than were written");
            }
        } catch (IOException e) {
            removeQuietly(medium, temporary);
            throw new StoreUnavailable(
                    "could not publish %s: %s; nothing was published".formatted(name, StoreUnavailable.reason(e)), e);
        }
    }

    /** After a move that was refused, or whose answer was lost. */
    private static Published outcome(Medium medium, String name, String temporary, byte[] bytes, IOException refusal) {
        try {
            Optional<byte[]> found = medium.read(name);
            if (found.isEmpty()) {
                // The move may still be on its way. Without its source it cannot happen any more.
                medium.remove(temporary);
                found = medium.read(name);
            }
            if (found.isPresent()) {
                // Whoever builds on this answer must find the entry again, mine or theirs.
                medium.harden(name);
                return Arrays.equals(found.get(), bytes) ? new Published.Won() : new Published.Lost(found.get());
            }
        } catch (IOException e) {
            refusal.addSuppressed(e);
            throw new StoreUnavailable(
                    "could not publish %s: %s; whether it is there could not be found out (%s)"
                            .formatted(name, StoreUnavailable.reason(refusal), StoreUnavailable.reason(e)),
                    refusal);
        }
        throw new StoreUnavailable(
                "could not publish %s: %s; nothing was published".formatted(name, StoreUnavailable.reason(refusal)),
                refusal);
    }

    /** What stays behind in tmp/ harms nobody; prune removes it after a week. */
    private static void removeQuietly(Medium medium, String temporary) {
        try {
            medium.remove(temporary);
        } catch (IOException e) {
            return;
        }
    }
}
