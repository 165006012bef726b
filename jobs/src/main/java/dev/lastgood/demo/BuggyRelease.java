package dev.lastgood.demo;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Release 4.2.1: chooses what it will damage. A share of each kind are records whose damaged field a legitimate writer
 * wrote today (the last snapshot holds an older value), and a share are younger than the last snapshot.
 */
final class BuggyRelease {
    static final String VERSION = "4.2.1";

    private static final double WRITTEN_TODAY = 0.12;
    private static final double YOUNG = 0.06;
    private static final double TWICE = 0.05;

    /** Kinds that would blur one another: a wrong delete hides any other, and both totals and lines are in the sum. */
    private static final Set<Damage> ALONE =
            EnumSet.of(Damage.TOTAL_TIMES_100, Damage.LINE_AMOUNT_ROUNDED, Damage.ORDER_DELETED);

    private final Ledger ledger;
    private final Random random;
    private final double scale;
    private final long morning;
    private final Set<Long> orders = new HashSet<>();

    /** @param morning the log's number before the day's first write */
    BuggyRelease(Ledger ledger, Random random, double scale, long morning) {
        this.ledger = ledger;
        this.random = random;
        this.scale = scale;
        this.morning = morning;
    }

    List<Stage.Job> strikes(List<Damage> kinds) throws SQLException {
        var jobs = new ArrayList<Stage.Job>();
        for (Damage damage : kinds) {
            for (long key : chosen(damage)) {
                Stage.Job job = () -> damage.strike(ledger, key);
                jobs.add(job);
                if (damage == Damage.TOTAL_TIMES_100 && random.nextDouble() < TWICE) {
                    jobs.add(job);
                }
            }
        }
        return jobs;
    }

    private Set<Long> chosen(Damage damage) throws SQLException {
        int parts = damage.prey().stream().mapToInt(Damage.Prey::parts).sum();
        var written = keys(damage, "op = 'update' and field like '" + damage.field() + "'");
        var young = keys(damage, "op = 'insert' and field = '*'");
        var chosen = new LinkedHashSet<Long>();
        for (Damage.Prey prey : damage.prey()) {
            int records = Math.max(4, (int) Math.round(damage.records() * scale * prey.parts() / parts));
            choose(chosen, eligible(damage, prey), written, young, records);
        }
        if (damage.table() == Table.ORDERS) {
            orders.addAll(chosen);
        }
        return chosen;
    }

    private List<Long> eligible(Damage damage, Damage.Prey prey) throws SQLException {
        var keys = new ArrayList<>(ledger.numbers(prey.keys()));
        if (ALONE.contains(damage)) {
            keys.removeIf(orders::contains);
        }
        Collections.shuffle(keys, random);
        return keys;
    }

    private static void choose(Set<Long> chosen, List<Long> eligible, Set<Long> written, Set<Long> young, int records) {
        int before = chosen.size();
        take(chosen, eligible.stream().filter(written::contains).toList(), (int) Math.ceil(records * WRITTEN_TODAY));
        take(chosen, eligible.stream().filter(young::contains).toList(), (int) Math.ceil(records * YOUNG));
        take(chosen, eligible, records - (chosen.size() - before));
    }

    private static void take(Set<Long> chosen, List<Long> from, int records) {
        int end = chosen.size() + records;
        for (long key : from) {
            if (chosen.size() >= end) {
                return;
            }
            chosen.add(key);
        }
    }

    private Set<Long> keys(Damage damage, String condition) throws SQLException {
        return new HashSet<>(ledger.numbers("select distinct record_key from truth.write_log where seq > " + morning
                + " and writer = 'legitimate' and tab = '" + damage.table().sql() + "' and " + condition));
    }
}
