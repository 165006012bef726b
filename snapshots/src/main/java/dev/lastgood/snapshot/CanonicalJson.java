package dev.lastgood.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.JsonValues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.erdtman.jcs.JsonCanonicalizer;

/**
 * JSON in the one form of RFC 8785: the same document has the same bytes, so its digest means something. Numbers are
 * doubles there, so whole numbers beyond 2⁵³ and exact decimals have to be written as strings.
 */
public final class CanonicalJson {
    private CanonicalJson() {}

    /** The largest whole number that every reader of JSON gets right. */
    public static final long LARGEST_INTEGER = (1L << 53) - 1;

    /** A manifest of 100,000 files has a quarter of that. What is larger is read by nobody. */
    static final int LARGEST = 128 << 20;

    /** The canonical bytes. Throws {@link IllegalArgumentException} for text that is not Unicode. */
    public static byte[] bytes(JsonNode document) {
        try {
            return utf8(new JsonCanonicalizer(JsonValues.write(document)).getEncodedString());
        } catch (IOException e) {
            throw new IllegalArgumentException("this has no canonical form: " + e.getMessage(), e);
        }
    }

    /**
     * Reads an object that must be in canonical form, so that there is one way to write it and no second meaning to
     * smuggle in. Whatever the bytes are, the only exception is {@link UnusableEntry}.
     *
     * @param name of the entry, for the message
     */
    public static ObjectNode object(String name, byte[] bytes) {
        if (bytes.length == 0) {
            throw new UnusableEntry(name, "it is empty");
        }
        if (bytes.length > LARGEST) {
            throw new UnusableEntry(name, "it has %d bytes, more than any such document".formatted(bytes.length));
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            JsonNode node = JsonValues.MAPPER.readTree(text);
            if (!(node instanceof ObjectNode object)) {
                throw new UnusableEntry(name, "it is not a JSON object");
            }
            if (!Arrays.equals(utf8(new JsonCanonicalizer(text).getEncodedString()), bytes)) {
                throw new UnusableEntry(name, "it is not in canonical form (RFC 8785)");
            }
            return object;
        } catch (CharacterCodingException e) {
            throw new UnusableEntry(name, "it is not UTF-8");
        } catch (JsonProcessingException e) {
            throw new UnusableEntry(name, "it is not JSON");
        } catch (IOException | IllegalArgumentException e) {
            throw new UnusableEntry(name, "it has no canonical form (RFC 8785)");
        }
    }

    private static byte[] utf8(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text with half a surrogate pair is not Unicode", e);
        }
    }
}
