package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Sql;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code map} of a dataset: how older images are read today. */
final class UpgradeReader {

    private final Fields dataset;
    private final PathChecks checks;
    private final Problems problems;

    UpgradeReader(Fields dataset, PathChecks checks, Problems problems) {
        this.dataset = dataset;
        this.checks = checks;
        this.problems = problems;
    }

    /** The oldest first. */
    List<Upgrade> upgrades() {
        List<Upgrade> upgrades = new ArrayList<>();
        Set<Instant> moments = new TreeSet<>();
        for (YamlNode node : dataset.list("map")) {
            Optional<Upgrade> upgrade =
                    Fields.of(node, "an entry of 'map'", problems).flatMap(this::upgrade);
            if (upgrade.isPresent() && !moments.add(upgrade.get().until())) {
                problems.error(
                        upgrade.get().place(),
                        "two entries of 'map' hold until %s"
                                .formatted(upgrade.get().until()));
            }
            upgrade.ifPresent(upgrades::add);
        }
        upgrades.sort(Comparator.comparing(Upgrade::until));
        return upgrades;
    }

    private Optional<Upgrade> upgrade(Fields entry) {
        entry.require("until");
        Optional<Instant> until = entry.scalar("until").flatMap(this::instant);
        Map<String, String> rename = new LinkedHashMap<>();
        entry.mapping("rename", "Write {old_name: new_name}.")
                .ifPresent(inner -> inner.entries()
                        .forEach(pair -> inner.text(pair.key().text())
                                .ifPresent(to -> rename.put(pair.key().text(), to))));
        Map<FieldPath, Sql> expressions = new LinkedHashMap<>();
        entry.mapping("upgrade", "Write {field: SQL}.").ifPresent(inner -> {
            for (YamlNode.Entry pair : inner.entries()) {
                Optional<FieldPath> field =
                        inner.path(pair.key(), "").filter(path -> checks.isPlain(inner, "upgrade", path));
                Optional<YamlNode.Scalar> sql = inner.scalar(pair.key().text());
                if (field.isPresent() && sql.isPresent()) {
                    expressions.put(
                            field.get(), new Sql(sql.get().text(), sql.get().place()));
                }
            }
        });
        List<Upgrade.Example> tests = new ArrayList<>();
        for (YamlNode node : entry.list("tests")) {
            Fields.of(node, "a test of 'map'", problems).flatMap(this::example).ifPresent(tests::add);
        }
        boolean known = entry.done();
        if (known && !entry.has("rename") && !entry.has("upgrade")) {
            problems.error(entry.place(), "an entry of 'map' has neither 'rename' nor 'upgrade'");
        }
        return until.map(moment -> new Upgrade(moment, rename, expressions, tests, entry.place()));
    }

    private Optional<Upgrade.Example> example(Fields test) {
        boolean complete = test.require("from", "to");
        Optional<Fields> from = test.mapping("from");
        Optional<Fields> to = test.mapping("to");
        test.done();
        if (!complete || from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Upgrade.Example(from.get().mapping(), to.get().mapping(), test.place()));
    }

    private Optional<Instant> instant(YamlNode.Scalar scalar) {
        try {
            return Optional.of(OffsetDateTime.parse(scalar.text()).toInstant());
        } catch (DateTimeException e) {
            problems.error(
                    scalar.place(),
                    "'until' must be a moment, not '%s'".formatted(scalar.shown()),
                    "Write it with an offset, as in 2026-06-01T00:00:00Z.");
            return Optional.empty();
        }
    }
}
