package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.record.JsonValues;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a command says what it has to say: the result on standard output, everything else on standard error. */
final class Console {
    private final PrintStream out;
    private final PrintStream err;
    private final Common common;
    private @Nullable Progress progress;

    Console(PrintStream out, PrintStream err, Common common) {
        this.out = out;
        this.err = err;
        this.common = common;
    }

    /** Shows what is being done and how far it is, until something is printed or the command ends; if it is to be shown. */
    void working(String what) {
        rest();
        if (common.showsProgress() || common.tellsProgress()) {
            progress = Progress.of(what, err, common.showsProgress());
        }
    }

    /** Nothing is being done any more. */
    void rest() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }

    /** The one JSON document of a command, if it was asked for. */
    void document(JsonNode document) {
        rest();
        if (common.json) {
            out.println(JsonValues.write(document));
        }
    }

    /** A line of the result for people; not printed where a JSON document is the result. */
    void line(String line) {
        rest();
        if (!common.json) {
            out.println(line);
        }
    }

    /** What is going on, or what to do next. */
    void note(String line) {
        rest();
        if (!common.quiet) {
            err.println(line);
        }
    }

    /** Which commands come next, as they can be typed where this one was. */
    void next(String commands) {
        String where = common.workspace.toString().isEmpty() ? "" : "   (with -w %s)".formatted(common.workspace);
        note("next: " + commands + where);
    }

    void warning(String line) {
        rest();
        err.println(line);
    }

    /** A table with columns as wide as they must be; numbers to the right. */
    void table(List<String> head, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(List.of(head));
        all.addAll(rows);
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = all.stream()
                        .mapToInt(other -> other.get(column).length())
                        .max()
                        .orElse(0);
                boolean number =
                        rows.stream().allMatch(other -> other.get(column).matches("-?[0-9]*"));
                String cell = row.get(i);
                line.append(i == 0 ? "" : "  ")
                        .append(
                                number
                                        ? " ".repeat(width - cell.length()) + cell
                                        : cell + " ".repeat(width - cell.length()));
            }
            line(line.toString().stripTrailing());
        }
    }
}
