package dev.lastgood.job;

import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.judge.SparkJudge;
import dev.lastgood.problem.Problems;
import dev.lastgood.restore.RuleFacts;
import dev.lastgood.rule.Rule;
import dev.lastgood.spark.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rules of a workspace, ready to judge single records.
 *
 * @param facts what a planner must know of each, by id
 */
record Judging(SparkJudge judge, Map<String, RuleFacts> facts) {
    static Judging of(Workplace workplace, Map<String, Shape> shapes, List<Rule> rules) {
        Problems problems = new Problems();
        List<CompiledRule> compiled = new RuleCompiler(
                        workplace.workspace().datasets(),
                        shapes,
                        workplace.clock().instant(),
                        problems)
                .compile(rules);
        problems.throwIfErrors();
        Map<String, RuleFacts> facts = new HashMap<>();
        compiled.forEach(rule -> facts.put(rule.id(), RuleFacts.of(rule.rule(), rule.reads())));
        return new Judging(new SparkJudge(workplace.session(), shapes, compiled), facts);
    }
}
