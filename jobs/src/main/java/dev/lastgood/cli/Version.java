package dev.lastgood.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: enough for a bug report, and on its first line nothing but name and version. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        var built = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is not beside " + Version.class.getName());
            }
            built.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new String[] {
            "lastgood " + built.getProperty("lastgood"),
            "Spark " + built.getProperty("spark") + ", Java " + Runtime.version()
        };
    }
}
