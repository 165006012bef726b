package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A rule that may be worth having, as it is written.
 *
 * @param words what its id is made of
 * @param keys of the rule after its id and dataset, in order, each with its value in YAML
 */
record Suggestion(String dataset, List<String> words, Map<String, String> keys, Evidence evidence) {

    /** The same where no more than so many can be witnesses. */
    Suggestion examined(long most) {
        return new Suggestion(dataset, words, keys, evidence.witnesses() <= most ? evidence : evidence.of(most));
    }

    /** About a dataset as a whole, or about records before and after. */
    static Suggestion of(
            String dataset, List<String> words, String family, Map<String, String> keys, Evidence evidence) {
        List<String> all = new ArrayList<>(List.of(dataset));
        all.addAll(words);
        all.add(family);
        return new Suggestion(dataset, all, keys, evidence);
    }

    /** About a field. */
    static Suggestion of(Field field, String family, Map<String, String> keys, Evidence evidence) {
        Map<String, String> all = new LinkedHashMap<>();
        field.of().elements().ifPresent(array -> all.put("each", YamlText.text(array.toString())));
        all.putAll(keys);
        List<String> words = new ArrayList<>(field.of().words());
        words.add(field.path().toString());
        words.add(family);
        return new Suggestion(field.of().dataset(), words, all, evidence);
    }

    static String list(List<FieldPath> paths) {
        return YamlText.texts(paths.stream().map(FieldPath::toString).toList());
    }

    /** The same where no line may be broken, inside braces. */
    static String flow(List<FieldPath> paths) {
        return "["
                + String.join(
                        ", ",
                        paths.stream()
                                .map(path -> YamlText.inner(path.toString()))
                                .toList())
                + "]";
    }

    /**
     * As an item of a list of rules.
     *
     * @param comments a line each
     */
    String yaml(String id, List<String> comments) {
        StringBuilder text = new StringBuilder();
        comments.forEach(
                comment -> text.append("  # ").append(YamlText.comment(comment)).append('\n'));
        text.append("  - id: ").append(id).append('\n');
        text.append("    dataset: ").append(YamlText.text(dataset)).append('\n');
        keys.forEach((key, value) -> text.append("    ")
                .append(key)
                .append(value.startsWith("\n") ? ":" : ": ")
                .append(value)
                .append('\n'));
        return text.toString();
    }
}
