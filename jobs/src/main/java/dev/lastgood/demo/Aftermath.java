package dev.lastgood.demo;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Life goes on on damaged records: people who do not know write to other fields of them, to the damaged fields, and
 * delete some. All of it is legitimate, and a restore must keep it.
 */
final class Aftermath {
    private final Ledger ledger;
    private final Random random;
    private final Traffic traffic;

    Aftermath(Ledger ledger, Random random, Traffic traffic) {
        this.ledger = ledger;
        this.random = random;
        this.traffic = traffic;
    }

    /** The same afternoon, before the fourth night. */
    List<Stage.Job> sameDay() throws SQLException {
        var jobs = new ArrayList<Stage.Job>();
        var totals = new Victims(Damage.TOTAL_TIMES_100, jobs);
        totals.some(0.08, traffic::note);
        totals.some(0.04, traffic::recalculate);
        totals.some(0.02, traffic::delete);
        var lines = new Victims(Damage.LINE_AMOUNT_ROUNDED, jobs);
        lines.some(0.06, traffic::note);
        lines.some(0.04, this::orderOtherQuantity);
        var balances = new Victims(Damage.BALANCE_SIGN_FLIPPED, jobs);
        balances.some(0.06, traffic::move);
        balances.some(0.05, traffic::book);
        var emails = new Victims(Damage.EMAIL_CUT_SHORT, jobs);
        emails.some(0.06, traffic::move);
        emails.some(0.04, traffic::changeEmail);
        var statuses = new Victims(Damage.STATUS_SET_BACK, jobs);
        statuses.some(0.06, traffic::note);
        statuses.some(0.04, this::payIfNew);
        return jobs;
    }

    /** The day after the fourth night. */
    List<Stage.Job> nextDay() throws SQLException {
        var jobs = new ArrayList<Stage.Job>();
        var totals = new Victims(Damage.TOTAL_TIMES_100, jobs);
        totals.some(0.10, traffic::note);
        totals.some(0.04, traffic::recalculate);
        totals.some(0.02, traffic::delete);
        var lines = new Victims(Damage.LINE_AMOUNT_ROUNDED, jobs);
        lines.some(0.08, traffic::note);
        lines.some(0.04, this::orderOtherQuantity);
        lines.some(0.03, traffic::changeLine);
        lines.some(0.02, traffic::delete);
        var balances = new Victims(Damage.BALANCE_SIGN_FLIPPED, jobs);
        balances.some(0.08, traffic::move);
        balances.some(0.05, traffic::book);
        var emails = new Victims(Damage.EMAIL_CUT_SHORT, jobs);
        emails.some(0.08, traffic::changeTier);
        emails.some(0.05, traffic::changeEmail);
        var statuses = new Victims(Damage.STATUS_SET_BACK, jobs);
        statuses.some(0.08, traffic::note);
        statuses.some(0.04, this::payIfNew);
        jobs.addAll(enteredAgain());
        return jobs;
    }

    /** After the last kind of damage, which no snapshot will hold. */
    List<Stage.Job> lastHours() throws SQLException {
        var jobs = new ArrayList<Stage.Job>();
        var payments = new Victims(Damage.PAYMENT_ZEROED, jobs);
        payments.some(0.10, this::settleIfCaptured);
        payments.some(0.06, traffic::correct);
        payments.some(0.02, this::deleteWithOrder);
        return jobs;
    }

    private List<Stage.Job> enteredAgain() throws SQLException {
        var jobs = new ArrayList<Stage.Job>();
        var lost = struck(Damage.ORDER_DELETED);
        for (long key : lost.subList(0, share(lost, 0.04))) {
            jobs.add(() -> enterAgain(key));
        }
        return jobs;
    }

    private boolean enterAgain(long key) throws SQLException {
        Optional<Row> payment = ledger.first(Table.PAYMENTS, "order_id = ?", key);
        return payment.isPresent() && ledger.find(Table.ORDERS, key).isEmpty() && traffic.enterAgain(payment.get());
    }

    private boolean payIfNew(Row order) throws SQLException {
        return order.text("status").equals("NEW") && traffic.pay(order);
    }

    private boolean settleIfCaptured(Row payment) throws SQLException {
        return payment.text("status").equals("CAPTURED") && traffic.settle(payment);
    }

    private boolean deleteWithOrder(Row payment) throws SQLException {
        Optional<Row> order = ledger.find(Table.ORDERS, payment.number("order_id"));
        return order.isPresent() && traffic.delete(order.get());
    }

    /** Of a line whose amount looks rounded, which is the damaged one more often than not. */
    private boolean orderOtherQuantity(Row order) throws SQLException {
        for (Line line : order.lines().all()) {
            if (line.amount().stripTrailingZeros().scale() <= 0) {
                return traffic.changeQuantity(order, line);
            }
        }
        return false;
    }

    private List<Long> struck(Damage damage) throws SQLException {
        var keys = ledger.numbers("select distinct record_key from truth.write_log where kind = '" + damage.kind()
                + "' and tab = '" + damage.table().sql() + "' order by record_key");
        Collections.shuffle(keys, random);
        return keys;
    }

    private static int share(List<Long> of, double share) {
        return (int) Math.min(of.size(), Math.ceil(of.size() * share));
    }

    /** Deals the damaged records of one kind out, so that no two acts of one day fall upon the same record. */
    private final class Victims {
        private final Damage damage;
        private final List<Stage.Job> jobs;
        private final List<Long> all;
        private final Iterator<Long> left;

        Victims(Damage damage, List<Stage.Job> jobs) throws SQLException {
            this.damage = damage;
            this.jobs = jobs;
            this.all = struck(damage);
            this.left = all.iterator();
        }

        void some(double share, Traffic.OnRow act) {
            for (int i = share(all, share); i > 0 && left.hasNext(); i--) {
                long key = left.next();
                jobs.add(() -> {
                    Optional<Row> row = ledger.find(damage.table(), key);
                    return row.isPresent() && act.done(row.get());
                });
            }
        }
    }
}
