package dev.lastgood.cosmos.contract;

import dev.lastgood.node.contract.NodeProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The npm package {@code @vercel/cosmosdb-server}, which others have made after the service. What the Java client needs and
 * it lacks is in {@code cosmos.js}, which says what is whose.
 */
final class NpmServer {
    /** From the folder of any module. */
    private static final Path SNAPSHOTS = Path.of("..", "snapshots");

    private static final NodeProgram PROGRAM =
            new NodeProgram("@vercel/cosmosdb-server", "1.0.1", SNAPSHOTS.resolve(Path.of("target", "cosmosdb-server")));
    private static final int RANGES = 4;

    private NpmServer() {}

    /** Starts it, and gives its endpoint; the test that calls it is aborted, saying why, where that cannot be done. */
    static String start(String key) throws IOException, InterruptedException {
        PROGRAM.install();
        int port = NodeProgram.freePort();
        String script = SNAPSHOTS
                .resolve(Path.of("src", "contract", "node", "cosmos.js"))
                .toAbsolutePath()
                .normalize()
                .toString();
        PROGRAM.start(port, List.of(script, Integer.toString(port), Integer.toString(RANGES), key));
        return "http://localhost:" + port + "/";
    }
}
