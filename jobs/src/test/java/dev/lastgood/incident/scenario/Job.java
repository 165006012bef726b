package dev.lastgood.incident.scenario;

import java.time.Instant;

/**
 * An operation that one actor does with many records of its region in a row.
 *
 * @param share of the records of the region
 */
record Job(String operation, Instant from, Instant to, Actor actor, double share) {}
