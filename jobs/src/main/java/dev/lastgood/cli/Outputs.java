package dev.lastgood.cli;

import dev.lastgood.outputs.Checked;
import dev.lastgood.outputs.GitHubAnnotations;
import dev.lastgood.outputs.JUnitXml;
import dev.lastgood.outputs.OpenLineage;
import dev.lastgood.outputs.PrometheusText;
import dev.lastgood.outputs.Webhook;
import dev.lastgood.outputs.WebhookBody;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.JsonValues;
import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What else a command writes, for the machines that watch what a schedule runs. */
final class Outputs {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    @Option(names = "--junit", paramLabel = "FILE", description = "write what was checked there, as JUnit XML")
    @Nullable
    Path junit;

    @Option(
            names = "--prometheus",
            paramLabel = "FILE",
            description = "write it there as metrics, for a text file collector of Prometheus")
    @Nullable
    Path prometheus;

    @Option(
            names = "--openlineage",
            paramLabel = "FILE",
            description = "write it there as an OpenLineage event with facets of data quality")
    @Nullable
    Path openLineage;

    @Option(names = "--github", description = "print annotations for GitHub Actions on standard error")
    boolean github;

    @Option(
            names = "--webhook",
            paramLabel = "VARIABLE",
            description = "send it to the address in this environment variable")
    @Nullable
    String webhook;

    @Option(
            names = "--webhook-body",
            paramLabel = "FORM",
            description = "what is sent: generic, slack or teams (default: ${DEFAULT-VALUE})",
            defaultValue = "generic")
    WebhookBody body = WebhookBody.GENERIC;

    /** When to send. */
    enum When {
        ALWAYS,
        TROUBLE
    }

    @Option(
            names = "--webhook-on",
            paramLabel = "WHEN",
            description = "always, or trouble: whenever the verdict is not PASS (default: ${DEFAULT-VALUE})",
            defaultValue = "always")
    When when = When.ALWAYS;

    private @Nullable Webhook target;

    /**
     * Finds out what cannot be written or sent before anything is done for it. Throws {@link InvalidInput}; what can be told
     * may be told even then.
     */
    void check(Map<String, String> environment) {
        if (webhook != null) {
            target = webhook(webhook, environment);
        }
        for (Path file : new Path[] {junit, prometheus, openLineage}) {
            if (file != null) {
                Path parent = file.toAbsolutePath().getParent();
                if (Files.isDirectory(file) || parent == null || !Files.isWritable(parent)) {
                    throw InvalidInput.of(
                            "%s cannot be written".formatted(file), "Name a file in a folder that is there.");
                }
            }
        }
    }

    private static Webhook webhook(String variable, Map<String, String> environment) {
        if (!variable.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            // It is not repeated: if it is the address, it is a secret.
            throw InvalidInput.of(
                    "--webhook takes the name of an environment variable, and nothing else",
                    "The address is a secret, and a command line is seen by everyone on the machine: put it into a variable.");
        }
        String address = environment.get(variable);
        if (address == null || address.isBlank()) {
            throw InvalidInput.of(
                    "environment variable '%s' of --webhook is not set".formatted(variable),
                    "Set it to the address to send to.");
        }
        return Webhook.to(address, PAUSE)
                .orElseThrow(() -> InvalidInput.of(
                        "environment variable '%s' of --webhook holds no address of http or https".formatted(variable),
                        "Set it to the address to send to; it is not shown here, because it is a secret."));
    }

    /**
     * Writes and sends what was asked for, each whatever became of the others. Whether all of it got where it was to go; if
     * not, it is said.
     *
     * @param names of datasets, as lineage knows them
     */
    boolean tell(Checked checked, Supplier<Map<String, OpenLineage.Name>> names, Console console) {
        boolean told = written(junit, () -> JUnitXml.of(checked), console);
        told &= written(prometheus, () -> PrometheusText.of(checked), console);
        told &= written(openLineage, () -> JsonValues.write(OpenLineage.of(checked, names.get())) + "\n", console);
        if (github) {
            GitHubAnnotations.of(checked).forEach(console::warning);
        }
        if (target == null || (when == When.TROUBLE && checked.verdict() == Verdict.PASS)) {
            return told;
        }
        String wrong = target.send(body.of(checked));
        if (!wrong.isEmpty()) {
            console.warning("warning: the address in %s was not told: %s".formatted(webhook, wrong));
        }
        return told && wrong.isEmpty();
    }

    /**
     * As a file that is there whole or not at all, and that others may read: it holds no value of a record. If it cannot be
     * written, that is said, and what an earlier run has left there goes: it may not stand for this one.
     */
    private static boolean written(@Nullable Path file, Supplier<String> text, Console console) {
        if (file == null) {
            return true;
        }
        Path aside = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(aside, text.get());
            Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException | RuntimeException e) {
            boolean asideGone = removed(aside);
            boolean gone = removed(file) && asideGone;
            console.warning("warning: %s was not written (%s)%s"
                    .formatted(
                            file,
                            e.getClass().getSimpleName(),
                            gone ? "" : "; it may be of an earlier run, or a part"));
            return false;
        }
    }

    private static boolean removed(Path file) {
        try {
            Files.deleteIfExists(file);
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }
}
