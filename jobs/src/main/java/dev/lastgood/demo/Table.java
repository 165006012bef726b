package dev.lastgood.demo;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The shop's tables. A field holds what people mean to write; a system column moves with every write, whoever writes,
 * and is neither logged nor counted.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists are unmodifiable
enum Table {
    PRODUCTS("id", List.of("sku varchar(20)", "name varchar(60)", "price decimal(12,2)", "stock int"), Stamps.ALL),
    CUSTOMERS(
            "id",
            List.of(
                    "name varchar(60)",
                    "email varchar(80)",
                    "phone varchar(20) null",
                    "address varchar(80)",
                    "country varchar(2)",
                    "birthday date null",
                    "tier varchar(10)",
                    "balance decimal(12,2)"),
            Stamps.ALL),
    ORDERS(
            "id",
            List.of(
                    "customer_id bigint",
                    "ordered_on date",
                    "status varchar(10)",
                    "region varchar(4)",
                    "channel varchar(10)",
                    "currency varchar(3)",
                    "total decimal(12,2)",
                    "shipping decimal(12,2)",
                    "lines varchar(4000)",
                    "note varchar(200) null"),
            Stamps.ALL),
    PAYMENTS(
            "id",
            List.of(
                    "order_id bigint",
                    "amount decimal(12,2)",
                    "currency varchar(3)",
                    "method varchar(10)",
                    "status varchar(10)",
                    "reference varchar(40) null"),
            Stamps.ALL),
    /** A row for every deleted order, whoever deleted it. Evidence, not business: its rows are never counted as damage. */
    ORDER_DELETES("order_id", List.of("deleted_by varchar(20)"), List.of("deleted_at timestamp(3) with time zone"));

    /** Apart, because an enum's constants come before its own static fields. */
    private static final class Stamps {
        static final List<String> ALL = List.of(
                "app_version varchar(20)",
                "row_version bigint",
                "updated_at timestamp(3) with time zone",
                "restored_by varchar(80) null");
    }

    /** The one field whose text is a structure: a JSON array of {@link Line lines}. */
    static final String LINES = "lines";

    private final String key;
    private final List<String> definitions;
    private final List<String> fields;
    private final List<String> columns;

    Table(String key, List<String> fields, List<String> system) {
        this.key = key;
        this.definitions = Stream.concat(fields.stream(), system.stream()).toList();
        this.fields = names(fields);
        this.columns = Stream.of(List.of(key), names(fields), names(system))
                .flatMap(List::stream)
                .toList();
    }

    String sql() {
        return name().toLowerCase(Locale.ROOT);
    }

    String key() {
        return key;
    }

    List<String> fields() {
        return fields;
    }

    /** Key, fields, system columns: the order of every insert. */
    List<String> columns() {
        return columns;
    }

    /** Whether a write moves row_version, updated_at and app_version. */
    boolean isStamped() {
        return this != ORDER_DELETES;
    }

    boolean hasLines() {
        return this == ORDERS;
    }

    String ddl() {
        String rest = definitions.stream()
                .map(column -> column.endsWith(" null") ? column : column + " not null")
                .collect(Collectors.joining(", "));
        return "create table " + sql() + " (" + key + " bigint primary key, " + rest + ")";
    }

    String insertSql() {
        String marks = columns().stream().map(column -> "?").collect(Collectors.joining(", "));
        return "insert into " + sql() + " (" + String.join(", ", columns()) + ") values (" + marks + ")";
    }

    private static List<String> names(List<String> definitions) {
        return definitions.stream()
                .map(definition -> definition.substring(0, definition.indexOf(' ')))
                .toList();
    }
}
