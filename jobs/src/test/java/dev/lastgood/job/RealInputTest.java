package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.RealData;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.Auditor;
import dev.lastgood.diff.ProposedRename;
import dev.lastgood.record.JsonValues;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Receipt;
import dev.lastgood.rule.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real tables whose clean and dirty versions, and every cell in which they differ, are known ({@code ../shared/data},
 * from the project's root; a checkout without them skips this). Clean is the backup, dirty is live.
 */
final class RealInputTest {
    private static final String HOSPITAL = """
              rename:
                ProviderNumber: provider_number
                HospitalName: name
                Address1: address_1
                Address2: address_2
                Address3: address_3
                City: city
                State: state
                ZipCode: zip
                CountyName: county
                PhoneNumber: phone
                HospitalType: type
                HospitalOwner: owner
                EmergencyService: emergency_service
                Condition: condition
                MeasureCode: measure_code
                MeasureName: measure_name
                Score: score
                Sample: sample
                Stateavg: state_average
        """;

    private static final String BEERS = """
              rename:
                beer-name: beer_name
                brewery-name: brewery_name
        """;

    @TempDir
    Path folder;

    @Test
    void renamed_headers_are_told_by_what_is_below_them() throws Exception {
        assertThat(proposed("hospital")).isEqualTo(newNames(HOSPITAL));
        assertThat(proposed("beers")).isEqualTo(newNames(BEERS));
    }

    private Map<String, String> proposed(String name) {
        Workplace workplace = WorkspaceForTests.in(
                        folder, "rows: {source: here, path: rows.csv, format: csv, key: [index]}\n")
                .workplace();
        String data = RealData.folder(name).toString();
        return new DiffJob(workplace)
                        .diff(workplace.datasets(List.of()), data + "/clean.csv", data + "/dirty.csv", line -> {})
                        .renames()
                        .getOrDefault("rows", List.of())
                        .stream()
                        .collect(Collectors.toMap(ProposedRename::from, ProposedRename::to));
    }

    @Test
    void hospital_differs_in_the_listed_cells_and_is_put_back_cell_by_cell() throws Exception {
        story(
                "hospital",
                HOSPITAL,
                """
                  - id: zip
                    dataset: rows
                    field: zip
                    matches: '[0-9]{5}'
                  - id: phone
                    dataset: rows
                    field: phone
                    matches: '[0-9]{10}'
                  - id: emergency
                    dataset: rows
                    field: emergency_service
                    in: [yes, no]
                """,
                Map.of("zip", "ZipCode", "phone", "PhoneNumber", "emergency", "EmergencyService"),
                509);
    }

    @Test
    void beers_differs_in_the_listed_cells_and_is_put_back_cell_by_cell() throws Exception {
        story("beers", BEERS, """
                  - id: ounces
                    dataset: rows
                    field: ounces
                    matches: '[0-9]+(\\.[0-9]+)?'
                  - id: ibu
                    dataset: rows
                    field: ibu
                    matches: '[0-9]+'
                    on_null: pass
                """, Map.of("ounces", "ounces", "ibu", "ibu"), 4362);
    }

    private void story(String name, String rename, String rules, Map<String, String> columns, int cells)
            throws Exception {
        Path data = RealData.folder(name);
        Path live = Files.createDirectories(folder.resolve("data")).resolve("rows.csv");
        byte[] clean = Files.readAllBytes(data.resolve("clean.csv"));
        byte[] dirty = Files.readAllBytes(data.resolve("dirty.csv"));
        Set<String> expected = expected(name);
        assertThat(expected).hasSize(cells);
        Workplace workplace = workplace(rename, rules);

        Files.write(live, clean);
        String snapshot = workplace
                .taker()
                .take(workplace.datasets(List.of()), captured -> dev.lastgood.rule.Verdict.PASS)
                .snapshot()
                .text();
        Files.write(live, dirty);

        // diff: just the listed cells
        List<String> lines = new ArrayList<>();
        DiffJob.Difference difference =
                new DiffJob(workplace).diff(workplace.datasets(List.of()), snapshot, "live", lines::add);
        Map<String, String> newNames = newNames(rename);
        assertThat(cells(lines)).isEqualTo(renamed(expected, newNames));
        Auditor.DatasetTally tally = difference.datasets().get(0);
        assertThat(tally.added() + tally.removed()).isZero();
        assertThat(tally.before()).isEqualTo(tally.after()).isEqualTo(records(clean));

        // audit: what the rules cover
        AuditJob.Audit audit = workplace.auditJob().run(workplace.datasets(List.of()), snapshot, Severity.ERROR);
        assertThat(audit.verdict()).isEqualTo(dev.lastgood.rule.Verdict.FAIL);
        for (JsonNode rule : audit.document().get("rules")) {
            String column = columns.get(rule.get("id").asText());
            long covered = expected.stream()
                    .filter(cell -> cell.endsWith(" " + column))
                    .count();
            assertThat(rule.get("violations").asLong() - rule.get("preExisting").asLong())
                    .as(rule.get("id").asText())
                    .isPositive()
                    .isLessThanOrEqualTo(covered);
        }

        // restore of all differences equals clean, cell by cell
        RestoreJob restore = new RestoreJob(workplace);
        PlanFiles.Stored plan = new PlanJob(workplace).plan(Selection.everyChange());
        assertThat(plan.plan().conflicts()).isEmpty();
        restore.approve(plan.id(), Set.of(), null);
        Receipt applied = restore.apply(plan.id(), new Applier.Watch() {});
        assertThat(applied.isClean()).as(JsonValues.write(applied.json())).isTrue();
        List<String> left = new ArrayList<>();
        new DiffJob(workplace).diff(workplace.datasets(List.of()), snapshot, "live", left::add);
        assertThat(left).isEmpty();
        assertThat(body(Files.readAllBytes(live))).isEqualTo(body(clean));

        // undo gives dirty back, byte for byte
        Receipt undone = restore.undo(plan.id(), new Applier.Watch() {});
        assertThat(undone.isClean()).as(JsonValues.write(undone.json())).isTrue();
        assertThat(Files.readAllBytes(live)).isEqualTo(dirty);
    }

    private Workplace workplace(String rename, String rules) throws IOException {
        Files.createDirectories(folder.resolve("rules"));
        Files.writeString(folder.resolve("rules").resolve("rows.yaml"), "rules:\n" + rules);
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: real
                store: store
                rules: [rules/*.yaml]
                sources:
                  files:
                    files: data
                    write: {}
                datasets:
                  rows:
                    source: files
                    path: rows.csv
                    format: csv
                    key: [index]
                    map:
                    - until: 2999-01-01T00:00:00Z
                %s    restore: {write: in_place}
                """.formatted(rename));
        SparkForTests.session();
        return new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), Map.of()),
                Clock.systemUTC(),
                "test",
                "local[2]",
                Map.of());
    }

    /** {@code KEY COLUMN} of every listed cell. */
    private static Set<String> expected(String name) throws IOException {
        Set<String> cells = new TreeSet<>();
        for (List<String> row : csv(Files.readAllBytes(RealData.folder(name).resolve("expected-cells.csv")))) {
            if (!row.get(0).equals("row_pos")) {
                cells.add(row.get(1) + " " + row.get(2));
            }
        }
        return cells;
    }

    private static Set<String> cells(List<String> lines) throws IOException {
        Set<String> cells = new TreeSet<>();
        for (String line : lines) {
            JsonNode node = JsonValues.MAPPER.readTree(line);
            assertThat(node.get("change").asText()).isEqualTo("changed");
            node.get("fields")
                    .forEach(field -> cells.add(node.get("key").get("index").asText() + " "
                            + field.get("path").asText().replace("`", "")));
        }
        return cells;
    }

    private static Map<String, String> newNames(String rename) {
        return rename.lines()
                .map(String::strip)
                .filter(line -> line.contains(": "))
                .collect(Collectors.toMap(line -> line.split(": ", -1)[0], line -> line.split(": ", -1)[1]));
    }

    private static Set<String> renamed(Set<String> cells, Map<String, String> names) {
        return cells.stream()
                .map(cell -> cell.split(" ", 2))
                .map(cell -> cell[0] + " " + names.getOrDefault(cell[1], cell[1]))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long records(byte[] file) {
        return csv(file).size() - 1L;
    }

    /** The cells below the header: the headers of the two versions have other names. */
    private static List<List<String>> body(byte[] file) {
        List<List<String>> rows = csv(file);
        return rows.subList(1, rows.size());
    }

    /** A reader of its own, so that nothing of the product judges the product. RFC 4180. */
    private static List<List<String>> csv(byte[] file) {
        String text = new String(file, StandardCharsets.UTF_8);
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c != '"') {
                    cell.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',' || c == '\n') {
                row.add(cell.toString());
                cell.setLength(0);
                if (c == '\n') {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            } else if (c != '\r') {
                cell.append(c);
            }
        }
        if (cell.length() > 0 || !row.isEmpty()) {
            row.add(cell.toString());
            rows.add(row);
        }
        return rows;
    }
}
