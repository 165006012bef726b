package dev.lastgood.cli;

/** Backups of others, and signatures. */
final class BadAdoptionTest extends BadInput {
    BadAdoptionTest() {
        super("7-adopt.txt", "7-signatures.txt");
    }
}
