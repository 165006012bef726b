package dev.lastgood.incident.scenario;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** The table: how much of what each kind of bug did is found. */
public final class Scenarios {
    private Scenarios() {}

    /** Of all kinds. */
    public static List<String> names() {
        return Kinds.ALL.stream().map(Kind::name).toList();
    }

    /**
     * Runs kinds and prints a row for each.
     *
     * @param kinds their names
     * @param folder each kind gets a folder of its own in it, which must not be there yet
     */
    public static void print(
            Collection<String> kinds, int records, int nights, long seed, Path folder, PrintWriter out) {
        out.println(Measured.HEADER);
        for (Kind kind : Kinds.ALL) {
            if (!kinds.contains(kind.name())) {
                continue;
            }
            Trial trial = Trial.of(
                    Story.of(kind, records, nights, seed),
                    folder.resolve(kind.table().name()));
            out.println(Measured.of(trial).row());
        }
    }
}
