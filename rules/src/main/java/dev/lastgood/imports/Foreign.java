package dev.lastgood.imports;

import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reading YAML that others wrote: keys that mean nothing here are fine, and so is a key without a value. */
final class Foreign {

    private Foreign() {}

    /** Whatever stands there, if it is not nothing. */
    static Optional<YamlNode> node(Fields fields, String key) {
        return fields.node(key).filter(node -> !(node instanceof YamlNode.Scalar scalar && scalar.isNull()));
    }

    /** The items of a list; none if there is nothing. */
    static List<YamlNode> items(Fields fields, String key) {
        return node(fields, key).isPresent() ? fields.list(key) : List.of();
    }

    /** A single value, if there is one. */
    static Optional<YamlNode.Scalar> scalar(Fields fields, String key) {
        return node(fields, key).isPresent() ? fields.scalar(key) : Optional.empty();
    }

    static Optional<String> text(Fields fields, String key) {
        return scalar(fields, key).map(YamlNode.Scalar::text);
    }

    static Optional<Fields> mapping(Fields fields, String key) {
        return node(fields, key).isPresent() ? fields.mapping(key) : Optional.empty();
    }

    /** Whether it says true. */
    static boolean isTrue(Fields fields, String key) {
        return node(fields, key).isPresent() && fields.truth(key).orElse(false);
    }

    /** The mappings of a list, each described by the word and its number. */
    static List<Fields> mappings(Fields fields, String key, String word, Problems problems) {
        List<Fields> mappings = new ArrayList<>();
        List<YamlNode> items = items(fields, key);
        for (int i = 0; i < items.size(); i++) {
            Fields.of(items.get(i), "%s %d of %s".formatted(word, i + 1, fields.what()), problems)
                    .ifPresent(mappings::add);
        }
        return mappings;
    }

    /** The texts of a list; what is no text is reported. */
    static List<String> texts(Fields fields, String key) {
        return node(fields, key).isPresent() ? fields.texts(key) : List.of();
    }
}
