package dev.lastgood.imports;

import java.util.List;

/**
 * What became of a file.
 *
 * @param rules the text of a rule file; what is not translated stands at its end in comments
 * @param untranslated in the order of the file
 * @param translated how many checks of the file there are rules for; one check may have given several rules
 */
public record Imported(String rules, List<Untranslated> untranslated, int translated) {

    public Imported {
        untranslated = List.copyOf(untranslated);
    }
}
