package dev.lastgood.problem;

import org.jspecify.annotations.Nullable;

/**
 * Something a person wrote that cannot be right, or is probably not what was meant.
 *
 * @param place where it stands; null if it stands in no file, as an argument does
 * @param message one line, lower case, without a full stop
 * @param hint sentences that say what to do; null if the message says it
 */
public record Problem(
        @Nullable Place place,
        Level level,
        String message,
        @Nullable String hint) {

    /** The longest piece of a source line that is shown, in code points. */
    private static final int SHOWN = 160;

    /** As shown to people: what is wrong, the line it stands in, and what to do. No newline at the end. */
    public String render() {
        var text = new StringBuilder();
        if (place != null) {
            text.append(visible(place.toString())).append(": ");
        }
        text.append(level.word()).append(": ").append(visible(message));
        if (place != null) {
            appendLine(text, place);
        }
        if (hint != null) {
            text.append("\nhint: ").append(visible(hint));
        }
        return text.toString();
    }

    private static void appendLine(StringBuilder text, Place place) {
        String line = place.file().line(place.line()).orElse("").replace('\t', ' ');
        if (line.isBlank()) {
            return;
        }
        int[] codePoints = line.codePoints().map(Problem::shown).toArray();
        int start = Math.min(place.column() - 1, codePoints.length);
        int from = start < SHOWN - 40 ? 0 : start - 40;
        int to = Math.min(codePoints.length, from + SHOWN);
        String shown =
                (from > 0 ? "…" : "") + new String(codePoints, from, to - from) + (to < codePoints.length ? "…" : "");
        int marked = Math.max(1, Math.min(place.length(), to - start));
        text.append("\n%5d | %s".formatted(place.line(), shown.stripTrailing()));
        text.append("\n      | ")
                .append(" ".repeat(start - from + (from > 0 ? 1 : 0)))
                .append('^')
                .append("~".repeat(marked - 1));
    }

    /** Text from a file is data: it must not move the cursor of the terminal it is shown on. */
    private static String visible(String text) {
        var shown = new StringBuilder();
        text.codePoints().map(Problem::shown).forEach(shown::appendCodePoint);
        return shown.toString();
    }

    private static int shown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> '\uFFFD';
            default -> codePoint;
        };
    }

    @Override
    public String toString() {
        return render();
    }
}
