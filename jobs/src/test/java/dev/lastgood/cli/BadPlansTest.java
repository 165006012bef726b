package dev.lastgood.cli;

/** Plans, and what they are applied to. */
final class BadPlansTest extends BadInput {
    BadPlansTest() {
        super("6-plans.txt");
    }
}
