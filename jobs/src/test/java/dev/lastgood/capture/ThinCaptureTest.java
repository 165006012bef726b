package dev.lastgood.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.StoreUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of what tasks write, a snapshot gets what those have named that came to their end. */
class ThinCaptureTest {
    @TempDir
    Path folder;

    @Test
    void what_nobody_has_named_never_gets_into_a_snapshot_not_even_later() throws IOException {
        Path attempts = folder.resolve("tmp");
        Path thin = folder.resolve("snapshot/thin");
        var capture = new ThinCapture(attempts.toUri().toString(), new Configuration());
        ThinCapture.Open done = capture.open();
        ThinCapture.Open late = capture.open();
        done.record(1, 2, 3);
        late.record(1, 2, 3);
        done.close();

        capture.move(List.of(done.name()), thin.toUri().toString());

        late.record(4, 5, 6);
        late.close();
        ThinCapture.Open later = capture.open();
        later.close();
        assertThat(names(thin)).containsExactly(done.name());
        assertThat(Sha256.of(Files.readAllBytes(thin.resolve(done.name()))).hex())
                .isEqualTo(done.sha256());
        assertThat(names(attempts)).containsExactlyInAnyOrder(late.name(), later.name());
        assertThatThrownBy(() -> capture.move(List.of(done.name()), thin.toUri().toString()))
                .isInstanceOf(StoreUnavailable.class);
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".crc"))
                    .toList();
        }
    }
}
