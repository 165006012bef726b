package dev.lastgood.cli;

import dev.lastgood.Interpreted;
import org.junit.jupiter.api.extension.ExtendWith;

/** Snapshots and their store. */
@ExtendWith(Interpreted.class)
final class BadSnapshotsTest extends BadInput {
    BadSnapshotsTest() {
        super("5-snapshots.txt");
    }
}
