package dev.lastgood.cli;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.SourceFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a command is told to read. */
final class InputFile {
    private InputFile() {}

    /** Its text. */
    static SourceFile read(Path file) {
        try {
            return new SourceFile(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw InvalidInput.of("%s is no text in UTF-8".formatted(file), null);
        } catch (IOException e) {
            throw InvalidInput.of("cannot read %s".formatted(file), "Check that it is there and may be read.");
        }
    }
}
