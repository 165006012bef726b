/** What audits have come to over time, and whether the last one stands out. */
@NullMarked
package dev.lastgood.trend;

import org.jspecify.annotations.NullMarked;
