package dev.lastgood.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system with the rename of HDFS: one act that answers false if the name is taken. */
final class NoReplaceFileSystem extends RawLocalFileSystem {
    @Override
    public boolean rename(Path from, Path to) throws IOException {
        try {
            Files.createLink(pathToFile(to).toPath(), pathToFile(from).toPath());
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        return delete(from, false);
    }
}
