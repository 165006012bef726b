package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Place;
import dev.lastgood.rule.Sql;
import dev.lastgood.yaml.YamlNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How an image captured before a moment is read today: renamed first, then each expression over the renamed record.
 *
 * @param until images captured before this are upgraded
 * @param rename from the old name to the new one
 * @param upgrade the new value of a field
 */
public record Upgrade(
        Instant until, Map<String, String> rename, Map<FieldPath, Sql> upgrade, List<Example> tests, Place place) {

    public Upgrade {
        rename = Workspace.ordered(rename);
        upgrade = Workspace.ordered(upgrade);
        tests = List.copyOf(tests);
    }

    /** A record as it was, and the fields it must have after the upgrade. */
    public record Example(YamlNode.Mapping from, YamlNode.Mapping to, Place place) {}
}
