package dev.lastgood.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the report's template shows: all is decided, counted, cut and put into words, and none of it is escaped. Public for
 * the compiled template only.
 *
 * @param sentence the verdict in words
 * @param contents the sections there are
 * @param incidentsCut says that the list is cut, as every member of such a name does; empty if all is there
 */
public record Page(
        String title,
        String workspace,
        String audit,
        String audited,
        Badge verdict,
        String sentence,
        List<String> remarks,
        List<Figure> figures,
        List<Next> next,
        List<Link> contents,
        @Nullable Timeline timeline,
        List<IncidentCard> incidents,
        String incidentsCut,
        Table rules,
        Table datasets,
        @Nullable Table classes,
        @Nullable Table schema,
        @Nullable Table fields,
        List<Group> groups,
        String groupsCut,
        @Nullable PlanCard plan,
        List<Fact> facts,
        @Nullable Table snapshots,
        @Nullable Table hashes) {

    /** How something is to be taken; each has its own colour and sign, and is named in words beside. */
    public enum Tone {
        GOOD("✓"),
        BAD("✗"),
        UNSURE("?"),
        PLAIN("");

        private final String sign;

        Tone(String sign) {
            this.sign = sign;
        }

        public String sign() {
            return sign;
        }

        public String css() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public record Badge(String word, Tone tone) {}

    public record Figure(String label, String value) {}

    /** What to do, and the command that does it; empty if there is none. */
    public record Next(String what, String command) {}

    /** A way to a section, by its id. */
    public record Link(String id, String text) {}

    public record Fact(String name, Cell value) {}

    // ---- tables

    /**
     * A table whose first column names the row.
     *
     * @param cut says what is left out; empty if all is there
     */
    public record Table(String caption, List<Column> columns, List<List<Cell>> rows, String cut) {}

    public record Column(String name, boolean isNumber) {}

    /**
     * A cell: a bar, a badge or a text, the first there is.
     *
     * @param note what stands small below it
     * @param bar how much of the cell's width to fill, in per mille; negative: it is no bar
     */
    public record Cell(
            String text, Kind kind, String note, @Nullable Badge badge, int bar) {

        /** What a text is. */
        public enum Kind {
            WORDS,
            /** An identifier or expression. */
            CODE,
            TIME
        }

        static Cell of(String text) {
            return new Cell(text, Kind.WORDS, "", null, -1);
        }

        static Cell of(long number) {
            return of(Shown.number(number));
        }

        static Cell code(String text) {
            return new Cell(text, Kind.CODE, "", null, -1);
        }

        static Cell time(String text) {
            return new Cell(text, Kind.TIME, "", null, -1);
        }

        static Cell of(Badge badge) {
            return new Cell("", Kind.WORDS, "", badge, -1);
        }

        static Cell bar(long part, long whole) {
            return new Cell("", Kind.WORDS, "", null, whole <= 0 ? 0 : (int) (1000 * part / whole));
        }

        Cell noted(String text) {
            return new Cell(this.text, kind, text, badge, bar);
        }

        public boolean isCode() {
            return kind == Kind.CODE && !text.isEmpty();
        }

        public boolean isTime() {
            return kind == Kind.TIME && !text.isEmpty();
        }

        public boolean isBar() {
            return bar >= 0;
        }

        /** As an attribute of SVG. */
        public String width() {
            return percent(bar);
        }
    }

    static String percent(int perMille) {
        return perMille / 10 + "." + perMille % 10 + "%";
    }

    // ---- incidents

    /**
     * The windows of incidents over one axis.
     *
     * @param caption what it shows
     * @param description the same in words
     * @param height of all, the axis at its foot
     */
    public record Timeline(
            String from,
            String to,
            String caption,
            String description,
            int height,
            List<Span> spans,
            List<Marker> markers) {}

    /**
     * A window; y is of its label's base line, the others in per mille of the width.
     *
     * @param extent null: it is the window, or not known
     * @param signs moments of it only
     */
    public record Span(
            String label,
            int y,
            int from,
            int width,
            @Nullable Extent extent,
            List<Sign> signs) {
        public String x() {
            return percent(from);
        }

        public String length() {
            return percent(width);
        }
    }

    /** From the first of all to the last, in per mille of the width. */
    public record Extent(int from, int to) {
        public String x1() {
            return percent(from);
        }

        public String x2() {
            return percent(to);
        }
    }

    /** A moment in the row of an incident. */
    public record Sign(String name, Tone tone, int at) {
        public String x() {
            return percent(at);
        }

        /** Good ones stand on the left of their moment, so that they do not cover the bad one that follows; none outside. */
        public String anchor() {
            boolean isLeft = at > EDGE && (tone == Tone.GOOD || at > 1000 - EDGE);
            return isLeft ? "end" : "start";
        }

        private static final int EDGE = 40;
    }

    /** A moment on the axis. */
    public record Marker(String name, int at) {
        public String x() {
            return percent(at);
        }
    }

    /**
     * One incident.
     *
     * @param check a condition over live; empty if there is none
     * @param explanations what tells its records from others
     * @param comparison the best of them as bars
     * @param affected what is in reach of its damage
     * @param records of it that are shown below; empty: none
     */
    public record IncidentCard(
            String id,
            String sentence,
            List<Fact> facts,
            String check,
            @Nullable Table explanations,
            @Nullable Comparison comparison,
            @Nullable Table patterns,
            @Nullable Table affected,
            String records) {}

    /** Shares beside each other, each a bar on the same scale from none to all. */
    public record Comparison(String caption, List<Part> parts) {}

    /**
     * A share of what is named.
     *
     * @param values that what is named has; empty: it is not by values
     * @param share in words
     * @param bar in per mille
     */
    public record Part(String name, String values, String share, int bar) {
        /** As an attribute of SVG. */
        public String width() {
            return percent(bar);
        }
    }

    // ---- records

    /** Records of one incident or dataset. */
    public record Group(String id, String heading, String shown, List<Card> cards) {}

    /**
     * One record.
     *
     * @param about what is to be said of it besides
     * @param afterName what the right side of its fields is called
     */
    public record Card(
            String dataset,
            String key,
            List<Badge> badges,
            String about,
            String beforeName,
            String afterName,
            List<FieldCard> fields,
            String fieldsCut,
            @Nullable Table findings,
            boolean isOpen) {}

    /** A field of a record; the note says what kind of change it is, and is empty if there is nothing to say. */
    public record FieldCard(
            String path, String note, @Nullable Badge badge, Side before, Side after) {}

    /** A value; the note says what its parts do not: that there is none, or of what kind it is. */
    public record Side(List<TextDiff.Part> parts, String note) {}

    // ---- plan

    /** A restore plan. */
    public record PlanCard(
            String id,
            List<Fact> facts,
            @Nullable Table conflictCounts,
            @Nullable Table conflicts,
            List<Card> steps,
            String stepsCut) {}
}
