package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Something the business does with a record.
 *
 * @param weight how often, against the other operations; 0 if only jobs do it
 * @param only dimensions of the actors that do it; others do not
 */
record Operation(String name, double weight, Effect effect, Fields only) {

    /** The name of that which makes a record. */
    static final String CREATE = "create";

    /** The fields it sets; those it clears are {@link #CLEARED}. Asks for the same random numbers whatever the record. */
    interface Effect {
        Fields sets(Fields record, RandomGenerator random, Instant at);
    }

    /** Stands for no value. */
    static final Object CLEARED = new Object() {
        @Override
        public String toString() {
            return "cleared";
        }
    };

    static Operation of(String name, double weight, Effect effect) {
        return new Operation(name, weight, effect, Fields.NONE);
    }

    /** The same, done by such actors only: names and values of dimensions in turn. */
    Operation by(Object... dimensions) {
        return new Operation(name, weight, effect, Fields.of(dimensions));
    }

    Fields done(Fields record, RandomGenerator random, Instant at) {
        return settled(record.with(effect.sets(record, random, at)));
    }

    /** Without what was cleared. */
    static Fields settled(Fields record) {
        return record.without(record.names().stream()
                .filter(name -> record.get(name) == CLEARED)
                .toArray(String[]::new));
    }
}
