package dev.lastgood.record;

import java.util.HexFormat;

/** A 128-bit digest, or the sum of many, as two 64-bit lanes that wrap around. */
public record Digest128(long high, long low) {
    public static final Digest128 ZERO = new Digest128(0, 0);

    /** The sum of two digests, each lane modulo 2⁶⁴. Unlike XOR it does not cancel what occurs twice. */
    public Digest128 plus(Digest128 other) {
        return new Digest128(high + other.high, low + other.low);
    }

    public Digest128 minus(Digest128 other) {
        return new Digest128(high - other.high, low - other.low);
    }

    /** 32 hex digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    public static Digest128 parse(String hex) {
        if (hex.length() != 32) {
            throw new IllegalArgumentException("a digest has 32 hex digits, this has " + hex.length());
        }
        return new Digest128(HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32));
    }
}
