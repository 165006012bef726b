package dev.lastgood.snapshot.contract;

import dev.lastgood.snapshot.Store;
import java.io.IOException;
import java.nio.file.Path;

/** Opens a store of one kind in a folder, here or in another process: made by its constructor without arguments. */
public interface Opener {
    Store open(Path folder) throws IOException;
}
