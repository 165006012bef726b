package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Change;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CsvTargetTest extends FileContract {
    private static final List<String> FIELDS = List.of("id", "name", "note", "total");

    @Override
    protected Value number(int number) {
        return Value.of(Integer.toString(number));
    }

    @Override
    TextFormat format() {
        return new CsvFormat(CsvFormat.Header.NAMES, ",", null);
    }

    @Override
    FileTarget open() {
        return FileTarget.csv(file(), KEY, ",", null, WholeFile.Originals.NONE);
    }

    @Override
    String content(Iterable<Image> images) {
        return "id,name,note,total\n"
                + StreamSupport.stream(images.spliterator(), false)
                        .map(image -> FIELDS.stream()
                                .map(field -> cell(Objects.requireNonNull(image.field(field))))
                                .collect(Collectors.joining(",")))
                        .map(line -> line + "\n")
                        .collect(Collectors.joining());
    }

    private static String cell(Value value) {
        return value.isNull() ? "" : "\"" + value.toString().replace("\"", "\"\"") + "\"";
    }

    private void write(FileTarget target, Key key, @Nullable Image desired, String... fields) {
        try (Target.Batch batch = target.open(List.of(key))) {
            batch.write(
                    List.of(new Change(key, Objects.requireNonNull(batch.seen().get(key)), desired, Set.of(fields))));
        }
    }

    private static final String ODD =
            "\ufeffid,\"na;me\",note\r\n\r\n1, x ,\"say \"\"hi\"\"\nthere\"\r\n2,ü,\r\n3,,\"\"";

    @Test
    void only_the_cells_that_change_are_written() throws Exception {
        Files.write(file(), ODD.getBytes(StandardCharsets.UTF_8));
        try (FileTarget target = open()) {
            Key two = Key.of("id", Value.of("2"));
            Image image = read(target, two);

            write(target, two, image.with("note", Value.of("a,b")), "note");

            assertThat(Files.readString(file())).isEqualTo(ODD.replace("2,ü,\r\n", "2,ü,\"a,b\"\r\n"));
        }
    }

    private static Image read(FileTarget target, Key key) {
        try (Target.Batch batch = target.open(List.of(key))) {
            return Objects.requireNonNull(
                    Objects.requireNonNull(batch.seen().get(key)).image());
        }
    }

    @Test
    void an_added_record_gets_a_line_of_its_own() throws Exception {
        Files.write(file(), ODD.getBytes(StandardCharsets.UTF_8));
        try (FileTarget target = open()) {
            Key four = Key.of("id", Value.of("4"));
            Image image = Image.of(java.util.Map.of("id", Value.of("4"), "na;me", Value.NULL, "note", Value.of("")));

            write(target, four, image, "id", "na;me", "note");

            assertThat(Files.readString(file())).isEqualTo(ODD + "\r\n4,,\"\"\r\n");
        }
    }

    @Test
    void a_write_that_brings_back_the_records_of_an_original_brings_back_its_bytes() throws Exception {
        Files.write(file(), ODD.getBytes(StandardCharsets.UTF_8));
        List<byte[]> kept = new ArrayList<>();
        WholeFile.Originals originals = new WholeFile.Originals() {
            @Override
            public void keep(String name, byte[] bytes) {
                kept.add(bytes);
            }

            @Override
            public List<byte[]> of(String name) {
                return kept;
            }
        };
        Key two = Key.of("id", Value.of("2"));
        try (FileTarget target = FileTarget.csv(file(), KEY, ",", null, originals)) {
            Image image = read(target, two);
            write(target, two, null);
            assertThat(Files.readString(file())).isEqualTo(ODD.replace("2,ü,\r\n", ""));

            write(target, two, image, "id", "na;me", "note");

            assertThat(Files.readAllBytes(file())).isEqualTo(ODD.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void malformed_files_are_refused_by_line() throws Exception {
        record Broken(String content, String message) {}
        for (Broken broken : List.of(
                new Broken("id,name\n1\n", "line 2: 1 cells, where 2 are named"),
                new Broken("id,name\n1,\"a\n", "line 2: a quote is not closed"),
                new Broken("id,name\n\n1,\"a\"b\n", "line 3: text behind a closing quote"),
                new Broken("id,id\n", "line 1: field 'id' is named twice"))) {
            Files.writeString(file(), broken.content());
            assertThat(Stream.of(broken.content()).map(content -> {
                        try (FileTarget target = open()) {
                            target.open(List.of(key(1)));
                            return "no message";
                        } catch (TargetUnavailable e) {
                            return String.valueOf(e.getMessage());
                        }
                    }))
                    .containsExactly(
                            file() + ": could not read the records: " + broken.message() + "; nothing was written");
        }
    }
}
