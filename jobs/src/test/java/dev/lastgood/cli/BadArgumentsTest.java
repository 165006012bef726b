package dev.lastgood.cli;

/** Command lines, workspaces and rules. */
final class BadArgumentsTest extends BadInput {
    BadArgumentsTest() {
        super("1-arguments.txt", "2-workspace.txt", "3-rules.txt", "8-doctor.txt");
    }
}
