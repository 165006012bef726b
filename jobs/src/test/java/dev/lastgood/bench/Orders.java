package dev.lastgood.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Generated orders of twelve fields, before and after: 1 % of the records changed, 0.5 % are missing, 0.5 % are new. Three
 * in four changes are damage, of three kinds, each of which breaks one rule. Everything follows from the number of records.
 *
 * @param records of the side before
 */
record Orders(long records) {
    static final String NAME = "orders";

    /** The damage is spread evenly if the number of records is a multiple of this. */
    static final long MULTIPLE = 400;

    private static final String COUNTRIES = "AT, BE, CH, DE, ES, FR, IT, NL";
    private static final int FILES = 8;

    Orders {
        if (records <= 0 || records % MULTIPLE != 0) {
            throw new IllegalArgumentException("%d records are no multiple of %d".formatted(records, MULTIPLE));
        }
    }

    long changed() {
        return records / 100;
    }

    long missing() {
        return records / 200;
    }

    long extra() {
        return records / 200;
    }

    /** The records that differ, with the findings of that many rules. */
    Outcome planted(int rules) {
        Map<String, Long> findings = new TreeMap<>();
        for (String broken : List.of("total", "discount", "country").subList(0, Math.min(3, rules))) {
            findings.put(broken, records / MULTIPLE);
        }
        return new Outcome(extra(), missing(), changed(), findings);
    }

    Dataset<Row> before(SparkSession session) {
        return fields(session.range(0, records).toDF("n"), "false");
    }

    Dataset<Row> after(SparkSession session) {
        Dataset<Row> numbers = session.range(0, records + extra())
                .toDF("n")
                .where("n >= %d or n %% 200 <> 2".formatted(records))
                .repartition(FILES, expr("xxhash64(n, 98)"))
                .sortWithinPartitions(expr("xxhash64(n, 99)"));
        return fields(numbers, "n < %d and n %% 100 = 1".formatted(records));
    }

    private static Dataset<Row> fields(Dataset<Row> numbers, String changed) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("id", "concat('o-', lpad(n, 10, '0'))");
        fields.put("customer", "pmod(xxhash64(n, 1), 400000)");
        fields.put("country", "case when change = 2 then 'XX' else _country end");
        fields.put("currency", "if(_country = 'CH', 'CHF', 'EUR')");
        fields.put("sku", "concat(if(n % 3 = 0, 'BRD-', 'CHE-'), lpad(pmod(xxhash64(n, 3), 1000000), 6, '0'))");
        fields.put("quantity", "_quantity");
        fields.put("unit_price", "_price");
        fields.put("total", "cast(_quantity * _price + if(change = 0, 1, 0) as decimal(14,2))");
        fields.put(
                "discount", "case when change = 1 then 1.5D when n % 4 <> 0 then pmod(xxhash64(n, 6), 50) / 100D end");
        fields.put("status", "if(change = 3, 'RETURNED', element_at(array('NEW', 'PAID', 'SHIPPED'), int(n % 3 + 1)))");
        fields.put("ordered_at", "timestamp_seconds(1600000000 + pmod(xxhash64(n, 7), 100000000))");
        fields.put("note", "if(n % 3 <> 1, concat_ws(' ', hex(xxhash64(n, 8)), hex(xxhash64(n, 9))), null)");
        String countries = "'" + COUNTRIES.replace(", ", "', '") + "'";
        Dataset<Row> drawn = numbers.select(
                col("n"),
                expr("if(%s, (n div 100) %% 4, -1)".formatted(changed)).alias("change"),
                expr("element_at(array(%s), int(pmod(xxhash64(n, 2), 8) + 1))".formatted(countries))
                        .alias("_country"),
                expr("int(pmod(xxhash64(n, 4), 20) + 1)").alias("_quantity"),
                expr("cast(cast(pmod(xxhash64(n, 5), 100000) + 1 as decimal(10,0)) / 100 as decimal(10,2))")
                        .alias("_price"));
        return drawn.selectExpr(fields.entrySet().stream()
                .map(field -> field.getValue() + " as " + field.getKey())
                .toArray(String[]::new));
    }

    static String workspace(String rules) {
        return """
                format: 1
                workspace: bench
                store: store
                sources:
                  here: {files: live}
                rules: [%s]
                datasets:
                  %s: {source: here, path: %s, format: parquet, key: [id]}
                """.formatted(rules, NAME, NAME);
    }

    /** A file of so many record rules, no two alike. The first three are those that the damage breaks. */
    static String rules(int count) {
        List<String> rules = new ArrayList<>(List.of(
                "{id: total, dataset: orders, assert: total = quantity * unit_price}",
                "{id: discount, dataset: orders, assert: discount between 0 and 1, on_null: pass}",
                "{id: country, dataset: orders, field: country, in: [%s]}".formatted(COUNTRIES)));
        for (int i = 3; i < count; i++) {
            rules.add("{id: r%d, dataset: orders, %s}".formatted(i, holds(i)));
        }
        StringBuilder file = new StringBuilder("rules:\n");
        rules.subList(0, count).forEach(rule -> file.append("  - ").append(rule).append('\n'));
        return file.toString();
    }

    /** Every record satisfies these, whatever the damage. */
    private static String holds(int i) {
        return switch (i % 10) {
            case 0 -> "assert: total between 0 and %d".formatted(100_000 + i);
            case 1 -> "where: status <> 'RETURNED', assert: 'quantity * %d >= quantity'".formatted(i);
            case 2 -> "field: sku, matches: '[A-Z]{3}-[0-9]{6,%d}'".formatted(6 + i);
            case 3 -> "field: customer, min: 0, max: %d".formatted(400_000 + i);
            case 4 -> "assert: ordered_at > timestamp'2015-01-01 00:00:%02d'".formatted(i % 60);
            case 5 -> "field: note, max_length: %d, on_null: pass".formatted(100 + i);
            case 6 -> "where: country = 'CH', assert: currency = 'CHF' or total > %d".formatted(1_000_000 + i);
            case 7 -> "assert: 'coalesce(discount, 0) * total < %d'".formatted(1_000_000 + i);
            case 8 -> "field: status, in: [NEW, PAID, SHIPPED, RETURNED, S%d]".formatted(i);
            default -> "assert: unit_price <= total + %d".formatted(i);
        };
    }

    /** How many records differ in which way, and by broken rule how many break it. */
    record Outcome(long added, long removed, long changed, Map<String, Long> findings) {
        Outcome {
            findings = Map.copyOf(findings);
        }
    }
}
