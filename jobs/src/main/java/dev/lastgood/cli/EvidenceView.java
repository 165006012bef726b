package dev.lastgood.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.evidence.Evidence;
import dev.lastgood.evidence.Period;
import dev.lastgood.job.Approver;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.JsonValues;
import dev.lastgood.report.HtmlReport;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.workspace.Approval;
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

    /** @param key an approver's private key in PEM, to sign with; null: it stays unsigned */
    static int write(
            Workplace workplace,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            @Nullable Path out,
            @Nullable String key,
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
        Signer signer = key == null
                ? null
                : Approver.signer(workplace.workspace().approval().approvers(), key, "nothing was written");
        ObjectNode unsigned = Evidence.of(
                workplace.catalog().entries(),
                new Period(from, to),
                workplace.workspace().name(),
                workplace.workspace().datasets().keySet(),
                ReportCommand.version(),
                workplace.clock().instant());
        ObjectNode document = signer == null ? unsigned : Evidence.signed(unsigned, signer);
        Path page = page(out);
        try (LineFile json = LineFile.to(out)) {
            json.line(JsonValues.write(document));
            json.finish();
        }
        try (LineFile html = LineFile.to(page)) {
            html.line(html(document));
            html.finish();
        }
        int entries = document.get("entries").size();
        console.line("%d entries of the catalog, digest %s"
                .formatted(entries, document.get("digest").asText()));
        console.line("wrote %s and %s, %s".formatted(out, page, signer == null ? "unsigned" : "signed"));
        console.document(JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("evidence", out.toString())
                .put("page", page.toString())
                .put("entries", entries)
                .put("signed", signer != null)
                .put("digest", document.get("digest").asText()));
        boolean asked = workplace.workspace().approval().approvers().trust().asks();
        if (asked && signer == null) {
            console.line("nobody signed it, and 'approval.keys' names who does: make it again with --key FILE");
        }
        boolean early = Evidence.isEarly(document);
        if (early) {
            console.line("the period is not over: make it again when it is");
        }
        console.next("lastgood report --verify " + out);
        // Of a period in which nothing happened there is no evidence of anything, of one that goes on not of all.
        return entries == 0 || early || (asked && signer == null) ? ExitCode.INCONCLUSIVE : ExitCode.PASS;
    }

    private static Path page(Path document) {
        return document.resolveSibling(document.getFileName().toString().replaceFirst("\\.json$", "") + ".html");
    }

    private static String html(JsonNode document) {
        return new String(new HtmlReport().evidence(document), StandardCharsets.UTF_8).stripTrailing();
    }

    static int verify(Workplace workplace, Path file, Console console) {
        JsonNode document = read(file);
        List<String> problems = new ArrayList<>(Evidence.problems(document));
        List<String> open = new ArrayList<>();
        int entries = document.path("entries").size();
        if (problems.isEmpty()) {
            Evidence.Compared compared = Evidence.compared(
                    document,
                    workplace.catalog().entries(),
                    workplace.workspace().name());
            problems.addAll(compared.wrong());
            open.addAll(compared.open());
            if (entries == 0) {
                open.add("it has no entry: nothing happened in its period");
            }
            verifyPage(document, page(file), problems, open);
        }
        // What is not as it was written has nothing that was signed.
        String signature = problems.isEmpty() ? signature(document, workplace, problems, open) : "not looked at";
        Verdict verdict = !problems.isEmpty() ? Verdict.FAIL : !open.isEmpty() ? Verdict.INCONCLUSIVE : Verdict.PASS;
        problems.forEach(console::line);
        open.forEach(console::line);
        console.line(
                switch (verdict) {
                    case PASS -> "%d entries, all as the catalog of this workspace has them".formatted(entries);
                    case FAIL -> "this is not to be believed";
                    case INCONCLUSIVE ->
                        "%d entries, as the catalog has them; what is said above is open".formatted(entries);
                });
        console.line("signature: " + signature);
        console.line(verdict.name());
        ObjectNode said = JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("verdict", verdict.name())
                .put("entries", entries)
                .put("signature", signature);
        ArrayNode list = said.putArray("problems");
        problems.forEach(list::add);
        ArrayNode left = said.putArray("open");
        open.forEach(left::add);
        console.document(said);
        return ExitCode.of(verdict);
    }

    /** Who signed it, in words; a signature that is none is a problem, and one of somebody unknown leaves it open. */
    private static String signature(JsonNode document, Workplace workplace, List<String> problems, List<String> open) {
        Approval.Approvers approvers = workplace.workspace().approval().approvers();
        String key = document.path("signature").path("key").asText();
        return switch (Evidence.standing(document, approvers.trust())) {
            case TRUSTED -> "by " + approvers.names().get(key);
            case UNSIGNED -> {
                // Whoever takes a signature away can make the rest anew; only that there is none shows.
                open.add("it is not signed, and 'approval.keys' names who signs");
                yield "none";
            }
            case NOT_ASKED ->
                key.isEmpty() ? "none" : "by key %s, which nobody checks: there are no 'approval.keys'".formatted(key);
            case UNKNOWN_KEY -> {
                open.add("it is signed by a key that is not among those of 'approval.keys': " + key);
                yield "by somebody unknown";
            }
            case WRONG_SIGNATURE -> {
                problems.add("its signature is not one of the key it names");
                yield "wrong";
            }
        };
    }

    /** What people read beside the document has to show what it says. A document alone is as good. */
    private static void verifyPage(JsonNode document, Path page, List<String> problems, List<String> open) {
        if (!Files.exists(page)) {
            return;
        }
        String shown;
        try {
            shown = Files.readString(page).stripTrailing();
        } catch (IOException e) {
            open.add("the page beside it, %s, cannot be read".formatted(page));
            return;
        }
        if (shown.equals(html(document))) {
            return;
        }
        if (document.path("version").asText().equals(ReportCommand.version())) {
            problems.add("the page beside it, %s, is not what it shows".formatted(page));
        } else {
            open.add("the page beside it, %s, was made by another version: it was not compared".formatted(page));
        }
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
