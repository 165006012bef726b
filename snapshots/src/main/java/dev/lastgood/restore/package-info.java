/**
 * How records are put back: a {@link dev.lastgood.restore.Planner} decides from good, bad and live images what may be
 * written, a {@link dev.lastgood.restore.Applier} writes exactly that, or nothing, and a
 * {@link dev.lastgood.restore.Journal} knows what was set out to do and what came of it. Spark is behind the seams
 * {@link dev.lastgood.restore.Judge} and {@link dev.lastgood.restore.Relations}.
 */
@NullMarked
package dev.lastgood.restore;

import org.jspecify.annotations.NullMarked;
