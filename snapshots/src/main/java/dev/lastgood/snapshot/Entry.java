package dev.lastgood.snapshot;

import java.time.Instant;

/**
 * One entry of the catalog: an event, its number, and the digest of the entry before it. Its own digest stands in it too,
 * so that a damaged last entry is found as well as one with others behind it.
 *
 * @param number from 1, without gaps
 * @param id random: what tells my entry from somebody else's with the same number
 * @param by who, as the program knows them
 * @param previous SHA-256 of the file of the entry before; of the first one, of the store's format
 */
public record Entry(long number, String id, Instant at, String by, Sha256 previous, Event event) {

    static final String FOLDER = "catalog";

    /** No entry has a larger number. */
    static final long LAST = 999_999_999_999L;

    public Entry {
        if (number < 1 || number > LAST) {
            throw new IllegalArgumentException("no entry has the number " + number);
        }
    }

    /** The name of an entry in the store. */
    public static String name(long number) {
        return "%s/%012d.json".formatted(FOLDER, number);
    }

    public byte[] bytes() {
        return EntryJson.bytes(this);
    }

    /** Reads an entry. Whatever the bytes are, the only exception is {@link UnusableEntry}. */
    public static Entry read(String name, byte[] bytes) {
        return EntryJson.read(name, bytes);
    }
}
