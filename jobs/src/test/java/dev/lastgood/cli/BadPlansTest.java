package dev.lastgood.cli;

import dev.lastgood.Interpreted;
import org.junit.jupiter.api.extension.ExtendWith;

/** Plans, and what they are applied to. */
@ExtendWith(Interpreted.class)
final class BadPlansTest extends BadInput {
    BadPlansTest() {
        super("6-plans.txt");
    }
}
