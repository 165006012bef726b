package dev.lastgood.rule;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads rule files. Every problem of every file is reported; rules with problems are left out. */
public final class RuleFiles {

    private RuleFiles() {}

    /** A JSON Schema of rule files, for editors. It says what a schema can say of what reading them reports. */
    public static String schema() {
        try (InputStream schema = RuleFiles.class.getResourceAsStream("rules.schema.json")) {
            if (schema == null) {
                throw new IllegalStateException("rules.schema.json is not beside its class");
            }
            return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of files that name no other file; one that they do name counts as missing. */
    public static RuleSet read(List<SourceFile> files, Problems problems) {
        return read(
                files,
                name -> {
                    problems.error(
                            name.place(), "cannot read the file '%s': there is no such file".formatted(name.shown()));
                    return Optional.empty();
                },
                problems);
    }

    /**
     * The rules of all files that could be read.
     *
     * @param others finds a file that a rule names, relative to the folder of the rule's own file; reports why not, at
     *     the place of the name
     */
    public static RuleSet read(
            List<SourceFile> files, Function<YamlNode.Scalar, Optional<SourceFile>> others, Problems problems) {
        var accepted = new AcceptedReader(others, problems);
        Map<String, Rule> byId = new HashMap<>();
        List<Rule> rules = new ArrayList<>();
        for (SourceFile file : files) {
            for (Rule rule : read(file, accepted, problems)) {
                Rule first = byId.putIfAbsent(rule.id(), rule);
                if (first == null) {
                    rules.add(rule);
                } else {
                    problems.error(
                            rule.place(),
                            "the id '%s' is taken".formatted(rule.id()),
                            "It stands first at %s.".formatted(first.place()));
                }
            }
        }
        return RuleSet.of(rules);
    }

    private static List<Rule> read(SourceFile file, AcceptedReader accepted, Problems problems) {
        Optional<YamlNode> root = YamlReader.read(file, problems);
        if (root.isEmpty()) {
            return List.of();
        }
        if (root.get() instanceof YamlNode.Sequence list) {
            problems.error(list.place(), "a rule file must be a mapping, not a list", "Begin it with 'rules:'.");
            return List.of();
        }
        Optional<Fields> top = Fields.of(root.get(), "a rule file", problems);
        if (top.isEmpty()) {
            return List.of();
        }
        if (top.get().has("accepted") && !top.get().has("rules")) {
            problems.error(
                    top.get().keyPlace("accepted"),
                    "a file of accepted violations is no rule file",
                    "Keep it where no pattern for rule files finds it; a rule names it by 'accepted'.");
            return List.of();
        }
        top.get().require("rules");
        List<YamlNode> items = top.get().list("rules");
        top.get().done();
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String number = "rule " + (i + 1);
            Fields.of(items.get(i), number, problems)
                    .flatMap(fields -> RuleReader.read(fields, number, accepted, problems))
                    .ifPresent(rules::add);
        }
        return rules;
    }
}
