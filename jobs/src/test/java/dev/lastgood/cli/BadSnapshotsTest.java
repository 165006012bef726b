package dev.lastgood.cli;

/** Snapshots and their store. */
final class BadSnapshotsTest extends BadInput {
    BadSnapshotsTest() {
        super("5-snapshots.txt");
    }
}
