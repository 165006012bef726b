package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastgood.job.ExportJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.ExitCode;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the records of a snapshot where other programs can read them. */
@Command(
        name = "export",
        description = "Writes the records of one dataset of a snapshot to a new folder, with their real values.",
        mixinStandardHelpOptions = true)
final class SnapshotExportCommand extends LastgoodCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = "latest, an id or its beginning")
    String address = "";

    @Option(names = "--dataset", paramLabel = "NAME", required = true, description = "which dataset")
    String dataset = "";

    @Option(names = "--to", paramLabel = "FOLDER", required = true, description = "where; it must not be there yet")
    String to = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "parquet, orc, json (lines) or csv (default: ${DEFAULT-VALUE})")
    ExportJob.Format format = ExportJob.Format.PARQUET;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        console.working("exporting");
        ExportJob.Exported exported = new ExportJob(workplace)
                .export(workplace.datasets(List.of(dataset)).get(0), address, to, format);
        console.line("%d records of snapshot %s of %s are in %s"
                .formatted(exported.records(), exported.snapshot().id(), dataset, to));
        console.document(JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("snapshot", exported.snapshot().id().text())
                .put("dataset", dataset)
                .put("format", format.name().toLowerCase(Locale.ROOT))
                .put("folder", to)
                .put("records", exported.records()));
        return ExitCode.PASS;
    }
}
