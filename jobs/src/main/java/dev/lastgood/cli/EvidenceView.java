package dev.lastgood.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.evidence.Evidence;
import dev.lastgood.evidence.Period;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.JsonValues;
import dev.lastgood.report.HtmlReport;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evidence of a period: written, and verified. */
final class EvidenceView {
    private EvidenceView() {}

    static int write(
            Workplace workplace,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            @Nullable Path out,
            Console console) {
        if (from == null || to == null || to.isBefore(from)) {
            throw InvalidInput.of(
                    "--evidence wants a period",
                    "Say --from DATE and --to DATE, as in --from 2026-07-01 --to 2026-09-30.");
        }
        if (out == null) {
            throw InvalidInput.of(
                    "--evidence wants a file", "Say --out FILE.json; a page of it is written beside, as FILE.html.");
        }
        ObjectNode document = Evidence.of(
                workplace.catalog().entries(),
                new Period(from, to),
                workplace.workspace().name(),
                ReportCommand.version(),
                workplace.clock().instant());
        Path page = out.resolveSibling(out.getFileName().toString().replaceFirst("\\.json$", "") + ".html");
        try (LineFile json = LineFile.to(out)) {
            json.line(JsonValues.write(document));
            json.finish();
        }
        try (LineFile html = LineFile.to(page)) {
            html.line(new String(new HtmlReport().evidence(document), StandardCharsets.UTF_8).stripTrailing());
            html.finish();
        }
        int entries = document.get("entries").size();
        console.line("%d entries of the catalog, digest %s"
                .formatted(entries, document.get("digest").asText()));
        console.line("wrote %s and %s".formatted(out, page));
        console.document(JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("evidence", out.toString())
                .put("page", page.toString())
                .put("entries", entries)
                .put("digest", document.get("digest").asText()));
        console.next("lastgood report --verify " + out);
        // Of a period in which nothing happened there is no evidence of anything.
        return entries == 0 ? ExitCode.INCONCLUSIVE : ExitCode.PASS;
    }

    static int verify(Workplace workplace, Path file, Console console) {
        JsonNode document = read(file);
        List<String> problems = new ArrayList<>(Evidence.problems(document));
        if (problems.isEmpty()) {
            problems.addAll(Evidence.differences(
                    document,
                    workplace.catalog().entries(),
                    workplace.workspace().name()));
        }
        int entries = document.path("entries").size();
        Verdict verdict = !problems.isEmpty() ? Verdict.FAIL : entries == 0 ? Verdict.INCONCLUSIVE : Verdict.PASS;
        problems.forEach(console::line);
        console.line(
                switch (verdict) {
                    case PASS -> "%d entries, all as the catalog of this workspace has them".formatted(entries);
                    case FAIL -> "this is not to be believed";
                    case INCONCLUSIVE -> "it has no entry: nothing happened in its period";
                });
        console.line(verdict.name());
        ObjectNode said = JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("verdict", verdict.name())
                .put("entries", entries);
        ArrayNode list = said.putArray("problems");
        problems.forEach(list::add);
        console.document(said);
        return ExitCode.of(verdict);
    }

    private static JsonNode read(Path file) {
        try {
            JsonNode read = JsonValues.MAPPER.readTree(Files.readString(file));
            return read == null ? MissingNode.getInstance() : read;
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        } catch (IOException e) {
            throw InvalidInput.of("cannot read %s".formatted(file), "Check that it is there and may be read.");
        }
    }
}
