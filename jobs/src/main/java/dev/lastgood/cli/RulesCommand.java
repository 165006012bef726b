package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.RulesJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.outputs.Checked;
import dev.lastgood.problem.Problem;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Verdict;
import java.util.List;
import picocli.CommandLine.Command;

/** Checks and tests rules, learns them, and brings them along. */
@Command(
        name = "rules",
        description = "Checks and tests rules, learns them from snapshots, and brings them along from elsewhere.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RulesCommand.CheckAll.class,
            RulesCommand.TestAll.class,
            RulesSuggestCommand.class,
            RulesKeysCommand.class,
            RulesImportCommand.class,
            RulesSchemaCommand.class
        })
final class RulesCommand extends CommandGroup {
    @Command(
            name = "check",
            description = "Binds every rule to the fields of its dataset, and reports all problems.",
            mixinStandardHelpOptions = true)
    static final class CheckAll extends LastgoodCommand {
        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            List<Problem> warnings = new RulesJob(workplace).check();
            warnings.forEach(problem -> console.warning(problem.render()));
            int rules = workplace.workspace().rules().rules().size();
            Verdict verdict = rules == 0 ? Verdict.INCONCLUSIVE : Verdict.PASS;
            console.line(rules == 0 ? "there is no rule to check" : "%d rules are sound".formatted(rules));
            console.line(verdict.name());
            console.document(JsonNodeFactory.instance
                    .objectNode()
                    .put("formatVersion", 1)
                    .put("verdict", verdict.name())
                    .put("rules", rules));
            return ExitCode.of(verdict);
        }
    }

    @Command(
            name = "test",
            description = "Runs the tests that stand beside the rules, without reading a source.",
            mixinStandardHelpOptions = true)
    static final class TestAll extends CheckingCommand {
        @Override
        String name() {
            return "rules test";
        }

        @Override
        Concluded check(Console console) {
            RulesJob.Tested tested = new RulesJob(common.workplace()).test();
            tested.failures().forEach(failure -> console.line(failure.render()));
            console.line("%d tests of %d rules, %d failed; %d rules have none"
                    .formatted(
                            tested.tests(),
                            tested.rules(),
                            tested.failures().size(),
                            tested.untested().size()));
            console.line(tested.verdict().name());
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("verdict", tested.verdict().name()).put("tests", tested.tests());
            ArrayNode failures = document.putArray("failures");
            tested.failures()
                    .forEach(failure -> failures.addObject()
                            .put("message", failure.message())
                            .put("place", String.valueOf(failure.place())));
            ArrayNode untested = document.putArray("untested");
            tested.untested().forEach(untested::add);
            console.document(document);
            return new Concluded(Checked.tests(thisRun(), document, here()), ExitCode.of(tested.verdict()));
        }
    }
}
