package dev.lastgood.trend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.WorkspaceForTests;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TrendsTest {

    private static List<Trends.Audit> audits(String... days) {
        List<Trends.Audit> audits = new ArrayList<>();
        for (int i = 0; i < days.length; i++) {
            String[] day = days[i].split(" ", -1);
            audits.add(new Trends.Audit(
                    "a" + i,
                    Instant.parse("2026-11-01T02:00:00Z").plus(Duration.ofDays(i)),
                    WorkspaceForTests.json("""
                            {"datasets": [{"name": "orders", "after": %s}],
                             "rules": [{"id": "total", "outcome": "%s", "examined": %s, "violations": %s}]}""".formatted(day[0], day[1], day[0], day[2]))));
        }
        return audits;
    }

    private static String said(JsonNode node) {
        return node.get("verdict").asText() + " " + node.at("/datasets/0/standsOut") + " "
                + node.at("/rules/0/standsOut");
    }

    @Test
    void steady_growth_is_usual_and_a_sudden_loss_is_not() {
        String[] days = {
            "1000 PASS 0",
            "1010 PASS 0",
            "1020 PASS 0",
            "1031 PASS 0",
            "1041 PASS 0",
            "1051 PASS 0",
            "1062 PASS 0",
            "1072 PASS 0"
        };
        assertThat(said(Trends.of(audits(days)))).isEqualTo("PASS false false");

        days[7] = "800 PASS 0";
        JsonNode lost = Trends.of(audits(days));
        assertThat(said(lost)).isEqualTo("FAIL true false");
        assertThat(lost.at("/datasets/0/expected").asLong()).isBetween(1070L, 1075L);

        days[7] = "1500 PASS 0";
        assertThat(said(Trends.of(audits(days)))).isEqualTo("FAIL true false");
    }

    @Test
    void more_broken_than_ever_stands_out_and_the_usual_number_does_not() {
        String[] days = {
            "1000 FAIL 10",
            "1000 FAIL 11",
            "1000 FAIL 9",
            "1000 FAIL 10",
            "1000 FAIL 12",
            "1000 FAIL 9",
            "1000 FAIL 10",
            "1000 FAIL 14"
        };
        assertThat(said(Trends.of(audits(days)))).isEqualTo("PASS false false");
        days[7] = "1000 FAIL 60";
        assertThat(said(Trends.of(audits(days)))).isEqualTo("FAIL false true");
        days[7] = "1000 PASS 0";
        JsonNode healed = Trends.of(audits(days));
        assertThat(said(healed)).isEqualTo("PASS false false");
        assertThat(healed.at("/rules/0/since").asText()).isEqualTo("2026-11-08T02:00:00Z");
    }

    @Test
    void a_rule_that_held_and_is_broken_now_stands_out_however_little() {
        String[] days = new String[10];
        Arrays.fill(days, "1000 PASS 0");
        days[9] = "1000 FAIL 1";
        assertThat(said(Trends.of(audits(days)))).isEqualTo("FAIL false true");
        days[8] = "1000 FAIL 1";
        assertThat(said(Trends.of(audits(days)))).as("the day after").isEqualTo("FAIL false true");
        assertThat(said(Trends.of(audits("1000 PASS 0", "1000 FAIL 1"))))
                .as("of two")
                .isEqualTo("FAIL false true");
    }

    @Test
    void few_records_more_are_nothing_and_none_at_all_is() {
        String[] days = new String[10];
        Arrays.fill(days, "10 PASS 0");
        days[9] = "11 PASS 0";
        assertThat(said(Trends.of(audits(days)))).isEqualTo("PASS false false");
        days[9] = "0 PASS 0";
        assertThat(said(Trends.of(audits(days)))).isEqualTo("FAIL true false");
    }

    @Test
    void a_loss_stands_out_until_the_level_is_back() {
        String[] days = new String[12];
        Arrays.fill(days, "1000 PASS 0");
        days[8] = "800 PASS 0";
        days[9] = "800 PASS 0";
        days[10] = "801 PASS 0";
        JsonNode back = Trends.of(audits(days));
        assertThat(said(back)).isEqualTo("PASS false false");
        days[11] = "800 PASS 0";
        JsonNode lost = Trends.of(audits(days));
        assertThat(said(lost)).isEqualTo("FAIL true false");
        assertThat(lost.at("/datasets/0/expected").asLong()).isEqualTo(1000);
    }

    @Test
    void more_growth_after_more_days_is_usual() {
        String[] days = new String[10];
        for (int i = 0; i < days.length; i++) {
            days[i] = "%d PASS 0".formatted(Math.round(1000 * Math.pow(1.05, i < 9 ? i : 13)));
        }
        List<Trends.Audit> audits = audits(days);
        assertThat(said(Trends.of(audits))).as("in one day").isEqualTo("FAIL true false");
        Trends.Audit last = audits.get(9);
        audits.set(9, new Trends.Audit(last.id(), last.at().plus(Duration.ofDays(4)), last.document()));
        assertThat(said(Trends.of(audits))).as("in five").isEqualTo("PASS false false");
    }

    @Test
    void what_the_last_audit_does_not_have_is_not_judged() {
        String[] days = new String[10];
        Arrays.fill(days, "1000 PASS 0");
        List<Trends.Audit> audits = audits(days);
        Trends.Audit last = audits.get(9);
        audits.set(9, new Trends.Audit(last.id(), last.at(), WorkspaceForTests.json("""
                {"datasets": [{"name": "orders", "after": 1000}], "rules": []}""")));

        JsonNode trends = Trends.of(audits);

        assertThat(said(trends)).isEqualTo("INCONCLUSIVE false false");
        assertThat(trends.at("/rules/0/missing").asBoolean()).isTrue();
        assertThat(trends.at("/datasets/0/missing").asBoolean()).isFalse();
    }

    @Test
    void what_could_not_be_judged_is_no_pass_and_no_number() {
        String[] days = {
            "1000 PASS 0",
            "1000 PASS 0",
            "1000 PASS 0",
            "1000 PASS 0",
            "1000 PASS 0",
            "1000 PASS 0",
            "1000 PASS 0",
            "1000 ERROR 0"
        };

        JsonNode trends = Trends.of(audits(days));

        assertThat(said(trends)).isEqualTo("INCONCLUSIVE false false");
        assertThat(trends.at("/rules/0/broken")).hasSize(7);
    }

    @Test
    void a_few_audits_are_too_few_to_tell() {
        assertThat(said(Trends.of(audits("1000 PASS 0", "1 PASS 0")))).isEqualTo("INCONCLUSIVE false false");
    }

    @Test
    void noise_alone_rarely_stands_out() {
        long seed = 7;
        Random random = new Random(seed);
        int alarms = 0;
        for (int series = 0; series < 500; series++) {
            List<Usual.Volume> volumes = new ArrayList<>();
            List<Double> rates = new ArrayList<>();
            for (int day = 0; day < 30; day++) {
                Instant at = Instant.EPOCH.plus(Duration.ofDays(day));
                volumes.add(new Usual.Volume(at, 10_000 + Math.round(random.nextGaussian() * 100)));
                long broken = 0;
                for (int record = 0; record < 500; record++) {
                    broken += random.nextDouble() < 0.01 ? 1 : 0;
                }
                rates.add(broken / 500.0);
            }
            alarms += Usual.level(volumes).isOdd() ? 1 : 0;
            alarms += Usual.isHigh(rates, 500) ? 1 : 0;
        }
        assertThat(alarms).as("of 1000, seed %d", seed).isLessThan(10);
    }
}
