package dev.lastgood.cli;

import dev.lastgood.Interpreted;
import org.junit.jupiter.api.extension.ExtendWith;

/** What live holds. */
@ExtendWith(Interpreted.class)
final class BadDataTest extends BadInput {
    BadDataTest() {
        super("4-data.txt");
    }
}
