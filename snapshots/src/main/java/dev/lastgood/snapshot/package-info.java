/**
 * What was: the {@link dev.lastgood.snapshot.Store} that holds snapshots, plans and runs, the one way to publish into it,
 * the {@link dev.lastgood.snapshot.Catalog} of everything that happened, the {@link dev.lastgood.snapshot.Manifest} that
 * says what a snapshot is, and the byte levels of its verification. Plain Java: no Spark, no Hadoop.
 */
@NullMarked
package dev.lastgood.snapshot;

import org.jspecify.annotations.NullMarked;
