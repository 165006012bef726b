package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogRebuild;
import dev.lastgood.snapshot.Checkup;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Entry;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What is wrong with the store, and a new catalog where the old one is damaged. */
@Command(
        name = "doctor",
        description = "Looks for what is wrong with the store, and makes a damaged catalog anew.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "It looks at format, catalog and manifests, and changes nothing; 'snapshot verify' looks at the data. A new "
                    + "catalog takes over what can still be believed of the old one, which is kept in lost/ of the store."
        })
final class DoctorCommand extends LastgoodCommand {
    @Option(names = "--rebuild-catalog", description = "make a new catalog; refused while the old one is whole")
    boolean rebuilds;

    @Option(names = "--yes", description = "do not ask")
    boolean yes;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        if (rebuilds) {
            return rebuild(workplace, console);
        }
        if (yes) {
            throw InvalidInput.of("--yes goes with --rebuild-catalog", "Leave it out: looking changes nothing.");
        }
        return check(workplace, console);
    }

    private static int check(Workplace workplace, Console console) {
        console.working("looking at the store");
        Checkup checkup = Checkup.of(workplace.store(), workplace.workspace().name(), workplace.clock());
        ObjectNode document = JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("verdict", checkup.verdict().name())
                .put("entries", checkup.entries())
                .put("manifests", checkup.snapshots())
                .put("rebuildable", checkup.rebuildable());
        put(document, "damages", checkup.damages());
        ArrayNode remarks = document.putArray("remarks");
        checkup.damages().forEach(damage -> console.line(damage.toString()));
        for (Checkup.Remark remark : checkup.remarks()) {
            remarks.addObject().put("place", remark.name()).put("remark", remark.text());
            console.line("remark: %s: %s".formatted(remark.name(), remark.text()));
        }
        console.line("%s: %d entries of the catalog and %d manifests were read"
                .formatted(checkup.verdict(), checkup.entries(), checkup.snapshots()));
        console.document(document);
        if (checkup.rebuildable()) {
            console.note("Bring damaged entries back from a copy of the store if there is one. If not:");
            console.next("lastgood doctor --rebuild-catalog");
        }
        return ExitCode.of(checkup.verdict());
    }

    private static void put(ObjectNode document, String name, List<Damage> damages) {
        ArrayNode all = document.putArray(name);
        damages.forEach(damage -> all.addObject()
                .put("file", damage.file())
                .put("kind", damage.kind().name())
                .put("detail", damage.detail()));
    }

    private int rebuild(Workplace workplace, Console console) {
        console.working("looking at the store");
        CatalogRebuild rebuild =
                CatalogRebuild.plan(workplace.store(), workplace.workspace().name(), workplace.clock(), workplace.by());
        CatalogRebuild.Outcome outcome = rebuild.outcome();
        if (rebuild.isResumed()) {
            console.line("the new catalog is there; the entries of the old one, copied already, are removed");
        }
        print(outcome, console);
        Confirmation.require(
                "Make a new catalog of %d events and %d manifests?"
                        .formatted(outcome.takenOver(), outcome.takenUp().size()),
                "nothing was written",
                yes);
        rebuild.carryOut();
        console.line("the new catalog begins with %s; the old one lies in %s"
                .formatted(Entry.name(rebuild.number()), rebuild.lost()));
        console.line("nothing counts as verified any more, and no plan as approved");
        ObjectNode document = JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("entry", rebuild.number())
                .put("old", rebuild.lost())
                .put("takenOver", outcome.takenOver())
                .put("dropped", outcome.dropped());
        ArrayNode takenUp = document.putArray("takenUp");
        outcome.takenUp().forEach(takenUp::add);
        put(document, "lost", outcome.lost());
        put(document, "leftOut", outcome.leftOut());
        console.document(document);
        console.next("lastgood snapshot list, then lastgood snapshot verify of each snapshot");
        return outcome.lost().isEmpty() && outcome.leftOut().isEmpty() ? ExitCode.PASS : ExitCode.FINDINGS;
    }

    private static void print(CatalogRebuild.Outcome outcome, Console console) {
        console.line("%d events are taken over".formatted(outcome.takenOver()));
        if (outcome.dropped() > 0) {
            console.line(
                    "%d verifications and approvals are not: they must be made again".formatted(outcome.dropped()));
        }
        outcome.takenUp().forEach(folder -> console.line("taken up: %s, which no event names".formatted(folder)));
        outcome.lost().forEach(damage -> console.line("lost: " + damage));
        outcome.leftOut().forEach(damage -> console.line("left out: " + damage));
    }
}
