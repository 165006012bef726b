package dev.lastgood.rule;

import dev.lastgood.problem.Place;
import dev.lastgood.yaml.YamlNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An example that stands beside its rule. Either a record, or what one was before and after; of those one may be
 * missing, for a record that appeared or vanished.
 */
public record RuleTest(
        YamlNode.@Nullable Mapping record,
        YamlNode.@Nullable Mapping before,
        YamlNode.@Nullable Mapping after,
        Expect expect,
        Place place) {

    /** What the rule says of the example. */
    public enum Expect {
        PASS,
        FAIL,
        UNKNOWN,
        ERROR;

        /** As written in a rule file. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
