package dev.lastgood.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.record.JsonValues;
import dev.lastgood.report.TextDiff.Mark;
import dev.lastgood.report.TextDiff.Part;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Values and numbers as people read them on a page: short, with nothing invisible, and never one for another. */
final class Shown {
    private Shown() {}

    private static final int LONGEST_VALUE = 400;
    private static final int LONGEST_CHANGE = 160;
    private static final int CONTEXT = 24;
    private static final int LONGEST_LINE = 300;

    /** Two values as they stand beside each other. */
    record Sides(Page.Side before, Page.Side after) {}

    /** Two values side by side, their differences marked. What a missing member says is that there is no such field. */
    static Sides sides(@Nullable JsonNode before, @Nullable JsonNode after) {
        String a = text(before);
        String b = text(after);
        boolean both = isValue(before) && isValue(after);
        TextDiff.Sides diff =
                both ? diff(before, a, after, b) : new TextDiff.Sides(whole(Mark.REMOVED, a), whole(Mark.ADDED, b));
        String note = both && a.equals(b) ? alike(before, after, a) : "";
        return new Sides(
                side(before, diff.before(), note.isEmpty() && both ? kind(before, after) : note),
                side(after, diff.after(), note.isEmpty() && both ? kind(after, before) : note));
    }

    /** One value, of which nothing is marked. */
    static Page.Side side(@Nullable JsonNode value) {
        return side(value, whole(Mark.SAME, text(value)), "");
    }

    private static Page.Side side(@Nullable JsonNode value, List<Part> parts, String note) {
        if (value == null || value.isMissingNode()) {
            return new Page.Side(List.of(), "absent");
        }
        if (value.isNull()) {
            return new Page.Side(List.of(), "null");
        }
        if (value.isTextual() && value.textValue().isEmpty()) {
            return new Page.Side(List.of(), "empty text");
        }
        return new Page.Side(visible(cut(parts)), note);
    }

    private static boolean isValue(@Nullable JsonNode value) {
        return value != null && !value.isMissingNode() && !value.isNull();
    }

    private static TextDiff.Sides diff(@Nullable JsonNode before, String a, @Nullable JsonNode after, String b) {
        boolean numbers = before != null && before.isNumber() && after != null && after.isNumber();
        return numbers ? TextDiff.ofNumbers(a, b) : TextDiff.of(a, b);
    }

    private static List<Part> whole(Mark mark, String text) {
        return text.isEmpty() ? List.of() : List.of(new Part(mark, text));
    }

    private static String alike(@Nullable JsonNode one, @Nullable JsonNode other, String text) {
        if (!kind(one, other).isEmpty()) {
            return "";
        }
        return text.startsWith("***") ? "masked; the values differ" : "";
    }

    /** What kind of value it is, if the other is of another. */
    private static String kind(@Nullable JsonNode value, @Nullable JsonNode other) {
        if (value == null || other == null || value.getNodeType() == other.getNodeType()) {
            return "";
        }
        return switch (value.getNodeType()) {
            case STRING -> "text";
            case NUMBER -> "number";
            case BOOLEAN -> "true or false";
            case ARRAY -> "array";
            case OBJECT -> "object";
            default -> "";
        };
    }

    private static String text(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode() || value.isNull()) {
            return "";
        }
        return value.isTextual() ? value.textValue() : JsonValues.write(value);
    }

    /** A key, or an object of values by path, in one line. */
    static String line(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode()) {
            return "";
        }
        if (!value.isObject()) {
            return line(value.isNull() ? "null" : text(value));
        }
        List<String> members = new ArrayList<>();
        value.properties()
                .forEach(member -> members.add(
                        member.getKey() + " " + (member.getValue().isNull() ? "null" : text(member.getValue()))));
        return line(String.join(", ", members));
    }

    /** A text in one line of bounded length; a few characters more are not worth saying that they are left out. */
    static String line(String text) {
        int length = length(text);
        String cut = length <= LONGEST_LINE + CONTEXT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_LINE)) + "… (" + number(length - LONGEST_LINE)
                        + " more characters)";
        return visible(cut);
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A share as documents have it, to a hundredth of a percent: "0.3 %", "98.04 %". */
    static String percent(double share) {
        return BigDecimal.valueOf(Math.round(share * 10_000), 2)
                        .stripTrailingZeros()
                        .toPlainString() + " %";
    }

    /** A share as the length of a bar, at most all; what there is can be seen. */
    static int perMille(double share) {
        return (int) Math.ceil(1000 * Math.max(0, Math.min(1, share)));
    }

    /** "3.0", "1,204.5". */
    static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%,.1f", ratio);
    }

    /** "1 record", "2,000 records". */
    static String count(long number, String noun) {
        return number(number) + " " + (number == 1 ? noun : noun + "s");
    }

    // ---- what is too long

    private static List<Part> cut(List<Part> parts) {
        int length = parts.stream().mapToInt(part -> length(part.text())).sum();
        if (length <= LONGEST_VALUE) {
            return parts;
        }
        List<Part> shorter = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part.mark() != Mark.SAME) {
                cut(shorter, part, LONGEST_CHANGE, LONGEST_CHANGE);
            } else if (parts.size() == 1) {
                cut(shorter, part, LONGEST_VALUE, 0);
            } else {
                cut(shorter, part, i == 0 ? 0 : CONTEXT, i == parts.size() - 1 ? 0 : CONTEXT);
            }
        }
        return shorter;
    }

    private static void cut(List<Part> into, Part part, int head, int tail) {
        String text = part.text();
        int length = length(text);
        if (length <= head + tail + CONTEXT) {
            into.add(part);
            return;
        }
        if (head > 0) {
            into.add(new Part(part.mark(), text.substring(0, text.offsetByCodePoints(0, head))));
        }
        into.add(new Part(Mark.CUT, "…" + count(length - head - tail, "character") + "…"));
        if (tail > 0) {
            into.add(new Part(part.mark(), text.substring(text.offsetByCodePoints(text.length(), -tail))));
        }
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    // ---- what cannot be seen

    private static List<Part> visible(List<Part> parts) {
        return parts.stream()
                .map(part -> new Part(part.mark(), visible(part.text())))
                .toList();
    }

    /** The text with a name in the place of each character that has no look of its own, or that moves others. */
    static String visible(String text) {
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isSeen(c)) {
                visible.appendCodePoint(c);
            } else {
                visible.append("⟨U+%04X⟩".formatted(c));
            }
        });
        return visible.toString();
    }

    private static boolean isSeen(int c) {
        if (c == '\n' || c == '\t' || c == 0x200C || c == 0x200D) {
            return true; // joiners are letters of some scripts
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
