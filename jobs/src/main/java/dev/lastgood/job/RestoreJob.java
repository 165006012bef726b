package dev.lastgood.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Refusal;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.record.JsonValues;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.ApprovalFile;
import dev.lastgood.restore.Doubt;
import dev.lastgood.restore.Export;
import dev.lastgood.restore.Journal;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Owner;
import dev.lastgood.restore.Plan;
import dev.lastgood.restore.PlanApproval;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Policy;
import dev.lastgood.restore.Receipt;
import dev.lastgood.restore.Recheck;
import dev.lastgood.restore.Run;
import dev.lastgood.restore.SideEffects;
import dev.lastgood.restore.State;
import dev.lastgood.restore.Throttle;
import dev.lastgood.restore.Undo;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.Approval;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.RestorePolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Approves a plan, carries it out and takes it back. */
public final class RestoreJob {
    private final Workplace workplace;
    private final Targets targets;

    public RestoreJob(Workplace workplace) {
        this.workplace = workplace;
        this.targets = new Targets(workplace);
    }

    /**
     * Writes down that a plan may be applied, with what its approver acknowledges.
     *
     * @param key the approver's private key in PEM; null: there is none to sign with
     */
    public PlanApproval approve(String id, Set<String> acknowledged, @Nullable String key) {
        PlanFiles.Stored plan = PlanFiles.read(workplace.store(), resolve(id));
        Instant expires = plan.plan().header().expiresAt();
        CatalogState state = workplace.catalog().state();
        // What was begun in time may be taken back later, and that may want an acknowledgement.
        if (!workplace.clock().instant().isBefore(expires)
                && state.run(plan.id()).isEmpty()) {
            throw new Refusal(
                    "plan %s expired at %s; nothing was approved".formatted(plan.id(), expires),
                    "Make the plan again on live as it is now.");
        }
        checkAcknowledged(plan, acknowledged);
        Approval.Approvers approvers = workplace.workspace().approval().approvers();
        Signer signer = Approver.signer(approvers, key, "nothing was approved");
        String by = signer == null
                ? workplace.by()
                : Objects.requireNonNull(approvers.names().get(signer.id()));
        if (!isAnother(by, workplace.by(), plan)) {
            throw new Refusal(
                    "plan %s was made by %s, and somebody else must approve it; nothing was approved"
                            .formatted(plan.id(), plan.plan().header().author()),
                    "Ask a colleague to run 'lastgood restore approve %s'.".formatted(plan.id()));
        }
        PlanApproval approval = new PlanApproval(
                plan.digest(),
                by,
                workplace.by(),
                signer != null,
                workplace.clock().instant(),
                acknowledged);
        workplace
                .store()
                .publish(
                        "plans/" + plan.id() + "/approvals/" + java.util.UUID.randomUUID() + ".json",
                        ApprovalFile.bytes(plan.id(), approval, signer));
        workplace
                .catalog()
                .append(new Event.Approved(
                        plan.id(),
                        Sha256.parse("sha256:" + plan.digest().replace("sha256:", "")),
                        plan.plan().header().expiresAt(),
                        null));
        return approval;
    }

    /** Whether who approves is somebody else than who made the plan, where that is asked for: by key and by user. */
    private boolean isAnother(String by, String user, PlanFiles.Stored plan) {
        String author = plan.plan().header().author();
        return workplace.workspace().approval().by() != Approval.By.SOMEONE_ELSE
                || (!by.equalsIgnoreCase(author) && !user.equalsIgnoreCase(author));
    }

    /** Nobody acknowledges what a plan does not set off: the name is misspelt. */
    private static void checkAcknowledged(PlanFiles.Stored plan, Set<String> acknowledged) {
        Set<String> known = new TreeSet<>(Set.of(PlanApproval.NO_DELETE_EVIDENCE));
        plan.plan().header().datasets().values().forEach(bound -> known.addAll(bound.consumers()));
        Problems problems = new Problems();
        Suggestions.refuseUnknown(
                acknowledged, known, "plan %s has nothing to acknowledge named".formatted(plan.id()), problems);
        problems.throwIfErrors();
    }

    /** A plan's full id from its beginning. */
    public String resolve(String id) {
        List<String> matching = workplace.catalog().state().plans().stream()
                .map(CatalogState.Plan::id)
                .filter(plan -> plan.startsWith(id))
                .toList();
        if (matching.size() != 1) {
            throw InvalidInput.of(
                    matching.isEmpty()
                            ? "there is no plan '%s'".formatted(id)
                            : "'%s' is the beginning of %d plans".formatted(id, matching.size()),
                    "'lastgood restore plan' makes one and prints its id.");
        }
        return matching.get(0);
    }

    public PlanFiles.Stored stored(String id) {
        return PlanFiles.read(workplace.store(), resolve(id));
    }

    /** The groups of a plan that no one transaction can hold, with the datasets they are in. */
    public SortedMap<String, SortedSet<String>> groupsInPieces(Plan plan) {
        return plan.groupsInPieces(dataset -> workplace
                .workspace()
                .dataset(dataset)
                .map(spec -> Targets.store(workplace.workspace(), spec))
                .orElse(""));
    }

    /** Applies an approved plan, or goes on with it. */
    public Receipt apply(String id, Applier.Watch watch) {
        return apply(id, watch, false);
    }

    /** The same, from a process that is known to be no more though this one cannot tell: it would lose its next batch. */
    public Receipt takeOver(String id, Applier.Watch watch) {
        return apply(id, watch, true);
    }

    private Receipt apply(String id, Applier.Watch watch, boolean takesOver) {
        PlanFiles.Stored plan = stored(id);
        Run run = Run.of(plan);
        checkRules(plan, "nothing was applied");
        return carryOut(run, plan, approval(plan), watch, null, takesOver);
    }

    /** Takes back what the run of a plan has done. */
    public Receipt undo(String id, Applier.Watch watch) {
        return undo(id, watch, false);
    }

    /** The same, from a process that is known to be no more though this one cannot tell. */
    public Receipt undoTakingOver(String id, Applier.Watch watch) {
        return undo(id, watch, true);
    }

    private Receipt undo(String id, Applier.Watch watch, boolean takesOver) {
        PlanFiles.Stored plan = stored(id);
        Run run = Undo.of(plan, Journal.open(workplace.store(), plan.id()));
        return carryOut(run, plan, approval(plan), watch, plan.id(), takesOver);
    }

    /**
     * What came of an export.
     *
     * @param lines of the file, with real values
     * @param effects what writing the records will set off
     */
    public record Exported(Export.Result result, List<String> lines, Set<String> effects) {}

    /**
     * What a plan would write if it were applied now, for somebody else to write. Writes nothing to live, and wants no
     * approval.
     */
    public Exported export(String id, PlanExport.Format format) {
        PlanFiles.Stored plan = stored(id);
        checkRules(plan, "nothing was exported");
        Map<String, String> sources = new HashMap<>();
        for (DatasetSpec dataset :
                workplace.datasets(plan.plan().header().datasets().keySet())) {
            sources.put(dataset.name(), workplace.workspace().source(dataset).name());
        }
        try (Opened opened = new Opened(plan, targets::readable)) {
            Export.Result result = Export.of(plan, opened.site(), "nothing was exported");
            List<String> lines = PlanExport.lines(format, plan.plan().header().mode(), result, opened.targets, sources);
            Set<String> effects = new TreeSet<>(SideEffects.toAcknowledge(
                    plan.plan().header().datasets(),
                    result.items().stream().map(Export.Item::step).toList()));
            // What was added since the plan was made is set off all the same.
            opened.targets.forEach((name, target) -> effects.addAll(SideEffects.undeclared(
                    target.facts(),
                    Objects.requireNonNull(opened.policies.get(name)).consumers())));
            return new Exported(result, lines, effects);
        }
    }

    /** What was approved, by all approvals together that count; the latest says by whom. */
    private PlanApproval approval(PlanFiles.Stored plan) {
        Approval.Approvers approvers = workplace.workspace().approval().approvers();
        Set<String> acknowledged = new TreeSet<>();
        List<String> invalid = new ArrayList<>();
        PlanApproval last = null;
        for (String name : workplace.store().list("plans/" + plan.id() + "/approvals")) {
            byte[] bytes = workplace
                    .store()
                    .read("plans/" + plan.id() + "/approvals/" + name)
                    .orElseThrow(() -> new IllegalStateException(name + " was listed"));
            try {
                PlanApproval approval = ApprovalFile.read(plan.id(), bytes, approvers);
                if (!isAnother(approval.by(), approval.user(), plan)) {
                    invalid.add("approval %s is by %s, who made the plan".formatted(name, approval.by()));
                } else if (approval.digest().equals(plan.digest())) {
                    acknowledged.addAll(approval.acknowledged());
                    last = last == null || approval.at().isAfter(last.at()) ? approval : last;
                }
            } catch (ApprovalFile.NotValid e) {
                invalid.add("approval %s %s".formatted(name, e.getMessage()));
            }
        }
        if (last == null) {
            throw new Refusal(
                    "plan %s is not approved%s; nothing was applied"
                            .formatted(plan.id(), invalid.isEmpty() ? "" : ": " + String.join("; ", invalid)),
                    "Look at it with 'lastgood restore show %s', then run 'lastgood restore approve %s'."
                            .formatted(plan.id(), plan.id()));
        }
        return new PlanApproval(plan.digest(), last.by(), last.user(), last.authenticated(), last.at(), acknowledged);
    }

    /** What the rules of the plan found wrong is wrong no more, or otherwise, if they have changed. */
    private void checkRules(PlanFiles.Stored plan, String nothing) {
        Map<String, String> now = new HashMap<>();
        workplace.workspace().rules().rules().forEach(rule -> now.put(rule.id(), rule.hash()));
        plan.plan().header().rules().forEach((id, hash) -> {
            if (!hash.equals(now.get(id))) {
                throw new Refusal(
                        "rule '%s' is %s plan %s was made; %s"
                                .formatted(
                                        id,
                                        now.containsKey(id) ? "not what it was when" : "gone since",
                                        plan.id(),
                                        nothing),
                        "Make the plan again.");
            }
        });
    }

    private Receipt carryOut(
            Run run,
            PlanFiles.Stored plan,
            PlanApproval approval,
            Applier.Watch watch,
            @Nullable String undoes,
            boolean takesOver) {
        // What is wanted from here on is wanted of this process.
        Set<String> known = Set.copyOf(workplace.store().list(pauses(plan.id())));
        var originals = new FileTargets.StoredOriginals(workplace.store(), "runs/" + plan.id() + "/originals");
        try (Opened opened = new Opened(plan, dataset -> targets.writable(dataset, originals))) {
            Applier.Site site = opened.site();
            String name = Long.toHexString(workplace.random().nextLong());
            Applier.Manner manner = Applier.Manner.of(Owner.process(), name).watched(held(run, known, watch));
            Applier applier = new Applier(run, approval, site, manner);
            applier.check();
            if (undoes != null) {
                Journal applied = Journal.open(workplace.store(), plan.id());
                if (takesOver) {
                    Undo.fenceThoughHeld(applied, manner.owner(), name);
                } else {
                    Undo.fence(applied, manner.owner(), name);
                }
                Run fenced = Undo.of(plan, Journal.open(workplace.store(), plan.id()));
                applier = new Applier(fenced, approval, site, manner);
            }
            if (workplace.catalog().state().run(run.id()).isEmpty()) {
                workplace.catalog().append(new Event.Started(run.id(), plan.id(), undoes));
            }
            Receipt receipt = takesOver ? applier.takeOver() : applier.apply();
            ended(run, receipt);
            return receipt;
        }
    }

    /** The same watch, of a run that is held back as the workspace and people want it. */
    private Applier.Watch held(Run run, Set<String> known, Applier.Watch watch) {
        Map<String, RestorePolicy.Throttle> throttles = new HashMap<>();
        workplace
                .datasets(List.of())
                .forEach(dataset ->
                        throttles.put(dataset.name(), dataset.restore().throttle()));
        Throttle throttle = new Throttle(throttles, () -> wanted(run, known), workplace.clock(), RestoreJob::sleep);
        return new Applier.Watch() {
            @Override
            public Optional<String> pause(String dataset, int steps) {
                return throttle.pause(dataset, steps).or(() -> watch.pause(dataset, steps));
            }

            @Override
            public void ended(dev.lastgood.restore.Step step, State state) {
                watch.ended(step, state);
            }

            @Override
            public void verified(int steps) {
                watch.verified(steps);
            }
        };
    }

    static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- pause

    /** Of the run that applies a plan, and of the one that undoes it. */
    private static String pauses(String plan) {
        return "plans/" + plan + "/pauses";
    }

    /** Wants for a pause that were not there when the run went on. */
    private Optional<String> wanted(Run run, Set<String> known) {
        return workplace.store().list(pauses(run.plan())).stream()
                .filter(name -> !known.contains(name))
                .findFirst()
                .flatMap(name -> workplace.store().read(pauses(run.plan()) + "/" + name))
                .map(bytes -> parsed(bytes, "a wanted pause"))
                .map(wanted -> "paused by %s: %s"
                        .formatted(
                                wanted.path("by").asText(), wanted.path("why").asText()));
    }

    /** Wants whoever applies a plan, or takes it back, to pause before its next batch. It goes on when that is run again. */
    public void pause(String id, String why) {
        PlanFiles.Stored plan = stored(id);
        ObjectNode wanted = JsonNodeFactory.instance.objectNode();
        wanted.put("formatVersion", 1).put("by", workplace.by()).put("why", why);
        wanted.put("at", workplace.clock().instant().toString());
        byte[] bytes = JsonValues.write(wanted).getBytes(StandardCharsets.UTF_8);
        workplace.store().publish(pauses(plan.id()) + "/" + java.util.UUID.randomUUID() + ".json", bytes);
    }

    // ---- verify

    /** What live holds now of the steps that the run of a plan has done. */
    public List<Recheck> verify(String id) {
        PlanFiles.Stored plan = stored(id);
        try (Opened opened = new Opened(plan, targets::readable)) {
            return Recheck.of(Run.of(plan), opened.site());
        }
    }

    /** What a plan would write if it were applied now. Writes nothing. */
    public Export.Result refresh(String id) {
        PlanFiles.Stored plan = stored(id);
        checkRules(plan, "nothing was looked at");
        try (Opened opened = new Opened(plan, targets::readable)) {
            return Export.of(plan, opened.site(), "nothing was looked at");
        }
    }

    /** The datasets of a plan, opened, with what judges their records. */
    private final class Opened implements AutoCloseable {
        private final Map<String, Target> targets = new TreeMap<>();
        private final Map<String, Policy> policies = new HashMap<>();
        private final Map<String, Shape> shapes = new HashMap<>();
        private final PlanFiles.Stored plan;

        Opened(PlanFiles.Stored plan, java.util.function.Function<DatasetSpec, Target> opener) {
            this.plan = plan;
            try {
                for (String name : plan.plan().header().datasets().keySet()) {
                    DatasetSpec dataset = workplace.datasets(List.of(name)).get(0);
                    targets.put(name, opener.apply(dataset));
                    policies.put(name, Policy.of(dataset));
                    shapes.put(name, workplace.sources().live(dataset).shape());
                }
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        Applier.Site site() {
            List<Rule> rules = workplace.workspace().rules().rules().stream()
                    .filter(rule -> rule.isLocal() && shapes.containsKey(rule.dataset()))
                    .toList();
            Judge judge = Judging.of(workplace, shapes, rules).judge();
            return new Applier.Site(
                    workplace.store(), policies, targets, judge, new RunRelations(workplace, plan), workplace.clock());
        }

        @Override
        public void close() {
            targets.values().forEach(Target::close);
        }
    }

    private void ended(Run run, Receipt receipt) {
        if (workplace
                .catalog()
                .state()
                .run(run.id())
                .filter(one -> one.receipt() != null)
                .isPresent()) {
            return;
        }
        if (receipt.stopped() != null) {
            workplace.catalog().append(new Event.Paused(run.id(), receipt.stopped()));
            return;
        }
        byte[] bytes = JsonValues.write(receipt.json()).getBytes(StandardCharsets.UTF_8);
        Published published = workplace.store().publish("runs/" + run.id() + "/receipt.json", bytes);
        // A process that was killed right after it published its receipt has not told the catalog.
        byte[] kept = published instanceof Published.Lost lost ? lost.existing() : bytes;
        JsonNode told = parsed(kept, "the receipt");
        SortedMap<String, Long> counts = new TreeMap<>();
        for (String state : List.of("done", "noop", "conflict", "failed", "ambiguous", "pending")) {
            counts.put(state, told.path(state).asLong());
        }
        long steps = told.path("steps").asLong();
        boolean isClean = told.path("done").asLong() + told.path("noop").asLong() == steps
                && told.path("verified").asLong() == told.path("done").asLong();
        workplace
                .catalog()
                .append(new Event.Ended(
                        run.id(), isClean ? Event.End.VERIFIED : Event.End.APPLIED, counts, Sha256.of(kept)));
    }

    private static JsonNode parsed(byte[] document, String what) {
        try {
            return JsonValues.MAPPER.readTree(new String(document, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new Refusal("%s of the run is not as it was written: it is not JSON".formatted(what), null);
        }
    }

    // ---- resolve

    /**
     * A step of a run that ended ambiguous.
     *
     * @param settled what a person has said of it; null: nobody has
     */
    public record Open(Doubt doubt, Event.@Nullable Resolved settled) {}

    /** What a person may have found out of a step that ended ambiguous. */
    public enum Outcome {
        /** It was written. */
        WRITTEN,
        /** It was not, and will not be. */
        NOT_WRITTEN
    }

    /** The ambiguous steps of the run of a plan, with what live holds of them now and what has been said of them. */
    public List<Open> open(String id) {
        PlanFiles.Stored plan = stored(id);
        List<Event.Resolved> said = run(plan).resolved();
        try (Opened opened = new Opened(plan, targets::readable)) {
            return Doubt.of(Run.of(plan), opened.site()).stream()
                    .map(doubt -> new Open(
                            doubt,
                            said.stream()
                                    .filter(one -> one.steps()
                                            .contains((long) doubt.step().number()))
                                    .reduce((first, last) -> last)
                                    .orElse(null)))
                    .toList();
        }
    }

    private CatalogState.Run run(PlanFiles.Stored plan) {
        return workplace
                .catalog()
                .state()
                .run(plan.id())
                .orElseThrow(() -> InvalidInput.of(
                        "plan %s has not been applied".formatted(plan.id()),
                        "'lastgood restore apply %s' applies it.".formatted(plan.id())));
    }

    /**
     * Writes down what a person has found out of ambiguous steps.
     *
     * @param steps by number
     * @throws InvalidInput if one of them is not ambiguous
     */
    public void resolve(String id, Collection<Integer> steps, Outcome outcome, String note) {
        PlanFiles.Stored plan = stored(id);
        Set<String> known = new TreeSet<>();
        open(id).forEach(one -> known.add(Integer.toString(one.doubt().step().number())));
        Problems problems = new Problems();
        Set<String> named = new TreeSet<>();
        steps.forEach(step -> named.add(Integer.toString(step)));
        Suggestions.refuseUnknown(named, known, "run %s has no ambiguous step".formatted(plan.id()), problems);
        problems.throwIfErrors();
        workplace
                .catalog()
                .append(new Event.Resolved(
                        plan.id(),
                        new TreeSet<>(steps).stream().map(Integer::longValue).toList(),
                        outcome.name().toLowerCase(Locale.ROOT),
                        note));
    }

    /** What {@code restore plan --json} prints. */
    public ObjectNode document(PlanFiles.Stored stored) {
        ObjectNode document = json(stored);
        SortedMap<String, SortedSet<String>> pieces = groupsInPieces(stored.plan());
        if (!pieces.isEmpty()) {
            ObjectNode groups = document.putObject("groupsInPieces");
            pieces.forEach((group, datasets) -> datasets.forEach(groups.putArray(group)::add));
        }
        return document;
    }

    /** The same without what depends on the workspace. */
    public static ObjectNode json(PlanFiles.Stored stored) {
        Plan plan = stored.plan();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("formatVersion", 1).put("plan", stored.id()).put("digest", stored.digest());
        node.putObject("steps")
                .put("insert", plan.count(dev.lastgood.restore.Action.INSERT))
                .put("update", plan.count(dev.lastgood.restore.Action.UPDATE))
                .put("delete", plan.count(dev.lastgood.restore.Action.DELETE));
        ObjectNode conflicts = node.putObject("conflicts");
        plan.conflictCounts().forEach((type, count) -> conflicts.put(type.name(), count));
        if (!plan.decided().isEmpty()) {
            node.putObject("decided")
                    .put("good", plan.count(dev.lastgood.restore.Decision.Take.GOOD))
                    .put("live", plan.count(dev.lastgood.restore.Decision.Take.LIVE));
        }
        node.put("heldBack", plan.heldBack().size());
        node.put("unrecoverable", plan.unrecoverable().size());
        node.put("healed", plan.healed());
        node.put("records", plan.steps().size());
        node.put("fields", plan.fieldCount());
        node.putObject("good")
                .put("proved", plan.count(dev.lastgood.restore.Proof.PROVED))
                .put("asOf", plan.count(dev.lastgood.restore.Proof.AS_OF))
                .put("stale", plan.stale());
        node.put("insertsWithoutEvidence", plan.insertsWithoutEvidence());
        ArrayNode simulated = node.putArray("simulated");
        plan.simulated()
                .forEach(one -> simulated
                        .addObject()
                        .put("rule", one.rule())
                        .put("over", one.over().name().toLowerCase(Locale.ROOT))
                        .put("before", one.before())
                        .put("after", one.after())
                        .put("open", one.open().isEmpty() ? null : one.open()));
        ArrayNode unread = node.putArray("unread");
        plan.unread().forEach(unread::add);
        node.put("expires", plan.header().expiresAt().toString());
        return node;
    }
}
