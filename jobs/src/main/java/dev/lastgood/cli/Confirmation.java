package dev.lastgood.cli;

import dev.lastgood.problem.Refusal;

/** Asks before something is done that cannot simply be done again. */
final class Confirmation {
    private Confirmation() {}

    /**
     * Returns if the answer is yes, and throws {@link Refusal} if it is not. Without a terminal only {@code --yes} is an
     * answer.
     *
     * @param untouched what has not happened so far, such as {@code nothing was written}
     */
    @SuppressWarnings("SystemConsoleNull") // From JDK 22 on there always is one, and it answers with the end of input.
    static void require(String question, String untouched, boolean yes) {
        if (yes) {
            return;
        }
        java.io.Console terminal = System.console();
        if (terminal == null) {
            throw new Refusal("there is no terminal to ask on; " + untouched, "Say --yes if it is meant.");
        }
        String answer = terminal.readLine("%s [y/N] ", question);
        if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
            throw new Refusal("not confirmed; " + untouched, null);
        }
    }
}
