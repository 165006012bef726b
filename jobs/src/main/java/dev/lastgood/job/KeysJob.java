package dev.lastgood.job;

import dev.lastgood.spark.ReadPaths;
import dev.lastgood.suggest.KeyAdvisor;
import dev.lastgood.workspace.DatasetSpec;
import java.util.UUID;

/** Finds which fields tell the live records of a dataset apart. Live is read once. */
public final class KeysJob {
    private final Workplace workplace;

    public KeysJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /** What all records prove. */
    public KeyAdvisor.Advice advice(DatasetSpec dataset) {
        String folder = "tmp/" + UUID.randomUUID();
        try {
            return KeyAdvisor.of(workplace.sources().live(dataset), rows -> {
                String at = workplace.store().location(folder);
                rows.write().parquet(at);
                return workplace.session().read().schema(rows.schema()).parquet(ReadPaths.literal(at));
            });
        } finally {
            workplace.store().delete(folder);
        }
    }
}
