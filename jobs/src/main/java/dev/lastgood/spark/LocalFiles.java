package dev.lastgood.spark;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, which sets permissions by itself. Without Hadoop's native library, which nobody installs
 * for a local run, Hadoop starts a process, {@code chmod}, for every file and folder it makes: over a hundred of them in an audit
 * of a few records.
 */
public final class LocalFiles extends LocalFileSystem {

    /** Made by Hadoop, which is told the name of this class. */
    public LocalFiles() {
        super(new Raw());
    }

    private static final class Raw extends RawLocalFileSystem {
        private static final boolean POSIX =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

        @Override
        public void setPermission(Path path, FsPermission permission) throws IOException {
            // PosixFilePermission has nothing for what is beyond rwx.
            if (!POSIX || permission.toShort() > 0777) {
                super.setPermission(path, permission);
                return;
            }
            String symbols = permission.getUserAction().SYMBOL
                    + permission.getGroupAction().SYMBOL
                    + permission.getOtherAction().SYMBOL;
            Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(symbols);
            Files.setPosixFilePermissions(pathToFile(path).toPath(), permissions);
        }
    }
}
