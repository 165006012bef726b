package dev.lastgood.cli;

import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.Trust;
import dev.lastgood.snapshot.UnusableEntry;
import java.util.Locale;

/** What signatures are worth, in words for people and for programs. */
final class Signatures {
    private Signatures() {}

    /** The standing of a snapshot's manifest, or {@code UNUSABLE} if there is none to tell. */
    static String standing(Snapshot snapshot, Store store) {
        try {
            return store.trust().standing(snapshot.shown(store)).name();
        } catch (UnusableEntry e) {
            return "UNUSABLE";
        }
    }

    /** The same in a cell of a table. */
    static String cell(String standing) {
        return standing.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Who signed a manifest, and what that is worth. */
    static String line(Manifest manifest, Trust trust) {
        Manifest.Signature signature = manifest.signature();
        String by = signature == null ? "none" : "by key " + signature.key();
        return switch (trust.standing(manifest)) {
            case TRUSTED -> by + ", trusted";
            case NOT_ASKED ->
                signature == null ? by : by + ", which nobody checks: the workspace has no 'signing.trust'";
            case UNSIGNED -> "none, though 'signing.trust' asks for one";
            case UNKNOWN_KEY -> by + ", which is not among those of 'signing.trust'";
            case WRONG_SIGNATURE -> by + ", which has not signed this manifest";
        };
    }
}
