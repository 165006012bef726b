package dev.lastgood.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Marks what differs between two texts, by character. The parts of a side, one after the other, are that side's text; what
 * is the same on both sides comes in the same order on both. It is for reading: where less than half is common, or what is
 * common are single characters here and there, the whole is marked.
 */
public final class TextDiff {
    private TextDiff() {}

    /** Above this many pairs of characters the middle of two texts is marked as a whole. */
    private static final long MOST_PAIRS = 250_000;

    private static final int SHORTEST_RUN = 3;

    /** What is the matter with a part of a text. */
    public enum Mark {
        SAME,
        REMOVED,
        ADDED,
        /** Says how much of the text is left out here. */
        CUT
    }

    /** A part of a text. */
    public record Part(Mark mark, String text) {}

    /** Both texts in parts. */
    record Sides(List<Part> before, List<Part> after) {}

    /** A run of characters that is on both sides, or that took the place of another. */
    private record Run(boolean same, int beforeFrom, int beforeTo, int afterFrom, int afterTo) {
        int length() {
            return beforeTo - beforeFrom;
        }

        Run and(Run next) {
            return new Run(false, beforeFrom, next.beforeTo, afterFrom, next.afterTo);
        }
    }

    /** The two texts with their differences marked. */
    static Sides of(String before, String after) {
        int[] a = before.codePoints().toArray();
        int[] b = after.codePoints().toArray();
        List<Run> runs = readable(runs(a, b), a.length, b.length);
        List<Part> ofBefore = new ArrayList<>();
        List<Part> ofAfter = new ArrayList<>();
        for (Run run : runs) {
            add(ofBefore, run.same() ? Mark.SAME : Mark.REMOVED, a, run.beforeFrom(), run.beforeTo());
            add(ofAfter, run.same() ? Mark.SAME : Mark.ADDED, b, run.afterFrom(), run.afterTo());
        }
        return new Sides(List.copyOf(ofBefore), List.copyOf(ofAfter));
    }

    /** Two numbers as written: what follows the digits they begin with has no meaning of its own. */
    static Sides ofNumbers(String before, String after) {
        int start = 0;
        while (start < before.length() && start < after.length() && before.charAt(start) == after.charAt(start)) {
            start++;
        }
        List<Part> ofBefore = new ArrayList<>();
        List<Part> ofAfter = new ArrayList<>();
        int[] a = before.chars().toArray();
        int[] b = after.chars().toArray();
        add(ofBefore, Mark.SAME, a, 0, start);
        add(ofBefore, Mark.REMOVED, a, start, a.length);
        add(ofAfter, Mark.SAME, b, 0, start);
        add(ofAfter, Mark.ADDED, b, start, b.length);
        return new Sides(List.copyOf(ofBefore), List.copyOf(ofAfter));
    }

    private static void add(List<Part> parts, Mark mark, int[] text, int from, int to) {
        if (to > from) {
            parts.add(new Part(mark, new String(text, from, to - from)));
        }
    }

    private static List<Run> runs(int[] a, int[] b) {
        int start = 0;
        while (start < a.length && start < b.length && a[start] == b[start]) {
            start++;
        }
        int end = 0;
        while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] == b[b.length - 1 - end]) {
            end++;
        }
        List<Run> runs = new ArrayList<>();
        runs.add(new Run(true, 0, start, 0, start));
        middle(runs, a, start, a.length - end, b, start, b.length - end);
        runs.add(new Run(true, a.length - end, a.length, b.length - end, b.length));
        runs.removeIf(run -> run.beforeFrom() == run.beforeTo() && run.afterFrom() == run.afterTo());
        return runs;
    }

    /** The longest common subsequence, by the table of the lengths of those of all ends. */
    private static void middle(List<Run> runs, int[] a, int aFrom, int aTo, int[] b, int bFrom, int bTo) {
        int rows = aTo - aFrom;
        int columns = bTo - bFrom;
        if ((long) rows * columns > MOST_PAIRS) {
            runs.add(new Run(false, aFrom, aTo, bFrom, bTo));
            return;
        }
        int[][] common = new int[rows + 1][columns + 1];
        for (int i = rows - 1; i >= 0; i--) {
            for (int j = columns - 1; j >= 0; j--) {
                common[i][j] = a[aFrom + i] == b[bFrom + j]
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < rows || j < columns) {
            int iStart = i;
            int jStart = j;
            boolean same = i < rows && j < columns && a[aFrom + i] == b[bFrom + j];
            while (i < rows && j < columns && same && a[aFrom + i] == b[bFrom + j]) {
                i++;
                j++;
            }
            while (!same && (i < rows || j < columns) && !(i < rows && j < columns && a[aFrom + i] == b[bFrom + j])) {
                boolean left = j == columns || (i < rows && common[i + 1][j] >= common[i][j + 1]);
                i += left ? 1 : 0;
                j += left ? 0 : 1;
            }
            runs.add(new Run(same, aFrom + iStart, aFrom + i, bFrom + jStart, bFrom + j));
        }
    }

    private static List<Run> readable(List<Run> runs, int before, int after) {
        List<Run> joined = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            boolean inside = i > 0 && i < runs.size() - 1;
            Run shown = inside && run.same() && run.length() < SHORTEST_RUN ? run.and(run) : run;
            Run last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && !last.same() && !shown.same()) {
                joined.set(joined.size() - 1, last.and(shown));
            } else {
                joined.add(shown);
            }
        }
        int common = joined.stream().filter(Run::same).mapToInt(Run::length).sum();
        return 2 * common < Math.max(before, after) ? List.of(new Run(false, 0, before, 0, after)) : joined;
    }
}
