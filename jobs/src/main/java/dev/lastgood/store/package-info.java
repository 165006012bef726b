/** Stores on the file systems that Hadoop knows. */
@NullMarked
package dev.lastgood.store;

import org.jspecify.annotations.NullMarked;
