/** The Spark session as Lastgood needs it, and the bridge between Spark's rows and records in canonical form. */
@NullMarked
package dev.lastgood.spark;

import org.jspecify.annotations.NullMarked;
