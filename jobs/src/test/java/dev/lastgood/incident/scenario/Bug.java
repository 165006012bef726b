package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A mistake in how some operations of some actors write, for a while.
 *
 * @param name among those of its kind
 * @param signature values of dimensions that are at fault only together
 * @param operations those that write wrongly
 */
record Bug(
        String name,
        Instant from,
        Instant to,
        Map<String, String> signature,
        Set<String> operations,
        Wrong wrong,
        @Nullable Beside beside) {

    /** What is written instead of the right record; the same where it does no harm. */
    interface Wrong {
        Fields instead(Fields right, Past past, RandomGenerator random);
    }

    /** A further record that is written, which should not be. */
    interface Beside {
        Fields also(Fields right, Instant at, RandomGenerator random);
    }

    /** The record as it has been so far. */
    interface Past {
        /** As it was then; as it was made, if that was later. */
        Fields asOf(Instant time);
    }

    Bug {
        signature = Map.copyOf(new TreeMap<>(signature));
        operations = Set.copyOf(operations);
    }

    static Bug instead(
            String name, Instant from, Instant to, Map<String, String> signature, Set<String> operations, Wrong wrong) {
        return new Bug(name, from, to, signature, operations, wrong, null);
    }

    static Bug beside(
            String name,
            Instant from,
            Instant to,
            Map<String, String> signature,
            Set<String> operations,
            Beside beside) {
        return new Bug(name, from, to, signature, operations, (right, past, random) -> right, beside);
    }

    boolean strikes(String operation, Actor actor, Instant at) {
        return operations.contains(operation)
                && !at.isBefore(from)
                && at.isBefore(to)
                && signature.entrySet().stream()
                        .allMatch(one -> actor.dimension(one.getKey()).equals(one.getValue()));
    }
}
