/** Taking snapshots, reading them again, and verifying their content through Spark. */
@NullMarked
package dev.lastgood.capture;

import org.jspecify.annotations.NullMarked;
