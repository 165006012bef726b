package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.capture.Adopter;
import dev.lastgood.job.AdoptJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a snapshot of a backup that others made; its files stay where they are. */
@Command(
        name = "adopt",
        description = "Makes a snapshot of a backup that others made. Its files stay where they are.",
        mixinStandardHelpOptions = true)
final class SnapshotAdoptCommand extends LastgoodCommand {
    private static final String UNKNOWN = "damage that was done before the backup was adopted and can still be read";

    @Parameters(
            paramLabel = "FOLDER",
            description = {
                "a folder of files, or one file: a path or a URI;",
                "or a version of a table: delta:URI@v12, delta:URI@TIME, iceberg:URI@ID"
            })
    String folder = "";

    @Option(names = "--dataset", paramLabel = "NAME", required = true, description = "whose backup it is")
    String dataset = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "parquet, orc, avro, json (a document a line) or csv; default: as the dataset's own files")
    Location.@Nullable FileFormat format;

    @Option(
            names = "--captured",
            paramLabel = "TIME",
            description = "when it was made, as 2026-11-20T02:00:00Z; default: when its newest file was written")
    @Nullable
    String captured;

    @Option(
            names = "--partition",
            paramLabel = "NAME=TYPE",
            description = "the type of a field in the names of folders, text unless said; may be given several times")
    Map<String, String> partitions = new LinkedHashMap<>();

    @Option(
            names = "--header",
            negatable = true,
            description = "whether the first line of each CSV file names the fields")
    @Nullable
    Boolean header;

    @Option(names = "--delimiter", paramLabel = "CHARACTER", description = "what stands between the cells of CSV")
    @Nullable
    String delimiter;

    @Option(names = "--null", paramLabel = "TEXT", description = "which unquoted text in CSV means null")
    @Nullable
    String nullText;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        DatasetSpec whose = workplace.datasets(List.of(dataset)).get(0);
        console.working("adopting a backup");
        Adopter.Adopted adopted = new AdoptJob(workplace)
                .adopt(
                        whose,
                        new AdoptJob.Said(folder, format, header, delimiter, nullText, partitions, time(captured)));
        tell(adopted, console);
        return ExitCode.PASS;
    }

    static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            throw InvalidInput.of("'%s' is no time".formatted(text), "Write it in UTC: 2026-11-20T02:00:00Z.");
        }
    }

    private static void tell(Adopter.Adopted adopted, Console console) {
        Manifest manifest = adopted.manifest();
        ObjectNode document = JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("snapshot", manifest.snapshot().text())
                .put("dataset", manifest.dataset())
                .put("origin", manifest.origin().name())
                .put("address", manifest.source().address())
                .put("captured", manifest.capture().to().toString())
                .put("mode", manifest.capture().mode().name())
                .put("files", manifest.counts().files())
                .put("records", manifest.counts().records())
                .put("duplicateKeys", manifest.counts().duplicateKeys())
                .put("bytes", manifest.counts().bytes())
                .put("manifest", manifest.digest().toString());
        adopted.remarks().forEach(document.putArray("remarks")::add);
        document.put("notKnown", UNKNOWN);
        console.line("snapshot %s, adopted from %s"
                .formatted(manifest.snapshot(), manifest.source().address()));
        console.table(
                List.of("dataset", "files", "records", "bytes", "mode"),
                List.of(List.of(
                        manifest.dataset(),
                        Long.toString(manifest.counts().files()),
                        Long.toString(manifest.counts().records()),
                        Long.toString(manifest.counts().bytes()),
                        manifest.capture().mode().name())));
        console.line("captured %s; consistency: %s"
                .formatted(manifest.capture().to(), manifest.capture().consistency()));
        adopted.remarks().forEach(console::line);
        console.line("not known: " + UNKNOWN);
        console.document(document);
        console.next("lastgood snapshot verify " + manifest.snapshot());
    }
}
