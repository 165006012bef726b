package dev.lastgood.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class LocalFilesTest {
    @TempDir
    java.nio.file.Path folder;

    @Test
    void every_permission_is_what_hadoop_makes_of_it() throws IOException {
        try (FileSystem ours = of(LocalFiles.class.getName());
                FileSystem hadoops = of(LocalFileSystem.class.getName())) {
            for (int mode : new int[] {0, 0400, 0200, 0100, 0040, 0020, 0010, 0004, 0002, 0001, 0644, 0750, 01777}) {
                assertThat(set(ours, "ours", mode))
                        .as(Integer.toOctalString(mode))
                        .isEqualTo(set(hadoops, "hadoops", mode));
            }
        }
    }

    @Test
    void files_and_folders_are_made_as_hadoop_makes_them() throws IOException {
        assertThat(made(LocalFiles.class, "ours")).isEqualTo(made(LocalFileSystem.class, "hadoops"));
    }

    private String made(Class<?> type, String name) throws IOException {
        try (FileSystem files = of(type.getName())) {
            Path file = new Path(folder.toUri().resolve(name + "/a/b"));
            files.create(file).close();
            return permissions(folder.resolve(name))
                    + permissions(folder.resolve(name + "/a"))
                    + permissions(folder.resolve(name + "/a/b"))
                    + files.exists(new Path(file.getParent(), ".b.crc"));
        }
    }

    private static FileSystem of(String type) throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.file.impl", type);
        FileSystem files = FileSystem.newInstanceLocal(hadoop);
        assertThat(files.getClass().getName()).isEqualTo(type);
        return files;
    }

    private String set(FileSystem files, String name, int mode) throws IOException {
        java.nio.file.Path file = folder.resolve(name + mode);
        Files.createFile(file);
        files.setPermission(new Path(file.toUri()), new FsPermission((short) mode));
        return permissions(file) + Files.getAttribute(file, "unix:mode");
    }

    private static String permissions(java.nio.file.Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
