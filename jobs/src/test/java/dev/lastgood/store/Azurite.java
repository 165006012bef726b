package dev.lastgood.store;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Azure's storage emulator, a program for Node: installed beside the build once, and started for the tests of one JVM. */
final class Azurite {
    private static final String VERSION = "3.37.0";
    private static final Path FOLDER = Path.of("target", "azurite").toAbsolutePath();
    private static final Path MAIN =
            FOLDER.resolve(Path.of("node_modules", "azurite", "dist", "src", "blob", "main.js"));
    private static final Path PORT = FOLDER.resolve("port");

    private Azurite() {}

    /** The port it listens at, as {@link #start} has written it down for other processes. */
    static int port() throws IOException {
        return Integer.parseInt(Files.readString(PORT));
    }

    /** Starts it; the test that calls it is aborted, saying why, where there is no Node to run it. */
    static Process start() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        if (!works("node", "--version") || !works("npm", "--version")) {
            abort("Node is not on this machine: nothing was tried against Azurite");
        }
        if (!Files.exists(MAIN)
                && !works(
                        "npm",
                        "install",
                        "--prefix",
                        FOLDER.toString(),
                        "--no-save",
                        "--no-audit",
                        "--no-fund",
                        "azurite@" + VERSION)) {
            abort("npm could not install azurite " + VERSION + ": nothing was tried against Azurite");
        }
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        "node",
                        MAIN.toString(),
                        "--blobHost",
                        "127.0.0.1",
                        "--blobPort",
                        Integer.toString(port),
                        "--inMemoryPersistence",
                        "--skipApiVersionCheck",
                        "--silent")
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve("azurite.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Files.writeString(PORT, Integer.toString(port));
        while (!listens(port)) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                throw new IOException("azurite ended: " + Files.readString(FOLDER.resolve("azurite.log")));
            }
        }
        return process;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(FOLDER.resolve("npm.log").toFile())
                    .start();
            return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
