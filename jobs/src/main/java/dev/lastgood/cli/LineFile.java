package dev.lastgood.cli;

import dev.lastgood.problem.InvalidInput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** A file of lines that is there whole or not at all: written aside, moved to its name when it is finished. */
final class LineFile implements AutoCloseable {
    private final @Nullable Path file;
    private final @Nullable Path aside;
    private final @Nullable BufferedWriter writer;

    private LineFile(@Nullable Path file, @Nullable Path aside, @Nullable BufferedWriter writer) {
        this.file = file;
        this.aside = aside;
        this.writer = writer;
    }

    /** To no file if there is none. Throws {@link InvalidInput} if it cannot be written there. */
    static LineFile to(@Nullable Path file) {
        if (file == null) {
            return new LineFile(null, null, null);
        }
        if (Files.isDirectory(file)) {
            throw InvalidInput.of("%s is a folder".formatted(file), "Name a file in it.");
        }
        try {
            Path aside = Files.createTempFile(
                    file.toAbsolutePath().getParent(), file.getFileName().toString(), ".part");
            return new LineFile(file, aside, Files.newBufferedWriter(aside, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw InvalidInput.of("%s cannot be written".formatted(file), "Name a file in a folder that is there.");
        }
    }

    void line(String line) {
        if (writer != null) {
            try {
                writer.write(line);
                writer.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException("could not write " + file, e);
            }
        }
    }

    void finish() {
        if (writer != null && aside != null && file != null) {
            try {
                writer.close();
                Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UncheckedIOException("could not write " + file, e);
            }
        }
    }

    @Override
    public void close() {
        if (writer != null && aside != null) {
            try {
                writer.close();
                Files.deleteIfExists(aside);
            } catch (IOException e) {
                throw new UncheckedIOException("could not remove " + aside, e);
            }
        }
    }
}
