package dev.lastgood.workspace;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots of each dataset stay when the others are pruned: those that any line keeps.
 *
 * @param keepLast the newest so many
 * @param hourly the last of each of so many hours that have one; so for days, weeks, months and years
 * @param within those not older than this; null: age alone keeps none
 * @param minimum never fewer than so many, whatever the lines say; at least 1
 */
public record Retention(
        int keepLast,
        int hourly,
        int daily,
        int weekly,
        int monthly,
        int yearly,
        @Nullable Duration within,
        int minimum) {}
