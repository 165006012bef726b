package dev.lastgood.node.contract;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that is an npm package: installed beside the build once, and started for the tests of one JVM.
 *
 * @param folder where it is installed and runs
 */
public record NodeProgram(String name, String version, Path folder) {
    public NodeProgram {
        folder = folder.toAbsolutePath().normalize();
    }

    /** Installs it; the test that calls it is aborted, saying why, where that cannot be done. */
    public void install() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        if (!works("node", "--version") || !works("npm", "--version")) {
            abort("Node is not on this machine: nothing was tried against " + name);
        }
        String wanted = name + "@" + version;
        // Written last: what npm was killed at is installed again.
        Path installed = folder.resolve("installed");
        if (Files.exists(installed) && Files.readString(installed).equals(wanted)) {
            return;
        }
        Files.deleteIfExists(installed);
        if (!works(
                "npm", "install", "--prefix", folder.toString(), "--no-save", "--no-audit", "--no-fund", wanted)) {
            abort("npm could not install %s %s: nothing was tried against it".formatted(name, version));
        }
        Files.writeString(installed, wanted);
    }

    /** A port nobody listens at. */
    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** Starts it, and waits until it listens at the port; it ends with this JVM. */
    public Process start(int port, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(arguments);
        Path log = folder.resolve("server.log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        awaitListening(process, port, log);
        return process;
    }

    /**
     * Waits until a process listens at the port.
     *
     * @param log what it writes to
     * @throws IOException with that, if it ends, or does not listen in two minutes
     */
    private static void awaitListening(Process process, int port, Path log) throws IOException, InterruptedException {
        for (int tenths = 0; !listens(port); tenths++) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS) || tenths == 1_200) {
                process.destroyForcibly();
                throw new IOException("does not listen at port %d: %s".formatted(port, Files.readString(log)));
            }
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private boolean works(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("npm.log").toFile())
                    .start();
            return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
