package dev.lastgood;

import java.util.List;
import java.util.Random;

/** Random edits of a valid text, as a tired person or a hostile one makes them. */
public final class Mutations {

    private static final List<String> PIECES = List.of(
            ":",
            ": ",
            "-",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "'",
            "\"",
            "\n",
            "\t",
            " ",
            "  ",
            "#",
            "&a ",
            "*a",
            "!x ",
            "|\n",
            ">",
            "%",
            "@",
            "`",
            "~",
            "null",
            "true",
            "0",
            "-1",
            "99999999999999999999",
            "${env:X}",
            "${",
            "<<: ",
            "---\n",
            "...\n",
            "\u0000",
            "\uFEFF",
            "\uD800",
            "😀",
            "\\",
            "?",
            "\r",
            "a.b[",
            "1e999999999",
            "\u2028");

    private Mutations() {}

    /** The text after one to six edits: a piece put in, taken out, doubled, replaced, or two lines swapped. */
    public static String mutated(String text, Random random) {
        var mutated = new StringBuilder(text);
        for (int edits = 1 + random.nextInt(6); edits > 0; edits--) {
            edit(mutated, random);
        }
        return mutated.toString();
    }

    private static void edit(StringBuilder text, Random random) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + 1 + random.nextInt(12));
        String piece = PIECES.get(random.nextInt(PIECES.size()));
        switch (random.nextInt(6)) {
            case 0 -> text.insert(at, piece);
            case 1 -> text.delete(at, end);
            case 2 -> text.insert(at, text.substring(at, end));
            case 3 -> text.replace(at, end, piece);
            case 4 -> swapLines(text, random);
            default -> text.setLength(random.nextInt(20) == 0 ? at : text.length());
        }
    }

    private static void swapLines(StringBuilder text, Random random) {
        String[] lines = text.toString().split("\n", -1);
        int one = random.nextInt(lines.length);
        int other = random.nextInt(lines.length);
        String line = lines[one];
        lines[one] = lines[other];
        lines[other] = line;
        text.setLength(0);
        text.append(String.join("\n", lines));
    }
}
