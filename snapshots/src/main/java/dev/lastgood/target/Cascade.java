package dev.lastgood.target;

import java.util.List;
import java.util.StringJoiner;

/**
 * A foreign key by which the delete of a row deletes, or changes, rows of another table: what no plan and no journal knows of.
 * So a row is deleted only while none of those is there.
 *
 * @param child the table that refers, quoted
 * @param name the same for people
 * @param columns the fields that refer, in order
 * @param referred the columns of the table they refer to
 * @param isSelf whether a table refers to itself
 */
record Cascade(String child, String name, List<String> columns, List<String> referred, boolean isSelf) {
    Cascade {
        columns = List.copyOf(columns);
        referred = List.copyOf(referred);
    }

    /** A condition: there are rows that the delete would reach. A row that refers to itself is none. */
    String reaches(Dialect dialect, String table, String keyed, List<String> key) {
        StringJoiner same = new StringJoiner(" and ");
        for (int i = 0; i < columns.size(); i++) {
            same.add("c." + dialect.quote(columns.get(i)) + " = p." + dialect.quote(referred.get(i)));
        }
        String others = "";
        if (isSelf) {
            StringJoiner itself = new StringJoiner(" and ", " and not (", ")");
            key.forEach(column -> itself.add("c." + dialect.quote(column) + " = p." + dialect.quote(column)));
            others = itself.toString();
        }
        return "exists (select 1 from (select * from %s where %s) p join %s c on %s%s)"
                .formatted(table, keyed, child, same, others);
    }

    /** Why a row that is referred to is not deleted. */
    String refusal() {
        return "a delete would reach the rows of %s that refer to it".formatted(name);
    }
}
