package dev.lastgood.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * ABFS as it is, but for listings: Azurite gives all folders before all files, where Azure gives names in their order, and
 * so the driver, which expects the two entries of a folder beside each other, lists it twice.
 */
public final class AzuriteFileSystem extends AzureBlobFileSystem {
    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        Map<Path, FileStatus> all = new TreeMap<>();
        for (FileStatus one : super.listStatus(path)) {
            all.putIfAbsent(one.getPath(), one);
        }
        return all.values().toArray(FileStatus[]::new);
    }

    @Override
    public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
        return RemoteIterators.remoteIteratorFromArray(listStatus(path));
    }

    @Override
    protected RemoteIterator<LocatedFileStatus> listLocatedStatus(Path path, PathFilter filter) throws IOException {
        List<LocatedFileStatus> all = new ArrayList<>();
        for (FileStatus one : listStatus(path)) {
            if (filter.accept(one.getPath())) {
                all.add(new LocatedFileStatus(one, one.isFile() ? getFileBlockLocations(one, 0, one.getLen()) : null));
            }
        }
        return RemoteIterators.remoteIteratorFromIterable(all);
    }
}
