package dev.lastgood.evidence;

import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Event;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Whole days in UTC. */
public record Period(LocalDate from, LocalDate to) {

    public Period {
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("a period from %s to %s".formatted(from, to));
        }
    }

    /** The first moment of it. */
    public Instant start() {
        return from.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    /** The first moment after it. */
    public Instant end() {
        return to.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    boolean holds(Instant time) {
        return !time.isBefore(start()) && time.isBefore(end());
    }

    /** Whether an entry is of it: by its own time, or, where a catalog begins anew, by that of an event it has kept. */
    boolean holds(Entry entry) {
        return holds(entry.at())
                || (entry.event() instanceof Event.Rebuilt rebuilt
                        && rebuilt.kept().stream().anyMatch(kept -> holds(kept.at())));
    }
}
