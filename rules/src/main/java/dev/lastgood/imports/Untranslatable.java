package dev.lastgood.imports;

/** No rule says what a check says. Caught where the check is listed. */
final class Untranslatable extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param why lower case, without a full stop */
    Untranslatable(String why) {
        super(why, null, false, false);
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
