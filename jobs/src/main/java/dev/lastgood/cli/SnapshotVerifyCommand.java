package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.ScrubJob;
import dev.lastgood.job.VerifyJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.outputs.Checked;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Scrub;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.yaml.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies one snapshot at once, or all of them in portions. */
@Command(
        name = "verify",
        description = {
            "Verifies a snapshot, at every level up to the one given.",
            "With --budget: all snapshots in portions, what is most urgent first; the next run goes on."
        },
        mixinStandardHelpOptions = true)
final class SnapshotVerifyCommand extends CheckingCommand {
    @Parameters(paramLabel = "SNAPSHOT", arity = "0..1", description = "latest (default), an id or its beginning")
    @Nullable
    String address;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = {
                "L0 structure, L1 footers, L2 every byte, L3 content, L4 rules,",
                "L5 restored for trial (default: ${DEFAULT-VALUE})"
            })
    Level level = Level.L3;

    @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
    List<String> datasets = new ArrayList<>();

    @Option(
            names = "--budget",
            paramLabel = "TIME",
            description = "begin nothing more after this time, as in 30m; what was read is remembered")
    @Nullable
    Duration budget;

    @Option(
            names = "--max-age",
            paramLabel = "TIME",
            description = "with --budget: how long what was looked at counts (default: 30d)")
    @Nullable
    Duration maxAge;

    private static final Duration MONTH = Duration.ofDays(30);

    @Override
    String name() {
        return "snapshot verify";
    }

    @Override
    Concluded check(Console console) {
        Workplace workplace = common.workplace();
        if (budget != null) {
            return inPortions(workplace, budget, console);
        }
        if (maxAge != null) {
            throw InvalidInput.of("--max-age says nothing without --budget", "Say both, or neither.");
        }
        console.working("verifying");
        List<VerifyJob.Verified> verified = new VerifyJob(workplace)
                .verify(workplace.datasets(datasets), address == null ? "latest" : address, level);
        Verdict verdict = verified.stream()
                .map(one -> one.report().verdict())
                .reduce(Verdict::and)
                .orElse(Verdict.INCONCLUSIVE);
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        document.put("verdict", verdict.name());
        told(verified, document, console);
        ArrayNode drill = document.putArray("drill");
        verified.forEach(one -> one.notes().forEach(note -> {
            console.line(note);
            drill.add(note);
        }));
        console.line(verdict.name());
        console.document(document);
        return new Concluded(Checked.verification(thisRun(), document), ExitCode.of(verdict));
    }

    /** Each verification as a row, with all its damage below. */
    private static void told(List<VerifyJob.Verified> verified, ObjectNode document, Console console) {
        ArrayNode reports = document.putArray("verifications");
        List<List<String>> rows = new ArrayList<>();
        for (VerifyJob.Verified one : verified) {
            ObjectNode node = reports.addObject()
                    .put("snapshot", one.snapshot().id().text())
                    .put("dataset", one.snapshot().dataset())
                    .put("level", one.report().level().name())
                    .put("verdict", one.report().verdict().name())
                    .put("files", one.report().filesExamined())
                    .put("bytes", one.report().bytesExamined())
                    .put("records", one.report().recordsExamined());
            ArrayNode damages = node.putArray("damages");
            for (Damage damage : one.report().damages()) {
                damages.addObject()
                        .put("file", damage.file())
                        .put("kind", damage.kind().name())
                        .put("detail", damage.detail());
            }
            rows.add(List.of(
                    one.snapshot().id().text(),
                    one.snapshot().dataset(),
                    one.report().level().name(),
                    one.report().verdict().name(),
                    Long.toString(one.report().filesExamined()),
                    Long.toString(one.report().bytesExamined()),
                    Long.toString(one.report().recordsExamined())));
        }
        if (!rows.isEmpty()) {
            console.table(List.of("snapshot", "dataset", "level", "verdict", "files", "bytes", "records"), rows);
        }
        for (VerifyJob.Verified one : verified) {
            one.report()
                    .damages()
                    .forEach(damage ->
                            console.line("%s %s".formatted(one.report().level(), named(one, damage))));
        }
    }

    /** Files of the store by their name in it, others by their URI. */
    private static String named(VerifyJob.Verified one, Damage damage) {
        boolean inStore = StoreName.isName(damage.file());
        return inStore ? one.snapshot().folder() + "/" + damage : damage.toString();
    }

    private Concluded inPortions(Workplace workplace, Duration time, Console console) {
        if (address != null) {
            throw InvalidInput.of(
                    "--budget verifies all snapshots in turn, not '%s'".formatted(address),
                    "Leave SNAPSHOT out, or --budget.");
        }
        if (level == Level.L5) {
            throw InvalidInput.of(
                    "a drill has no portions: --budget goes to L4",
                    "Run 'lastgood snapshot verify --level L5' by a schedule of its own.");
        }
        Duration age = maxAge == null ? MONTH : maxAge;
        console.working("verifying");
        ScrubJob.Scrubbed scrubbed = new ScrubJob(workplace).run(workplace.datasets(datasets), level, time, age);
        Instant now = workplace.clock().instant();
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        document.put("verdict", scrubbed.verdict().name())
                .put("examined", scrubbed.examined())
                .put("due", scrubbed.due());
        ArrayNode levels = document.putArray("coverage");
        List<List<String>> rows = new ArrayList<>();
        for (Scrub.Coverage one : scrubbed.coverage()) {
            Instant oldest = one.oldest();
            levels.addObject()
                    .put("level", one.level().name())
                    .put("units", one.units())
                    .put("covered", one.covered())
                    .put("damaged", one.damaged())
                    .put("bytes", one.bytes())
                    .put("coveredBytes", one.coveredBytes())
                    .put("oldest", oldest == null ? null : oldest.toString());
            rows.add(List.of(
                    one.level().name(),
                    "%d of %d %s".formatted(one.covered(), one.units(), one.level() == Level.L2 ? "files" : "datasets"),
                    share(one.covered(), one.units()),
                    share(one.coveredBytes(), one.bytes()),
                    Long.toString(one.damaged()),
                    oldest == null ? "" : Durations.age(Duration.between(oldest, now))));
        }
        told(scrubbed.verified(), document, console);
        console.table(List.of("level", "covered", "share", "of bytes", "damaged", "oldest"), rows);
        ArrayNode damaged = document.putArray("damaged");
        scrubbed.damaged().forEach((snapshot, at) -> {
            damaged.addObject()
                    .put("snapshot", snapshot.id().text())
                    .put("dataset", snapshot.dataset())
                    .put("level", at.name());
            console.line("damaged: snapshot %s of %s, at %s".formatted(snapshot.id(), snapshot.dataset(), at));
        });
        console.line("%d looked at in this run, %d due, within %s"
                .formatted(scrubbed.examined(), scrubbed.due(), Durations.shown(age)));
        console.line(scrubbed.verdict().name());
        console.document(document);
        return new Concluded(Checked.verification(thisRun(), document), ExitCode.of(scrubbed.verdict()));
    }

    /** Rounded down: all of it is said of nothing less. */
    private static String share(long part, long whole) {
        return whole == 0 ? "0.0 %" : String.format(Locale.ROOT, "%.1f %%", Math.floor(1000.0 * part / whole) / 10);
    }
}
