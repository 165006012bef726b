package dev.lastgood.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.Workplace;
import dev.lastgood.snapshot.Manifest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How fields have changed since the capture before is said by name, and never silently null. */
@ExtendWith(SparkForTests.class)
final class SchemaDriftTest {
    @TempDir
    Path folder;

    private static Manifest.Field field(String name, String type, @Nullable String view) {
        return new Manifest.Field(name, type, null, view, true, 0, 0);
    }

    private static List<String> between(List<Manifest.Field> before, List<Manifest.Field> after) {
        return SchemaDrift.between(
                        new Manifest.Schema(List.of("id"), before), new Manifest.Schema(List.of("id"), after))
                .stream()
                .map(change -> change.kind() + " " + change.field() + " " + change)
                .toList();
    }

    @Test
    void what_came_went_and_changed_its_type_is_named_with_its_types() {
        assertThat(between(
                        List.of(field("id", "INT", null), field("a", "STRING", null), field("b", "INT", null)),
                        List.of(field("b", "BIGINT", null), field("id", "INT", null), field("c", "DATE", null))))
                .containsExactly(
                        "RETYPED b 'b' is bigint and was int",
                        "ADDED c 'c' has come (date)",
                        "DROPPED a 'a' is gone (string)");
        assertThat(between(List.of(field("id", "INT", null)), List.of(field("id", "INT", null))))
                .isEmpty();
    }

    @Test
    void what_changed_inside_a_field_is_named_by_its_path() {
        assertThat(between(
                        List.of(
                                field("s", "STRUCT<a: INT, b: STRUCT<c: INT, gone: STRING>>", null),
                                field("lines", "STRING", "ARRAY<STRUCT<q: INT>>"),
                                field("n", "ARRAY<INT>", null)),
                        List.of(
                                field("s", "STRUCT<a: STRING, b: STRUCT<c: INT>>", null),
                                field("lines", "STRING", "ARRAY<STRUCT<q: INT, price: DOUBLE>>"),
                                field("n", "INT", null))))
                .containsExactly(
                        "NESTED s.a 's.a' is string and was int",
                        "NESTED s.b.gone 's.b.gone' is gone (string)",
                        "NESTED lines[].price 'lines[].price' has come (double)",
                        "RETYPED n 'n' is int and was array<int>");
    }

    @Test
    void the_fields_of_documents_are_fields() {
        assertThat(between(
                        List.of(field("_document", "STRING", "STRUCT<id: INT, a: STRUCT<b: INT>>")),
                        List.of(field("_document", "STRING", "STRUCT<id: INT, a: STRUCT<b: STRING>, c: INT>"))))
                .containsExactly("NESTED a.b 'a.b' is string and was int", "ADDED c 'c' has come (int)");
    }

    /** As many rows of that header, each cell by its number of row and column. */
    private static String[] rows(String header, String cells, int count) {
        List<String> lines = new ArrayList<>(List.of(header));
        IntStream.range(0, count).forEach(i -> lines.add(cells.replace("#", Integer.toString(i))));
        return lines.toArray(String[]::new);
    }

    private List<String> drift(WorkspaceForTests bench) {
        Workplace workplace = bench.workplace();
        SchemaDrift.Report report = workplace
                .taker()
                .take(workplace.datasets(List.of()), workplace.auditJob()::verdict)
                .drift()
                .get("items");
        return report == null
                ? List.of("nothing before")
                : report.changes().stream().map(SchemaDrift::toString).toList();
    }

    @Test
    void a_renamed_field_is_known_by_what_it_holds() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, "items: {source: here, path: items.csv, key: [id]}\n")
                .file("items.csv", rows("id,colour,size,flag", "i#,red#,#cm,x", 40));
        assertThat(drift(bench)).containsExactly("nothing before");
        assertThat(drift(bench)).isEmpty();

        bench.file("items.csv", rows("id,color,width,mark", "i#,red#,#mm,x", 40));
        assertThat(drift(bench))
                .containsExactly(
                        "'colour' is now named 'color' (40 of 40 records hold in it what they held)",
                        "'width' has come (string)",
                        "'mark' has come (string)",
                        "'size' is gone (string)",
                        "'flag' is gone (string)");
    }
}
