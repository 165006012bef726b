package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any two of a snapshot, live and a folder, each with its dataset before it or without. */
final class DiffCommandTest {
    @TempDir
    Path folder;

    private Ended diff(String... words) {
        List<String> all = new ArrayList<>(List.of("diff"));
        all.addAll(List.of(words));
        all.addAll(List.of("-w", folder.toString(), "--json"));
        return CommandLineForTests.runOnSpark(Instant.parse("2026-11-23T02:00:00Z"), Map.of(), all);
    }

    private static String changed(Ended ended) {
        return WorkspaceForTests.json(ended.out()).get("datasets").toString();
    }

    @Test
    void any_two_states_of_a_dataset() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                        others: {source: here, path: others, format: csv, key: [id]}
                        things: {source: here, path: things, format: csv, key: [id]}
                        """)
                .file("others/1.csv", "id,n", "1,1")
                .file("things/1.csv", "id,n", "1,1", "2,2")
                .file("copy/1.csv", "id,n", "1,1", "2,9", "3,3");
        String snapshot = bench.take();
        bench.file("things/1.csv", "id,n", "1,1", "2,3");
        String copy = folder.resolve("data/copy").toString();

        Ended live = diff("things@" + snapshot, "things@live");
        assertThat(live.code()).as(live.err()).isEqualTo(1);
        assertThat(changed(live))
                .isEqualTo("[{\"name\":\"things\",\"before\":2,\"after\":2,\"added\":0,\"removed\":0,\"changed\":1,"
                        + "\"unchanged\":1}]");
        assertThat(changed(diff("things@live", "things@" + copy)))
                .isEqualTo("[{\"name\":\"things\",\"before\":2,\"after\":3,\"added\":1,\"removed\":0,\"changed\":1,"
                        + "\"unchanged\":1}]");
        assertThat(changed(diff("things@" + copy, "latest")))
                .isEqualTo("[{\"name\":\"things\",\"before\":3,\"after\":2,\"added\":0,\"removed\":1,\"changed\":1,"
                        + "\"unchanged\":1}]");
        Ended two = diff("things@latest", "others@live");
        assertThat(two.code()).isEqualTo(2);
        assertThat(two.err()).contains("'others@live' is of one dataset, and these are several: things, others");
    }
}
