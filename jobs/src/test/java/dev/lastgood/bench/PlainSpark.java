package dev.lastgood.bench;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** What anyone would write to look at a file of CSV on this machine: a session, and one query with a condition. */
public final class PlainSpark {
    private PlainSpark() {}

    /**
     * Prints how many totals are good.
     *
     * @param arguments the file
     */
    public static void main(String[] arguments) throws IOException {
        try (SparkSession session = SparkSession.builder()
                .master("local[*]")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            long good = session.read()
                    .option("header", "true")
                    .schema("id string, total int")
                    .csv(arguments[0])
                    .where("total > 0")
                    .count();
            System.out.println(good);
        }
    }
}
