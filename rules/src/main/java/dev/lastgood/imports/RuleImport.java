package dev.lastgood.imports;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.util.Optional;

/**
 * Translates checks of other tools into a rule file. A check keeps its meaning, or is listed as not translated; where a
 * rule is a little weaker or stricter, a comment beside it says so.
 */
public final class RuleImport {

    private RuleImport() {}

    /** In the format the file seems to be in. */
    public static Optional<Imported> of(SourceFile file, Options options, Problems problems) {
        Optional<Format> format = Format.guess(file);
        if (format.isEmpty()) {
            problems.error(
                    new SourceFile(file.name(), "").start(),
                    "nothing tells the format of this file",
                    "Say whether it is odcs (a data contract), dbt (a property file with tests) or dqdl.");
        }
        return format.flatMap(known -> of(known, file, options, problems));
    }

    /**
     * What becomes of the file. What is wrong in it is reported; what can be read all the same is translated. Nothing, if
     * the file as a whole cannot be read.
     */
    public static Optional<Imported> of(Format format, SourceFile file, Options options, Problems problems) {
        return switch (format) {
            case ODCS -> Odcs.read(file, options, problems);
            case DBT -> Dbt.read(file, options, problems);
            case DQDL -> Dqdl.read(file, options, problems);
        };
    }
}
