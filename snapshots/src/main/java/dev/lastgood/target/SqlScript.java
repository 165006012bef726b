package dev.lastgood.target;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.JdbcValues.Column;
import dev.lastgood.target.JdbcValues.Kind;
import dev.lastgood.target.Target.Change;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a table's rows as statements for people to look at and run. A statement writes its row only if that is as it was
 * read, and leaves it alone otherwise: guarded by the table's token and the values written over, by the token the database
 * keeps by itself, or by all values of the row. On PostgreSQL, MySQL and MariaDB texts are compared byte by byte; on H2 by the
 * collation of the database, which by default is the same. On MySQL and MariaDB the rows are counted, and nothing is committed
 * unless every statement has written its one.
 */
public final class SqlScript {
    /** How the token of an absent row begins, of which it is known how often it was deleted. */
    private static final Pattern DELETED = Pattern.compile("deleted (\\d+) ");

    /** What stands in a script as it is, whatever the client takes backslashes and other letters for. */
    private static final Pattern PLAIN = Pattern.compile("[ -\\[\\]-~]*");

    private final Dialect dialect;
    private final JdbcTarget.Table table;
    private final UnaryOperator<String> qualified;
    private final Map<String, Column> columns;
    private final List<Column> key;
    private final @Nullable Column token;
    private final List<Cascade> cascades;
    private final Set<String> restless;
    private final Texts texts;

    /** Reads the text of a JSON column as it is. */
    interface Texts {
        String of(Column column, Key key);
    }

    SqlScript(
            Dialect dialect,
            JdbcTarget.Table table,
            UnaryOperator<String> qualified,
            Map<String, Column> columns,
            List<Column> key,
            @Nullable Column token,
            List<Cascade> cascades,
            Set<String> restless,
            Texts texts) {
        this.dialect = dialect;
        this.table = table;
        this.qualified = qualified;
        this.columns = columns;
        this.key = key;
        this.token = token;
        this.cascades = List.copyOf(cascades);
        this.restless = Set.copyOf(restless);
        this.texts = texts;
    }

    /** Begins the transaction that all statements are in. */
    public List<String> begin() {
        return switch (dialect) {
            case POSTGRESQL -> List.of("set client_encoding to 'UTF8';", "begin;");
            case H2 -> List.of("set autocommit off;");
            // Serializable: what a statement asks for in passing is locked too. Without autocommit, what follows a
            // failure
            // is not committed by itself.
            case MYSQL ->
                List.of(
                        "set session time_zone = '+00:00', sql_mode = concat(@@sql_mode,"
                                + " ',STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO');",
                        "set session transaction isolation level serializable;",
                        "set autocommit = 0;",
                        "set @written = 0;");
        };
    }

    /** Whether all statements of a script are carried out, or none. */
    public boolean isWhole() {
        return dialect == Dialect.MYSQL;
    }

    /** A condition of every statement: a client that has connected anew is in no transaction. */
    private String begun() {
        return isWhole() ? "@@autocommit = 0 and " : "";
    }

    /** What follows the statements of each change. */
    public List<String> counted() {
        return isWhole() ? List.of("set @written = @written + (row_count() = 1);") : List.of();
    }

    /** Ends the transaction, in which so many changes are. */
    public List<String> end(int changes) {
        if (!isWhole()) {
            return List.of("commit;");
        }
        // What cannot be prepared is an error that says why; a client that goes on after it comes to the rollback.
        return List.of(
                "set @ends = if(@written = %d, 'commit', concat(@written, ' of %d rows were as planned: none is written'));"
                        .formatted(changes, changes),
                "prepare ends from @ends;",
                "execute ends;",
                "rollback;");
    }

    /**
     * The statements that make a change, if the row still is as it was read; the last of them makes it.
     *
     * @throws Refusal if the database cannot compare what would have to be compared for that
     */
    public List<String> statements(Change change) {
        Image live = change.seen().image();
        Image desired = change.desired();
        if (live == null) {
            return List.of(insert(change, Objects.requireNonNull(desired)));
        }
        String keyed = keyed(change.key());
        String where = " where %s%s and %s".formatted(begun(), keyed, guard(change, live));
        if (desired == null) {
            String delete = "delete from " + name() + where + unreached(change.key()) + ";";
            // While the row is locked, no other can come to refer to it.
            if (cascades.isEmpty()) {
                return List.of(delete);
            }
            List<String> statements = new ArrayList<>();
            statements.add("select 1 from %s where %s for update;".formatted(name(), keyed));
            if (isWhole()) {
                // This database does not look into the table that it deletes from.
                statements.add("set @reached = %s;".formatted(String.join(" or ", reached(change.key()))));
            }
            statements.add(delete);
            return statements;
        }
        List<String> written = written(change.fields());
        if (written.isEmpty()) {
            throw new Refusal(
                    "table %s computes all that was to be written".formatted(table.table()), "Make the plan again.");
        }
        StringJoiner assigned = new StringJoiner(", ");
        for (String name : written) {
            assigned.add(dialect.quote(name) + " = " + literal(column(name), value(desired, name)));
        }
        // What nobody has approved stays as it is.
        restless.stream()
                .filter(name -> !written.contains(name))
                .sorted()
                .forEach(name -> assigned.add("%1$s = %1$s".formatted(dialect.quote(name))));
        return List.of("update " + name() + " set " + assigned + where + unerased(change.key()) + ";");
    }

    /** A delete takes nothing along. */
    private String unreached(Key recordKey) {
        if (isWhole()) {
            return cascades.isEmpty() ? "" : " and not @reached";
        }
        StringBuilder conditions = new StringBuilder();
        reached(recordKey).forEach(reached -> conditions.append(" and not ").append(reached));
        return conditions.toString();
    }

    private List<String> reached(Key recordKey) {
        List<String> names = key.stream().map(Column::name).toList();
        return cascades.stream()
                .map(cascade -> cascade.reaches(dialect, name(), keyed(recordKey), names))
                .toList();
    }

    private String insert(Change change, Image desired) {
        StringJoiner names = new StringJoiner(", ", "(", ")");
        StringJoiner values = new StringJoiner(", ");
        for (String name : written(desired.fields().keySet())) {
            names.add(dialect.quote(name));
            values.add(literal(column(name), value(desired, name)));
        }
        String target = name();
        return "insert into %s %s%s select %s%s where %snot exists (select 1 from %s where %s)%s%s;"
                .formatted(
                        target,
                        names,
                        dialect.overriding(),
                        values,
                        isWhole() ? " from dual" : "",
                        begun(),
                        target,
                        keyed(change.key()),
                        unerased(change.key()),
                        undeleted(change));
    }

    /** The named columns in the table's order, without those the database computes. */
    private List<String> written(Set<String> names) {
        names.forEach(this::column);
        return columns.values().stream()
                .filter(column -> names.contains(column.name()) && !column.generated())
                .map(Column::name)
                .toList();
    }

    private Column column(String name) {
        Column column = columns.get(name);
        if (column == null) {
            throw new Refusal("table %s has no column '%s'".formatted(table.table(), name), "Make the plan again.");
        }
        return column;
    }

    private static Value value(Image image, String name) {
        Value value = image.field(name);
        return value == null ? Value.NULL : value;
    }

    private String name() {
        return qualified.apply(table.table());
    }

    /** The key's row in a list of keys. */
    private String listed(JdbcTarget.Deletes list, Key recordKey) {
        StringJoiner condition = new StringJoiner(" and ");
        int i = 0;
        for (Value part : recordKey.parts().values()) {
            String column = dialect.quote(list.key().get(i));
            condition.add(part.isNull() ? isNull(column) : column + " = " + literal(key.get(i), part));
            i++;
        }
        return qualified.apply(list.table()) + " where " + condition;
    }

    /** Nothing of a record that has come onto the list of erasures is written. */
    private String unerased(Key recordKey) {
        return table.erasures() == null
                ? ""
                : " and not exists (select 1 from %s)".formatted(listed(table.erasures(), recordKey));
    }

    /** A record that was deleted once more since stays away. */
    private String undeleted(Change change) {
        if (table.deletes() == null) {
            return "";
        }
        Matcher known = DELETED.matcher(change.seen().token());
        return " and (select count(*) from %s) = %s"
                .formatted(listed(table.deletes(), change.key()), known.lookingAt() ? known.group(1) : "0");
    }

    private String keyed(Key recordKey) {
        StringJoiner condition = new StringJoiner(" and ");
        int i = 0;
        for (Value part : recordKey.parts().values()) {
            Column column = key.get(i++);
            String name = dialect.quote(column.name());
            condition.add(part.isNull() ? isNull(name) : name + " = " + literal(column, part));
        }
        return condition.toString();
    }

    private String guard(Change change, Image live) {
        if (token == null && !dialect.token().isEmpty()) {
            return dialect.token() + " = " + text(change.seen().token());
        }
        List<String> same = new ArrayList<>();
        if (token != null) {
            same.add(compared(token, value(live, token.name())));
        }
        for (Column column : columns.values()) {
            boolean isAsked = token == null || change.fields().contains(column.name());
            // The collation of a key may take one text for another.
            isAsked |= isWhole() && key.contains(column) && column.kind() == Kind.TEXT;
            if (column.equals(token) || !isAsked) {
                continue;
            }
            if (column.kind() != Kind.NESTED) {
                same.add(compared(column, value(live, column.name())));
            } else {
                same.add(sameText(change.key(), column, value(live, column.name())));
            }
        }
        return String.join(" and ", same);
    }

    /** JSON is compared as the text it is, which must still mean what was read. */
    private String sameText(Key recordKey, Column column, Value value) {
        if (value.isNull()) {
            return isNull(dialect.quote(column.name()));
        }
        String now = texts.of(column, recordKey);
        if (!JsonValues.embedded(now).equals(value)) {
            throw new Refusal(
                    "table %s is written while it is exported; nothing was exported".formatted(table.table()),
                    "Try again when less is written, or declare the table's 'token'.");
        }
        return dialect.plainText(dialect.quote(column.name())) + " = " + text(now);
    }

    /** Text is compared as the plain text it is: a type or a collation may ignore case. */
    private String compared(Column column, Value value) {
        String name = dialect.quote(column.name());
        if (value.isNull()) {
            return isNull(name);
        }
        if (isWhole()) {
            // A date of zeros is read as its text, and a float as the double it is.
            return column.kind() == Kind.TEXT || column.kind() == Kind.OTHER || value instanceof Value.Text
                    ? dialect.plainText(name) + " = " + dialect.plainText(literal(column, value))
                    : dialect.number(name, column.kind()) + " = " + literal(column, value);
        }
        return column.kind() == Kind.TEXT || column.kind() == Kind.OTHER
                ? dialect.plainText(name) + " = " + dialect.plainText(literal(column, value))
                : name + " = " + literal(column, value);
    }

    /** To MySQL and MariaDB a date of zeros "is null". */
    private String isNull(String name) {
        return name + (isWhole() ? " <=> null" : " is null");
    }

    private String literal(Column column, Value value) {
        if (value.isNull()) {
            return "null";
        }
        String literal =
                column.kind() == Kind.NESTED ? text(JsonValues.embeddedText(value)) : value.accept(new Literal(column));
        String parameter = dialect.parameter(column);
        int at = parameter.indexOf('?');
        return parameter.substring(0, at) + literal + parameter.substring(at + 1);
    }

    /** A backslash is one, however the server reads plain strings. */
    private String text(String value) {
        if (isWhole() && !PLAIN.matcher(value).matches()) {
            return "_utf8mb4 X'" + HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8)) + "'";
        }
        String quoted = value.replace("'", "''");
        return dialect == Dialect.POSTGRESQL && value.contains("\\")
                ? "E'" + quoted.replace("\\", "\\\\") + "'"
                : "'" + quoted + "'";
    }

    private final class Literal implements Value.Visitor<String> {
        private final Column column;

        Literal(Column column) {
            this.column = column;
        }

        @Override
        public String ofNull() {
            return "null";
        }

        @Override
        public String ofBool(boolean value) {
            return Boolean.toString(value);
        }

        @Override
        public String ofNum(BigDecimal value) {
            boolean isNumber = column.kind() == Kind.INTEGER
                    || column.kind() == Kind.DECIMAL
                    || column.kind() == Kind.FLOAT
                    || column.kind() == Kind.DOUBLE;
            return isNumber ? value.toPlainString() : text(value.toPlainString());
        }

        @Override
        public String ofReal(double value) {
            if (isWhole()) {
                String number = Double.toString(value);
                return number.contains("E") ? number : number + "E0";
            }
            return column.kind() == Kind.FLOAT
                    ? "cast('%s' as real)".formatted(Float.toString((float) value))
                    : "cast('%s' as double precision)".formatted(Double.toString(value));
        }

        @Override
        public String ofText(String value) {
            return text(value);
        }

        @Override
        public String ofBytes(byte[] value) {
            String hex = HexFormat.of().formatHex(value);
            return dialect == Dialect.POSTGRESQL ? "decode('" + hex + "', 'hex')" : "X'" + hex + "'";
        }

        @Override
        public String ofDay(LocalDate value) {
            return "date '" + value + "'";
        }

        @Override
        public String ofMoment(Instant value) {
            return isWhole()
                    ? ofLocalMoment(LocalDateTime.ofInstant(value, ZoneOffset.UTC))
                    : "timestamp with time zone '" + value + "'";
        }

        @Override
        public String ofLocalMoment(LocalDateTime value) {
            return "timestamp '"
                    + (isWhole()
                            ? DateTimeFormatter.ISO_LOCAL_DATE_TIME
                                    .format(value)
                                    .replace('T', ' ')
                            : value) + "'";
        }

        @Override
        public String ofArray(List<Value> items) {
            return text(JsonValues.text(new Value.Array(items)));
        }

        @Override
        public String ofObj(SortedMap<String, Value> fields) {
            return text(JsonValues.text(new Value.Obj(fields)));
        }
    }
}
