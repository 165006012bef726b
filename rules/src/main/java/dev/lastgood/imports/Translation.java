package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.RuleIds;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Collects what becomes of the checks of one file, and writes it. Gives rules their ids. */
final class Translation {

    private final Format format;
    private final SourceFile file;
    private final List<String> rules = new ArrayList<>();
    private final List<Untranslated> untranslated = new ArrayList<>();
    private final RuleIds ids = new RuleIds(Set.of());
    private int translated;
    private boolean takesSql;

    Translation(Format format, SourceFile file) {
        this.format = format;
        this.file = file;
    }

    /** One check has become these rules. */
    void translated(List<Draft> drafts) {
        drafts.forEach(draft -> rules.add(draft.yaml(ids.next(draft.origin().words()))));
        translated++;
    }

    /** One check has become this rule. */
    void translated(Draft draft) {
        translated(List.of(draft));
    }

    void untranslated(Place place, String what, String why) {
        untranslated.add(new Untranslated(place, what, why));
    }

    /** Rules hold SQL that was written for another database. */
    void takesSql() {
        takesSql = true;
    }

    Imported finish() {
        untranslated.sort(
                Comparator.comparingInt((Untranslated one) -> one.place().line())
                        .thenComparingInt(one -> one.place().column()));
        var text = new StringBuilder(head());
        text.append(rules.isEmpty() ? "rules: []\n" : "rules:\n" + String.join("\n", rules));
        if (!untranslated.isEmpty()) {
            text.append("\n# Not translated:\n");
            untranslated.forEach(one ->
                    text.append("# ").append(YamlText.comment(one.toString())).append('\n'));
        }
        return new Imported(text.toString(), untranslated, translated);
    }

    private String head() {
        List<String> lines = new ArrayList<>();
        lines.add("From %s (%s): of %d checks %s are translated%s."
                .formatted(
                        file.name(),
                        format.title(),
                        translated + untranslated.size(),
                        untranslated.isEmpty() ? "all" : translated,
                        untranslated.isEmpty() ? "" : ", the others are listed at the end"));
        lines.add(
                "A check that finds no record to look at is inconclusive here; write allow_empty: true where that is fine.");
        if (takesSql) {
            lines.add("SQL is taken over as it was written: read it as Spark SQL.");
        }
        return lines.stream().map(line -> "# " + YamlText.comment(line) + "\n").collect(Collectors.joining());
    }
}
