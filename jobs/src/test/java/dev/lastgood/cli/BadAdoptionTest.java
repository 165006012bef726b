package dev.lastgood.cli;

import dev.lastgood.Interpreted;
import org.junit.jupiter.api.extension.ExtendWith;

/** Backups of others, and signatures. */
@ExtendWith(Interpreted.class)
final class BadAdoptionTest extends BadInput {
    BadAdoptionTest() {
        super("7-adopt.txt", "7-signatures.txt");
    }
}
