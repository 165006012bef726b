package dev.lastgood.suggest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.RealData;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.SuggestJob;
import dev.lastgood.job.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rules learned from the clean version of a real table judge its dirty version, of which every changed cell is known
 * ({@code ../shared/data}, from the project's root; a checkout without it skips this).
 */
@Tag("full")
final class RealSuggestionsTest {
    @TempDir
    Path folder;

    @Test
    void hospital_teaches_its_keys_and_dependencies_and_they_find_most_of_its_damage() throws IOException {
        Path hospital = RealData.folder("hospital");
        List<String> clean = Files.readAllLines(hospital.resolve("clean.csv"));
        WorkspaceForTests workspace =
                WorkspaceForTests.in(folder, "rows: {source: here, path: rows.csv, format: csv, key: [index]}");
        workspace.file("rows.csv", clean.toArray(String[]::new)).take();
        Workplace workplace = workspace.workplace();

        Suggestions suggestions = new SuggestJob(workplace)
                .suggest(workplace.datasets(List.of()), "")
                .suggestions();

        String yaml = suggestions.yaml();
        assertThat(yaml)
                .contains(
                        "unique: [ProviderNumber, MeasureCode]",
                        "depends: {from: [ProviderNumber], to: [HospitalName, Address1, ZipCode, PhoneNumber, HospitalOwner]}",
                        "depends: {from: [ZipCode], to: [City]}",
                        "depends: {from: [MeasureCode], to: [Condition, MeasureName]}",
                        "in: ['no', 'yes']",
                        "matches: '[0-9]{10}'");

        List<String> dirty = new ArrayList<>(Files.readAllLines(hospital.resolve("dirty.csv")));
        dirty.set(0, clean.get(0));
        workspace.file("rows.csv", dirty.toArray(String[]::new)).file("../rules.yaml", yaml);
        Set<String> damaged = damaged(hospital);
        Set<String> found = new HashSet<>();
        WorkspaceForTests.Audited audited = workspace.audit();
        audited.findings()
                .forEach(finding -> found.add(finding.get("key").get("index").asText()));
        long right = found.stream().filter(damaged::contains).count();
        assertThat(damaged).hasSize(407);
        assertThat(right).isGreaterThanOrEqualTo(350);
        assertThat(found.size() - right)
                .as("records that are accused beside a damaged one")
                .isLessThanOrEqualTo(3);
    }

    /** The keys of records with a cell that differs. */
    private static Set<String> damaged(Path data) throws IOException {
        Set<String> keys = new HashSet<>();
        List<String> lines = Files.readAllLines(data.resolve("expected-cells.csv"));
        lines.subList(1, lines.size()).forEach(line -> keys.add(line.split(",", -1)[1]));
        return keys;
    }
}
