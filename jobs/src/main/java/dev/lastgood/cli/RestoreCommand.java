package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.PlanExport;
import dev.lastgood.job.PlanJob;
import dev.lastgood.job.PlanLines;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Selection;
import dev.lastgood.job.Workplace;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.InvalidPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.restore.Action;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.Decision;
import dev.lastgood.restore.Export.Result;
import dev.lastgood.restore.Mode;
import dev.lastgood.restore.Plan;
import dev.lastgood.restore.PlanApproval;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Proof;
import dev.lastgood.restore.Receipt;
import dev.lastgood.restore.Recheck;
import dev.lastgood.restore.SideEffects;
import dev.lastgood.restore.Simulated;
import dev.lastgood.restore.State;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores: plan, show, approve, apply, pause, verify, undo, resolve, export. */
@Command(
        name = "restore",
        description = "Plans a restore, approves it, applies it, takes it back.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RestoreCommand.MakePlan.class,
            RestoreCommand.Show.class,
            RestoreCommand.Approve.class,
            RestoreCommand.Apply.class,
            RestoreCommand.PauseRun.class,
            RestoreCommand.Verify.class,
            RestoreCommand.Undo.class,
            RestoreCommand.Resolve.class,
            RestoreCommand.Export.class
        })
final class RestoreCommand extends CommandGroup {
    private static final int SHOWN = 20;
    private static final int GROUPS_SHOWN = 3;

    @Command(
            name = "plan",
            description = "Makes a plan: what would be written, what not and why. Writes nothing to live.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "By incident or rule, the rules say which fields are wrong; --where then leaves out what it is not true of. "
                        + "--key, --changed, --suspects, and --where by itself name records as a person does: every field that changed "
                        + "goes back, or those of --fields; of suspects what changed in them as in their incident."
            })
    static final class MakePlan extends LastgoodCommand {
        @Option(names = "--audit", paramLabel = "AUDIT", description = "id or its beginning (default: the last one)")
        String audit = "";

        @Option(
                names = "--incident",
                paramLabel = "ID",
                description = "an incident of the audit; may be given several times")
        Set<String> incidents = new LinkedHashSet<>();

        @Option(
                names = "--suspects",
                paramLabel = "ID",
                description = "records that changed as those of this incident and break no rule")
        String suspects = "";

        @Option(
                names = "--rule",
                paramLabel = "ID",
                description = "records that break this rule; may be given several times")
        Set<String> rules = new LinkedHashSet<>();

        @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
        Set<String> datasets = new LinkedHashSet<>();

        @Option(names = "--key", paramLabel = "KEY", description = "this changed record; may be given several times")
        List<String> keys = new ArrayList<>();

        @Option(names = "--where", paramLabel = "SQL", description = "changed records of which this is true")
        String where = "";

        @Option(names = "--changed", description = "every record that differs from the baseline")
        boolean changed;

        @Option(
                names = "--delete-added",
                description = "delete named records that were not there; without it they are left alone")
        boolean deleteAdded;

        @Option(
                names = "--fields",
                paramLabel = "PATH",
                split = ",",
                description = "only these fields of named records")
        List<String> fields = new ArrayList<>();

        @Option(names = "--from", paramLabel = "SNAPSHOT", description = "put named records back from this snapshot")
        String from = "";

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "only records last written at or after this time, as in 2026-11-22T02:00:00Z")
        @Nullable
        Instant since;

        @Option(names = "--until", paramLabel = "TIME", description = "only records last written before this time")
        @Nullable
        Instant until;

        @Option(
                names = "--fixed",
                paramLabel = "TIME",
                description = "since when the bug writes no more: refused if damaged records were written after that")
        @Nullable
        Instant fixed;

        @Option(
                names = "--with-parents",
                description = "bring back records that are gone and that those to be restored refer to, and so on")
        boolean parents;

        @Option(
                names = "--decisions",
                paramLabel = "FILE",
                description = "what was decided of the conflicts of an earlier plan")
        @Nullable
        Path decisions;

        @Option(
                names = "--refresh",
                paramLabel = "PLAN",
                description = "makes no plan: shows what of this one has moved in live since")
        String refresh = "";

        @Option(
                names = "--mode",
                description = "block: a conflict stops its group; skip: only itself (default: ${DEFAULT-VALUE})",
                defaultValue = "block")
        Mode mode = Mode.BLOCK;

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            boolean byRule = !(incidents.isEmpty() && rules.isEmpty());
            boolean named = changed || !keys.isEmpty() || (!where.isEmpty() && !byRule) || !suspects.isEmpty();
            if (!refresh.isEmpty()) {
                boolean selects = named
                        || byRule
                        || !audit.isEmpty()
                        || !datasets.isEmpty()
                        || !where.isEmpty()
                        || !fields.isEmpty()
                        || !from.isEmpty()
                        || since != null
                        || until != null
                        || fixed != null
                        || parents
                        || deleteAdded
                        || decisions != null;
                if (selects) {
                    throw InvalidInput.of(
                            "--refresh looks at a plan as it was made", "Leave out what says what to plan, and how.");
                }
                return refresh(workplace, console);
            }
            if (named && byRule) {
                throw InvalidInput.of(
                        "--incident and --rule cannot be combined with --key, --changed or --suspects",
                        "Make two plans.");
            }
            if (!suspects.isEmpty() && (changed || !keys.isEmpty() || !where.isEmpty())) {
                throw InvalidInput.of(
                        "--suspects cannot be combined with --key, --where or --changed", "Make two plans.");
            }
            if (!named && !fields.isEmpty()) {
                throw InvalidInput.of("--fields needs records that are named", "Add --key, --where or --changed.");
            }
            if (!named && !from.isEmpty()) {
                throw InvalidInput.of("--from needs records that are named", "Add --key, --where or --changed.");
            }
            if (deleteAdded && (!named || !fields.isEmpty())) {
                throw InvalidInput.of(
                        "--delete-added needs whole records that are named",
                        "Add --key, --where, --changed or --suspects.");
            }
            Selection.Terms terms = new Selection.Terms(
                    since, until, fixed, parents, decisions == null ? null : InputFile.read(decisions));
            console.working("planning");
            PlanFiles.Stored stored = new PlanJob(workplace)
                    .plan(new Selection(
                            audit,
                            incidents,
                            suspects.isEmpty() ? Set.of() : Set.of(suspects),
                            rules,
                            datasets,
                            keys,
                            where,
                            changed,
                            deleteAdded,
                            paths(),
                            from,
                            mode,
                            terms));
            print(stored, console);
            printPieces(new RestoreJob(workplace).groupsInPieces(stored.plan()), console);
            console.document(new RestoreJob(workplace).document(stored));
            console.next("lastgood restore show " + stored.id() + ", then lastgood restore approve " + stored.id());
            return exitCode(stored.plan());
        }

        /** What of a plan would be written still. */
        private int refresh(Workplace workplace, Console console) {
            PlanFiles.Stored stored = new RestoreJob(workplace).stored(refresh);
            console.working("looking at live");
            Result result = new RestoreJob(workplace).refresh(stored.id());
            console.line("plan %s now: %d of %d steps as planned, %d healed since, %d in conflict since"
                    .formatted(
                            stored.id(),
                            result.items().size(),
                            stored.plan().steps().size(),
                            result.count(State.NOOP),
                            result.count(State.CONFLICT)));
            result.conflictCounts()
                    .forEach((type, count) -> console.line("%6d %s: %s".formatted(count, type, type.meaning())));
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("plan", stored.id())
                    .put("steps", stored.plan().steps().size())
                    .put("asPlanned", result.items().size())
                    .put("healed", result.count(State.NOOP))
                    .put("conflict", result.count(State.CONFLICT));
            ObjectNode conflicts = document.putObject("conflicts");
            result.conflictCounts().forEach((type, count) -> conflicts.put(type.name(), count));
            console.document(document);
            return result.left().isEmpty() ? ExitCode.PASS : ExitCode.FINDINGS;
        }

        /** Nothing to do is a pass only if everything selected was found healed. */
        private static int exitCode(Plan plan) {
            boolean left = !plan.conflicts().isEmpty()
                    || !plan.unrecoverable().isEmpty()
                    || !plan.heldBack().isEmpty();
            if (left) {
                return ExitCode.FINDINGS;
            }
            return plan.steps().isEmpty() && plan.untouched() > 0 ? ExitCode.INCONCLUSIVE : ExitCode.PASS;
        }

        private Set<FieldPath> paths() {
            Set<FieldPath> paths = new LinkedHashSet<>();
            for (String field : fields) {
                try {
                    paths.add(FieldPath.parse(field));
                } catch (InvalidPath e) {
                    throw InvalidInput.of(
                            "'%s' is not a field path: %s".formatted(field, e.getMessage()),
                            "Write names joined by dots, and [] for the elements of an array.");
                }
            }
            return paths;
        }
    }

    @Command(name = "show", description = "Shows a plan, step by step.", mixinStandardHelpOptions = true)
    static final class Show extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(names = "--out", paramLabel = "FILE", description = "write every step there, as JSON Lines")
        @Nullable
        Path out;

        @Option(
                names = "--left",
                paramLabel = "FILE",
                description =
                        "write there what is in no step and why: conflicts, what is unrecoverable or held back, and"
                                + " changes that nothing accuses")
        @Nullable
        Path left;

        @Option(
                names = "--decisions",
                paramLabel = "FILE",
                description =
                        "write there its conflicts as decisions to be made, each as if live were taken; with real keys")
        @Nullable
        Path decisions;

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            PlanFiles.Stored stored = new RestoreJob(workplace).stored(id);
            PlanLines lines = new PlanLines(workplace);
            List<String> steps = lines.steps(stored);
            List<String> rest = lines.left(stored);
            try (LineFile ofSteps = LineFile.to(out);
                    LineFile ofRest = LineFile.to(left);
                    LineFile ofDecisions = LineFile.to(decisions)) {
                steps.forEach(ofSteps::line);
                rest.forEach(ofRest::line);
                if (decisions != null) {
                    lines.decisions(stored).forEach(ofDecisions::line);
                }
                ofSteps.finish();
                ofRest.finish();
                ofDecisions.finish();
            }
            shown(steps, PlanText::step, out, "steps; --out", console);
            shown(rest, PlanText::left, left, "that are in no step; --left", console);
            printPieces(new RestoreJob(workplace).groupsInPieces(stored.plan()), console);
            console.document(new RestoreJob(workplace).document(stored));
            if (!steps.isEmpty()) {
                console.next("lastgood restore approve " + stored.id());
            }
            return ExitCode.PASS;
        }
    }

    private static void shown(
            List<String> lines,
            Function<String, List<String>> text,
            @Nullable Path file,
            String what,
            Console console) {
        if (file != null) {
            console.line("wrote %d lines to %s".formatted(lines.size(), file));
            return;
        }
        lines.stream().limit(SHOWN).forEach(line -> text.apply(line).forEach(console::line));
        if (lines.size() > SHOWN) {
            console.line("… and %d more %s FILE writes all of them".formatted(lines.size() - SHOWN, what));
        }
    }

    @Command(name = "approve", description = "Says that a plan may be applied.", mixinStandardHelpOptions = true)
    static final class Approve extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(
                names = "--acknowledge",
                paramLabel = "NAME",
                description = "a consumer, or no_delete_evidence; may be given several times")
        Set<String> acknowledged = new LinkedHashSet<>();

        @Option(
                names = "--key",
                paramLabel = "FILE",
                description = "sign with the private key in this file, PEM of Ed25519 (default: LASTGOOD_APPROVAL_KEY)")
        @Nullable
        Path key;

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            RestoreJob restore = new RestoreJob(workplace);
            PlanFiles.Stored stored = restore.stored(id);
            PlanApproval approval = restore.approve(id, acknowledged, ApprovalKey.pem(key, workplace, common));
            console.line("plan %s is approved until %s by %s, %s"
                    .formatted(
                            stored.id(),
                            stored.plan().header().expiresAt(),
                            approval.by(),
                            approval.authenticated() ? "signed" : "unauthenticated"));
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("plan", stored.id()).put("digest", stored.digest());
            document.put("by", approval.by()).put("authenticated", approval.authenticated());
            console.document(document);
            console.next("lastgood restore apply " + stored.id());
            return ExitCode.PASS;
        }
    }

    @Command(
            name = "resolve",
            description = "Shows the steps of a run that ended ambiguous, and writes down what became of them.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "A step is ambiguous if its answer was lost and its record could not tell. Without --as, each is shown with "
                        + "what live holds now. 'restore undo' takes back what such a step has left, said to be written or not."
            })
    static final class Resolve extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(names = "--step", paramLabel = "NUMBER", description = "this step; may be given several times")
        Set<Integer> steps = new LinkedHashSet<>();

        @Option(names = "--as", paramLabel = "OUTCOME", description = "written or not_written")
        RestoreJob.@Nullable Outcome outcome;

        @Option(names = "--note", paramLabel = "WHY", description = "how that was found out")
        String note = "";

        @Override
        int run(Console console) {
            RestoreJob restore = new RestoreJob(common.workplace());
            PlanFiles.Stored stored = restore.stored(id);
            if (outcome == null && !(steps.isEmpty() && note.isEmpty())) {
                throw InvalidInput.of("--step and --note go with --as", "Say '--as written' or '--as not_written'.");
            }
            if (outcome != null && (steps.isEmpty() || note.isBlank())) {
                throw InvalidInput.of(
                        "--as needs the steps it is said of, and how that was found out",
                        "Add --step NUMBER and --note WHY.");
            }
            if (outcome != null) {
                restore.resolve(stored.id(), steps, outcome, note);
            }
            List<RestoreJob.Open> open = restore.open(stored.id());
            long unsaid = open.stream().filter(one -> one.settled() == null).count();
            console.line("run %s: %d ambiguous steps, %d of them resolved"
                    .formatted(stored.id(), open.size(), open.size() - unsaid));
            if (!open.isEmpty()) {
                console.table(
                        List.of("step", "dataset", "now", "resolved"),
                        open.stream().map(Resolve::row).toList());
            }
            console.document(json(stored, open));
            return unsaid == 0 ? ExitCode.PASS : ExitCode.INCONCLUSIVE;
        }

        private static List<String> row(RestoreJob.Open one) {
            var said = one.settled();
            return List.of(
                    Integer.toString(one.doubt().step().number()),
                    one.doubt().step().dataset(),
                    one.doubt().holds().meaning(),
                    said == null ? "" : said.outcome() + ": " + said.note());
        }

        private static ObjectNode json(PlanFiles.Stored stored, List<RestoreJob.Open> open) {
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("plan", stored.id());
            var steps = document.putArray("ambiguousSteps");
            for (RestoreJob.Open one : open) {
                ObjectNode step = steps.addObject()
                        .put("step", one.doubt().step().number())
                        .put("dataset", one.doubt().step().dataset())
                        .put("now", one.doubt().holds().name().toLowerCase(Locale.ROOT));
                if (one.settled() != null) {
                    step.put("outcome", one.settled().outcome())
                            .put("note", one.settled().note());
                }
            }
            return document;
        }
    }

    @Command(
            name = "export",
            description = "Writes down what a plan would write, for whoever may write it. Writes nothing to live.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Decided on live as it is now: what has moved since the plan was made is left out. The file holds real "
                        + "values, also of fields that are masked elsewhere; only you can read it.",
                "jsonl: each record as it is and as it is to become. patch: JSON Patches with tests. sql: guarded "
                        + "statements for the database it is in."
            })
    static final class Export extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(names = "--out", paramLabel = "FILE", required = true, description = "where")
        @Nullable
        Path out;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description = "jsonl, patch or sql (default: ${DEFAULT-VALUE})")
        PlanExport.Format format = PlanExport.Format.JSONL;

        @Override
        int run(Console console) {
            RestoreJob restore = new RestoreJob(common.workplace());
            PlanFiles.Stored stored = restore.stored(id);
            RestoreJob.Exported exported;
            try (LineFile file = LineFile.to(out)) {
                console.working("exporting");
                exported = restore.export(stored.id(), format);
                exported.lines().forEach(file::line);
                file.finish();
            }
            Result result = exported.result();
            console.line("plan %s: %d of %d steps are in %s; %d are healed already, %d in conflict"
                    .formatted(
                            stored.id(),
                            result.items().size(),
                            stored.plan().steps().size(),
                            out,
                            result.count(State.NOOP),
                            result.count(State.CONFLICT)));
            result.conflictCounts()
                    .forEach((type, count) -> console.line("%6d %s: %s".formatted(count, type, type.meaning())));
            if (!exported.effects().isEmpty()) {
                console.line(
                        "what writing them sets off, or nobody can prove: " + String.join(", ", exported.effects()));
            }
            console.document(json(stored, result));
            return result.count(State.CONFLICT) == 0 ? ExitCode.PASS : ExitCode.FINDINGS;
        }

        private ObjectNode json(PlanFiles.Stored stored, Result result) {
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("plan", stored.id())
                    .put("format", format.name().toLowerCase(Locale.ROOT))
                    .put("file", String.valueOf(out))
                    .put("steps", stored.plan().steps().size())
                    .put("exported", result.items().size())
                    .put("healed", result.count(State.NOOP))
                    .put("conflict", result.count(State.CONFLICT));
            ObjectNode conflicts = document.putObject("conflicts");
            result.conflictCounts().forEach((type, count) -> conflicts.put(type.name(), count));
            return document;
        }
    }

    /** What a plan comes to. */
    static void print(PlanFiles.Stored stored, Console console) {
        Plan plan = stored.plan();
        console.line(
                "plan %s: %d steps, %d conflicts, %d unrecoverable; fields: %d proved, %d as of their capture, %d stale"
                        .formatted(
                                stored.id(),
                                plan.steps().size(),
                                plan.conflicts().size(),
                                plan.unrecoverable().size(),
                                plan.count(Proof.PROVED),
                                plan.count(Proof.AS_OF),
                                plan.stale()));
        console.table(
                List.of("insert", "update", "delete", "healed", "held back"),
                List.of(List.of(
                        Long.toString(plan.count(Action.INSERT)),
                        Long.toString(plan.count(Action.UPDATE)),
                        Long.toString(plan.count(Action.DELETE)),
                        Long.toString(plan.healed()),
                        Long.toString(plan.heldBack().size()))));
        if (plan.untouched() > 0) {
            console.line("%6d left alone: nothing accuses them, or they were added".formatted(plan.untouched()));
        }
        plan.conflictCounts()
                .forEach((type, count) -> console.line("%6d %s: %s".formatted(count, type, type.meaning())));
        if (!plan.simulated().isEmpty()) {
            console.table(
                    List.of("rule", "broken by records", "now", "with the plan"),
                    plan.simulated().stream()
                            .map(one -> List.of(
                                    one.rule(),
                                    one.over() == Simulated.Over.PLAN ? "of the plan" : "of live",
                                    Long.toString(one.before()),
                                    Long.toString(one.after())))
                            .toList());
            plan.simulated().stream()
                    .filter(one -> !one.open().isEmpty())
                    .forEach(one ->
                            console.line("not all of rule '%s' was asked: %s".formatted(one.rule(), one.open())));
        }
        plan.unread()
                .forEach(one -> console.line(
                        "%s could not be read: whether it knows later values than are put back is not known"
                                .formatted(one)));
        if (!plan.decided().isEmpty()) {
            console.line("%6d conflicts decided: %d for the good image, %d for live"
                    .formatted(plan.decided().size(), plan.count(Decision.Take.GOOD), plan.count(Decision.Take.LIVE)));
        }
        Set<String> open = SideEffects.toAcknowledge(plan.header().datasets(), plan.steps());
        if (!open.isEmpty()) {
            console.line("to be acknowledged when it is approved: " + String.join(", ", open));
        }
    }

    /** What to do about a run that has left something open. */
    private static String left(Receipt receipt, String command, String plan) {
        return receipt.stopped() != null || receipt.pending() > 0
                ? command + plan + " goes on"
                : receipt.ambiguous() > 0
                        ? "lastgood restore resolve " + plan
                        : "lastgood restore show " + plan + ", then lastgood audit";
    }

    /** Groups that are not written as one. */
    private static void printPieces(SortedMap<String, SortedSet<String>> groups, Console console) {
        if (!groups.isEmpty()) {
            String shown = groups.entrySet().stream()
                    .limit(GROUPS_SHOWN)
                    .map(group -> "%s (%s)".formatted(group.getKey(), String.join(", ", group.getValue())))
                    .collect(Collectors.joining(", "));
            console.line("%6d groups are in no one transaction and may be written in part: %s%s"
                    .formatted(groups.size(), shown, groups.size() > GROUPS_SHOWN ? ", …" : ""));
        }
    }

    private static int done(Receipt receipt, Console console) {
        print(receipt, console);
        console.document(receipt.json());
        return receipt.exitCode();
    }

    /** What a run has done. */
    static void print(Receipt receipt, Console console) {
        console.line("run %s: %d steps, %d done, %d noop, %d conflict, %d failed, %d ambiguous, %d pending; %d verified"
                .formatted(
                        receipt.run(),
                        receipt.steps(),
                        receipt.done(),
                        receipt.noop(),
                        receipt.conflict(),
                        receipt.failed(),
                        receipt.ambiguous(),
                        receipt.pending(),
                        receipt.verified()));
        if (receipt.stopped() != null) {
            console.line("stopped: " + receipt.stopped());
        }
    }

    @Command(
            name = "apply",
            description = "Applies an approved plan, or goes on with one that was interrupted.",
            mixinStandardHelpOptions = true)
    static final class Apply extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(names = "--yes", description = "do not ask")
        boolean yes;

        @Option(
                names = "--take-over",
                description = "go on with a run whose process, on another machine, is known to be no more")
        boolean takesOver;

        @Override
        int run(Console console) {
            RestoreJob restore = new RestoreJob(common.workplace());
            PlanFiles.Stored stored = restore.stored(id);
            Confirmation.require(
                    "Write %d records?".formatted(stored.plan().steps().size()), "nothing was written", yes);
            console.working("applying");
            Applier.Watch watch = new Applier.Watch() {};
            Receipt receipt = takesOver ? restore.takeOver(stored.id(), watch) : restore.apply(stored.id(), watch);
            int exitCode = done(receipt, console);
            console.next(
                    exitCode != ExitCode.INCONCLUSIVE
                            ? "lastgood audit; lastgood restore undo " + stored.id() + " takes it back"
                            : left(receipt, "lastgood restore apply ", stored.id()));
            return exitCode;
        }
    }

    @Command(
            name = "pause",
            description = "Pauses whoever applies a plan, or takes it back, before the next batch.",
            mixinStandardHelpOptions = true,
            footer = {"", "'restore apply' and 'restore undo' go on with it."})
    static final class PauseRun extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(names = "--why", paramLabel = "TEXT", required = true, description = "for whoever runs it")
        String why = "";

        @Override
        int run(Console console) {
            RestoreJob restore = new RestoreJob(common.workplace());
            PlanFiles.Stored stored = restore.stored(id);
            restore.pause(stored.id(), why);
            console.line("plan %s: whoever applies it pauses before the next batch".formatted(stored.id()));
            console.document(JsonNodeFactory.instance
                    .objectNode()
                    .put("formatVersion", 1)
                    .put("plan", stored.id()));
            console.next("lastgood restore apply " + stored.id() + " goes on");
            return ExitCode.PASS;
        }
    }

    @Command(
            name = "verify",
            description =
                    "Reads again what the run of a plan has written, and tells what is no more as it was restored.",
            mixinStandardHelpOptions = true)
    static final class Verify extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "write there every step that is no more as restored, or of which other fields moved,"
                        + " as JSON Lines")
        @Nullable
        Path out;

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            RestoreJob restore = new RestoreJob(workplace);
            PlanFiles.Stored stored = restore.stored(id);
            console.working("reading");
            List<Recheck> found = restore.verify(stored.id());
            PlanLines lines = new PlanLines(workplace);
            try (LineFile file = LineFile.to(out)) {
                found.stream()
                        .filter(one -> one.found() != Recheck.Found.INTENDED
                                || !one.moved().isEmpty())
                        .map(lines::line)
                        .forEach(file::line);
                file.finish();
            }
            Map<Recheck.Found, Long> counts = new EnumMap<>(Recheck.Found.class);
            found.forEach(one -> counts.merge(one.found(), 1L, Long::sum));
            long moved = found.stream().filter(one -> !one.moved().isEmpty()).count();
            console.line("run %s: %d steps done, read again".formatted(stored.id(), found.size()));
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("plan", stored.id()).put("done", found.size());
            for (Recheck.Found one : Recheck.Found.values()) {
                long count = counts.getOrDefault(one, 0L);
                if (count > 0) {
                    console.line("%6d %s".formatted(count, one.meaning()));
                }
                document.put(one.name().toLowerCase(Locale.ROOT), count);
            }
            if (moved > 0) {
                console.line("%6d of which other fields were written since".formatted(moved));
            }
            document.put("moved", moved);
            console.document(document);
            if (found.isEmpty()) {
                return ExitCode.INCONCLUSIVE;
            }
            return counts.getOrDefault(Recheck.Found.INTENDED, 0L) == found.size() ? ExitCode.PASS : ExitCode.FINDINGS;
        }
    }

    @Command(
            name = "undo",
            description = "Takes back what the run of a plan has written; what anybody wrote since stays.",
            mixinStandardHelpOptions = true)
    static final class Undo extends LastgoodCommand {
        @Parameters(paramLabel = "PLAN", description = "id or its beginning")
        String id = "";

        @Option(names = "--yes", description = "do not ask")
        boolean yes;

        @Option(
                names = "--take-over",
                description = "take back a run whose process, on another machine, is known to be no more")
        boolean takesOver;

        @Override
        int run(Console console) {
            RestoreJob restore = new RestoreJob(common.workplace());
            PlanFiles.Stored stored = restore.stored(id);
            Confirmation.require("Take back the run of plan %s?".formatted(stored.id()), "nothing was written", yes);
            console.working("undoing");
            Applier.Watch watch = new Applier.Watch() {};
            Receipt receipt = takesOver ? restore.undoTakingOver(stored.id(), watch) : restore.undo(stored.id(), watch);
            int code = done(receipt, console);
            console.next(
                    code != ExitCode.INCONCLUSIVE
                            ? "lastgood audit"
                            : left(receipt, "lastgood restore undo ", stored.id()));
            return code;
        }
    }
}
