package dev.lastgood.suggest;

import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Side;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.snapshot.Store;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/** Runs the audit, and leaves nothing of it behind. */
record Auditing(SparkSession session, Store store, Instant now) {

    /** What is made of the findings, before they are gone. */
    <T> T audit(List<Side> sides, List<CompiledRule> rules, Function<Auditor.Findings, T> read) {
        String folder = "tmp/" + UUID.randomUUID();
        try {
            return read.apply(
                    new Auditor(session, store.location(folder), now, Auditor.History.NONE).run(sides, rules));
        } finally {
            store.delete(folder);
        }
    }
}
