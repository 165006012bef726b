package dev.lastgood.cli;

/** What live holds. */
final class BadDataTest extends BadInput {
    BadDataTest() {
        super("4-data.txt");
    }
}
