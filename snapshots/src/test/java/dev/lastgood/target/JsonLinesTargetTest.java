package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Change;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

final class JsonLinesTargetTest extends FileContract {
    @Override
    TextFormat format() {
        return new JsonLinesFormat();
    }

    @Override
    FileTarget open() {
        return FileTarget.jsonLines(file(), KEY, WholeFile.Originals.NONE);
    }

    @Override
    String content(Iterable<Image> images) {
        return StreamSupport.stream(images.spliterator(), false)
                .map(image -> JsonValues.text(image.object()) + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void members_that_stay_keep_their_order_and_their_digits() throws Exception {
        Files.writeString(file(), """
                {"z":1.50,"id":1,"lines":[{"b":2.0,"a":1e2},{"a":7}]}

                {"id": 2, "other": "line"}
                """);
        try (FileTarget target = open();
                Target.Batch batch = target.open(List.of(key(1)))) {
            Image image = Objects.requireNonNull(
                    Objects.requireNonNull(batch.seen().get(key(1))).image());
            Value lines = JsonValues.parse("[{\"b\":2.0,\"a\":1e2},{\"a\":8}]");

            batch.write(List.of(new Change(
                    key(1),
                    Objects.requireNonNull(batch.seen().get(key(1))),
                    image.with("lines", lines),
                    Set.of("lines"))));
        }
        assertThat(Files.readString(file())).isEqualTo("""
                        {"z":1.50,"id":1,"lines":[{"b":2.0,"a":1E+2},{"a":8}]}

                        {"id": 2, "other": "line"}
                        """);
    }
}
