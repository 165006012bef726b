package dev.lastgood.cli;

import dev.lastgood.Interpreted;
import org.junit.jupiter.api.extension.ExtendWith;

/** Command lines, workspaces and rules. */
@ExtendWith(Interpreted.class)
final class BadArgumentsTest extends BadInput {
    BadArgumentsTest() {
        super("1-arguments.txt", "2-workspace.txt", "3-rules.txt", "8-doctor.txt");
    }
}
