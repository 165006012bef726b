package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.io.Serializable;

/**
 * Something that is not as it was, or could not be looked at.
 *
 * @param file path as in the manifest, or the name of the entry itself
 * @param detail what was expected and what was found, for people; never a value of a record
 */
public record Damage(String file, Kind kind, String detail) implements Comparable<Damage>, Serializable {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** Looked up twice and not there. */
        MISSING(Verdict.FAIL),
        /** There, though the manifest does not list it. */
        EXTRA(Verdict.FAIL),
        /** There, though the manifest does not list it, with the same bytes as a file it lists. */
        DUPLICATE(Verdict.FAIL),
        /** Not one byte in it. */
        EMPTY(Verdict.FAIL),
        WRONG_SIZE(Verdict.FAIL),
        /** Read twice with the same wrong digest. */
        CORRUPT(Verdict.FAIL),
        /** The bytes of another file of the snapshot. */
        MISPLACED(Verdict.FAIL),
        /** The manifest or a sidecar is not what it must be. */
        UNUSABLE(Verdict.FAIL),
        /** Two numbers that must agree do not. */
        SUMS(Verdict.FAIL),
        /** Names or types of fields differ. */
        SCHEMA(Verdict.FAIL),
        /** Records or keys are more or fewer. */
        COUNT(Verdict.FAIL),
        /** The records are others. */
        CONTENT(Verdict.FAIL),
        /** The snapshot it builds on is not there any more, or another. */
        CHAIN(Verdict.FAIL),
        /** The manifest is not signed, though a signature is asked for. */
        UNSIGNED(Verdict.FAIL),
        /** The manifest is signed by a key that is not trusted. */
        UNKNOWN_KEY(Verdict.FAIL),
        /** The manifest is not signed by the key that it names. */
        WRONG_SIGNATURE(Verdict.FAIL),
        /** A rule is broken. */
        RULE(Verdict.FAIL),
        /** A restore for trial did not come to what it must. */
        DRILL(Verdict.FAIL),
        /** A rule across datasets is broken in captures that are not of one moment, which may be why. */
        UNDECIDED(Verdict.INCONCLUSIVE),
        /** Two readings of it differ: nothing is proven, neither good nor bad. */
        FLAKY_READ(Verdict.INCONCLUSIVE),
        /** It could not be read. */
        UNREADABLE(Verdict.INCONCLUSIVE),
        /** Nobody has looked at it. */
        NOT_EXAMINED(Verdict.INCONCLUSIVE);

        private final Verdict verdict;

        Kind(Verdict verdict) {
            this.verdict = verdict;
        }

        /** What one such damage makes of a whole verification. */
        public Verdict verdict() {
            return verdict;
        }
    }

    /** A damage whose detail says what was expected and what was found. */
    public static Damage of(String file, Kind kind, String expected, String found) {
        return new Damage(file, kind, "expected %s, found %s".formatted(expected, found));
    }

    @Override
    public int compareTo(Damage other) {
        int byFile = file.compareTo(other.file);
        int byKind = byFile != 0 ? byFile : kind.compareTo(other.kind);
        return byKind != 0 ? byKind : detail.compareTo(other.detail);
    }

    /** {@code data/b0000-b0063.parquet: CORRUPT, …}. */
    @Override
    public String toString() {
        return "%s: %s, %s".formatted(file, kind, detail);
    }
}
