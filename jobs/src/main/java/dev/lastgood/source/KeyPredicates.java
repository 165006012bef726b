package dev.lastgood.source;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.workspace.DatasetSpec;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Keys as conditions of SQL over the columns of a {@link JdbcReader}'s query, each true of the records that have the key and
 * of no others: a record of two conditions would be read twice. So there are none for keys of other kinds than numbers and
 * texts, for texts that databases write in different ways, where a database takes texts for equal that are not, and where the
 * key is not seen as the column is stored: numbers are asked for in columns of numbers, texts in what is read as text.
 */
final class KeyPredicates {
    private static final int KEYS_AT_ONCE = 500;
    private static final int FIRST_PRINTABLE = 0x20;

    private KeyPredicates() {}

    /** A field of the key as it is read; a cast one no index serves. */
    private record Part(String column, boolean isNumber, boolean isText, boolean isBare) {}

    private static final Set<Integer> NUMBERS =
            Set.of(Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.DECIMAL, Types.NUMERIC);

    /** Conditions of which one at least is true of each record with such a key; none if all records have to be read. */
    static String[] of(
            DatasetSpec dataset,
            Collection<Key> keys,
            Database database,
            UnaryOperator<String> quoted,
            List<Database.Field> fields,
            List<Database.Reading> readings) {
        Map<String, Part> columns = new LinkedHashMap<>();
        for (FieldPath path : dataset.key()) {
            Optional<Integer> at = IntStream.range(0, fields.size())
                    .boxed()
                    .filter(i -> path.equals(FieldPath.of(fields.get(i).name())))
                    .findFirst();
            if (at.isEmpty()
                    || readings.get(at.get()).holds() == Database.Reading.Holds.NUMBER
                    || dataset.view().containsKey(path)
                    || dataset.json().contains(path)) {
                return new String[0];
            }
            Part part = part(at.get(), database, quoted, fields.get(at.get()), readings.get(at.get()));
            if (!part.isBare() && keys.size() > KEYS_AT_ONCE) {
                // Each condition would read the whole table.
                return new String[0];
            }
            columns.put(path.toString(), part);
        }
        List<String> conditions = new ArrayList<>();
        for (Key key : keys) {
            Optional<String> condition = condition(key, columns, database);
            if (condition.isEmpty()) {
                return new String[0];
            }
            conditions.add(condition.get());
        }
        List<String> several = new ArrayList<>();
        for (int from = 0; from < conditions.size(); from += KEYS_AT_ONCE) {
            List<String> some = conditions.subList(from, Math.min(conditions.size(), from + KEYS_AT_ONCE));
            several.add(String.join(" OR ", some));
        }
        return several.toArray(String[]::new);
    }

    private static Part part(
            int at, Database database, UnaryOperator<String> quoted, Database.Field field, Database.Reading reading) {
        String stored = quoted.apply(field.name());
        boolean isBare = reading.sql().equals(stored);
        boolean isText = isBare
                ? field.type() == Types.VARCHAR || field.type() == Types.LONGVARCHAR
                : reading.sql().equals(database.textOf(stored));
        return new Part(quoted.apply(JdbcReader.alias(at)), isBare && NUMBERS.contains(field.type()), isText, isBare);
    }

    private static Optional<String> condition(Key key, Map<String, Part> columns, Database database) {
        List<String> parts = new ArrayList<>();
        for (Map.Entry<String, Value> part : key.parts().entrySet()) {
            Part read = Objects.requireNonNull(columns.get(part.getKey()));
            String column = read.column();
            Value value = part.getValue();
            if (value.isNull()) {
                parts.add(column + " IS NULL");
            } else if (value instanceof Value.Num number && read.isNumber()) {
                parts.add(column + " = " + number.value().toPlainString());
            } else {
                String same = read.isText()
                                && value instanceof Value.Text text
                                && text.value().chars().allMatch(KeyPredicates::isPlain)
                        ? database.isText(column, "'" + text.value().replace("'", "''") + "'")
                        : null;
                if (same == null) {
                    return Optional.empty();
                }
                parts.add(same);
            }
        }
        return Optional.of("(" + String.join(" AND ", parts) + ")");
    }

    private static boolean isPlain(int character) {
        return character >= FIRST_PRINTABLE && character != '\\';
    }
}
