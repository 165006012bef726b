package dev.lastgood.suggest;

import java.util.List;

/** One way in which a bug, a person or a transfer damages data. */
enum Mutation {
    /** Values are null. */
    MISSING,
    /** Texts are empty, numbers 0. */
    EMPTIED,
    /** Something stands for a value that nobody knew: N/A, -1, the first second of 1970. */
    PLACEHOLDER,
    /** Numbers are ten times what they were, texts twice. */
    TEN_TIMES,
    /** Numbers are a hundredth, times are of another zone. */
    OTHER_UNIT,
    /** Numbers have the other sign. */
    NEGATED,
    /** Far above all others, or a hundred years later. */
    FAR_ABOVE,
    /** Far below all others, or a hundred years earlier. */
    FAR_BELOW,
    /** One less, or a second, and of days a day, earlier. */
    STEP_BACK,
    /** Values of another record. */
    SWAPPED,
    /** The value of another field of the record. */
    MISPLACED,
    /** Values that there never were, of the same form. */
    FOREIGN,
    /** A character of a text is another. */
    MISTYPED,
    /** Texts in upper case, or lower if they were. */
    OTHER_CASE,
    /** A blank behind a text. */
    PADDED,
    /** The second half of a text is gone. */
    CUT,
    /** Texts that went through the wrong character set. */
    GARBLED,
    /** Records that are there twice. */
    COPIED,
    /** Records that are there twice, and differ in one field. */
    COPIED_AND_CHANGED,
    /** Records that are gone. */
    LOST;

    static final List<Mutation> ALL = List.of(values());

    /** Counted from 1; what is 0 is unharmed. */
    int number() {
        return 1 + ALL.indexOf(this);
    }
}
