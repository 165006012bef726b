package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.problem.Refusal;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How much of an audit a plan may be for. */
@ExtendWith(SparkForTests.class)
class AuditsTest {
    @TempDir
    Path folder;

    @Test
    void more_records_than_a_plan_is_for_are_refused_and_fewer_come_in_the_order_of_their_keys(SparkSession spark) {
        DatasetSpec things = Workspaces.dataset(folder, "key: [id]");
        Dataset<Row> wanted = spark.range(5).selectExpr("concat('k', 4 - id) as keyTagged");

        assertThat(Audits.bounded(things, wanted, 5))
                .extracting(row -> row.getString(0))
                .containsExactly("k0", "k1", "k2", "k3", "k4");
        assertThatThrownBy(() -> Audits.bounded(things, wanted, 4))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("more than 4 records of dataset '%s' are selected".formatted(things.name()))
                .hasMessageContaining("nothing was planned");
    }

    @Test
    void where_there_is_more_memory_a_plan_is_for_more_records() {
        assertThat(Audits.most(512L << 20)).isEqualTo(200_000);
        assertThat(Audits.most(8L << 30)).isEqualTo(1 << 20);
        assertThat(Audits.most(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE - 1);
    }
}
