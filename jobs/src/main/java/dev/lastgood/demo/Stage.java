package dev.lastgood.demo;

import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** One day of the shop, on the virtual clock. */
record Stage(LocalDate today, Ledger ledger, Random random, Traffic traffic) {
    /** Something that is done in one transaction; false if there was nothing to do. */
    @FunctionalInterface
    interface Job {
        boolean done() throws SQLException;
    }

    /** Does the jobs and as many acts of ordinary traffic, mixed, at times spread over the hours. */
    void play(LocalTime from, LocalTime to, List<Job> jobs, int acts) throws SQLException {
        var all = new ArrayList<>(jobs);
        for (int i = 0; i < acts; i++) {
            all.add(traffic::act);
        }
        Collections.shuffle(all, random);
        var start = today.atTime(from).toInstant(ZoneOffset.UTC);
        long span = Duration.between(from, to).toMillis();
        for (int i = 0; i < all.size(); i++) {
            ledger.moveTo(start.plusMillis((long) (span * (i + random.nextDouble()) / all.size())));
            all.get(i).done();
            ledger.commit();
        }
        ledger.moveTo(today.atTime(to).toInstant(ZoneOffset.UTC));
    }
}
