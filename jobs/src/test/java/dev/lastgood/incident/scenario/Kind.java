package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A kind of bug: the business that has it, the rules that guard its data, and how what is written differs from what is right.
 * Nothing it says of the truth comes from the product. To add one, write a class and name it in {@link Kinds}.
 */
interface Kind {
    /** As people call it; also a test's name. */
    String name();

    /** The dataset that is damaged. */
    Table table();

    /** A YAML list. Nothing that is right breaks them, and not all that is wrong does. */
    String rules();

    /** A new record. */
    Fields born(String region, Instant at, RandomGenerator random);

    /** What the business does with records, beside making and removing them. */
    List<Operation> operations();

    List<Bug> bugs(Days days);

    default List<Job> jobs(Days days) {
        return List.of();
    }

    /** Whether records are removed at times. */
    default boolean removes() {
        return true;
    }

    /** Other datasets, which are right, as they are after those writes: records by id. */
    default Map<Table, Map<Long, Fields>> others(List<Story.Write> writes) {
        return Map.of();
    }
}
