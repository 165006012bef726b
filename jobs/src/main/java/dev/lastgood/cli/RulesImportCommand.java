package dev.lastgood.cli;

import dev.lastgood.imports.Format;
import dev.lastgood.imports.Imported;
import dev.lastgood.imports.Options;
import dev.lastgood.imports.RuleImport;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Translates the checks of another tool into a rule file. Needs no workspace. */
@Command(
        name = "import",
        description = "Translates a data contract, dbt tests or DQDL into a rule file; what cannot be is listed.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 3 if not every check could be translated."})
final class RulesImportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "a data contract (ODCS), a property file of dbt, or a DQDL rule set")
    Path file = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "odcs, dbt or dqdl (default: what the file seems to be)")
    @Nullable
    Format format;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description = "the dataset that a file is about which names none, as DQDL")
    @Nullable
    String dataset;

    @Option(
            names = "--rename",
            paramLabel = "THEIRS=OURS",
            description = "what the workspace calls a dataset of the file; may be given several times")
    Map<String, String> renamed = new LinkedHashMap<>();

    @Option(names = "--out", paramLabel = "FILE", description = "write the rules there (default: standard output)")
    @Nullable
    Path out;

    @Override
    public Integer call() {
        Problems problems = new Problems();
        SourceFile source = InputFile.read(file);
        Options options = new Options(dataset, renamed);
        Optional<Imported> imported = format == null
                ? RuleImport.of(source, options, problems)
                : RuleImport.of(format, source, options, problems);
        if (imported.isEmpty()) {
            throw new InvalidInput(problems.list());
        }
        try (LineFile rules = LineFile.to(out)) {
            imported.get().rules().lines().forEach(out == null ? System.out::println : rules::line);
            rules.finish();
        }
        problems.list().stream().map(Problem::render).forEach(System.err::println);
        imported.get().untranslated().forEach(one -> System.err.println("not translated: " + one));
        System.err.printf(
                "%d checks are translated, %d are not%n",
                imported.get().translated(), imported.get().untranslated().size());
        boolean whole = imported.get().untranslated().isEmpty() && !problems.hasErrors();
        return whole ? ExitCode.PASS : ExitCode.INCONCLUSIVE;
    }
}
