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
     * @param description the same in words
     */
    public record Timeline(String from, String to, String description, List<Span> spans, List<Marker> markers) {
        public int height() {
            return 40 * spans.size() + 26;
        }
    }

    /** A window; y is of its label's base line, the others in per mille of the width. */
    public record Span(String label, int y, int from, int width) {
        public String x() {
            return percent(from);
        }

        public String length() {
            return percent(width);
        }
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
     * @param records of it that are shown below; empty: none
     */
    public record IncidentCard(
            String id,
            String sentence,
            List<Fact> facts,
            @Nullable Table patterns,
            String records) {}

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
