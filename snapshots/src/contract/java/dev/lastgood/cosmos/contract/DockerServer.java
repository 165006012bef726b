package dev.lastgood.cosmos.contract;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lastgood.node.contract.NodeProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Microsoft's emulator for Linux, in a container, where there is Docker. Nobody has run it for these tests yet. */
final class DockerServer {
    private static final String IMAGE =
            "mcr.microsoft.com/cosmosdb/linux/azure-cosmos-emulator:" + tag("LASTGOOD_TEST_COSMOS_EMULATOR");
    private static final Duration START = Duration.ofMinutes(3);

    /** Where the emulator says, inside, that it is ready. */
    private static final int HEALTH = 8080;

    private DockerServer() {}

    private static String tag(String variable) {
        String set = System.getenv(variable);
        return set == null || set.isEmpty() ? "vnext-EN20251118" : set;
    }

    /** Starts it, and gives its endpoint; the test that calls it is aborted, saying why, where that cannot be done. */
    static String start() throws IOException, InterruptedException {
        if (!works("docker", "version")) {
            abort("Docker is not on this machine: nothing was tried against Microsoft's emulator");
        }
        // The same port inside and outside: the emulator tells clients where it is.
        String port = Integer.toString(NodeProgram.freePort());
        int health = NodeProgram.freePort();
        String name = "lastgood-cosmos-" + port;
        boolean started = works(
                "docker",
                "run",
                "--detach",
                "--rm",
                "--name",
                name,
                "--publish",
                "127.0.0.1:%1$s:%1$s".formatted(port),
                "--publish",
                "127.0.0.1:%d:%d".formatted(health, HEALTH),
                "--env",
                "PORT=" + port,
                "--env",
                "PROTOCOL=http",
                "--env",
                "ENABLE_EXPLORER=false",
                "--env",
                "ENABLE_TELEMETRY=false",
                IMAGE);
        if (!started) {
            abort("Docker could not start %s: nothing was tried against it".formatted(IMAGE));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                works("docker", "rm", "--force", name);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        HttpClient client = HttpClient.newHttpClient();
        Instant until = Instant.now().plus(START);
        while (!isReady(client, health)) {
            if (Instant.now().isAfter(until)) {
                throw new IOException("%s was not ready after %s".formatted(IMAGE, START));
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
        return "http://localhost:" + port + "/";
    }

    private static boolean isReady(HttpClient client, int port) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:%d/ready".formatted(port)))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
