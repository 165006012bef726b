/** From findings to incidents: which records belong together, since when, and what each record was when it was good. */
@NullMarked
package dev.lastgood.incident;

import org.jspecify.annotations.NullMarked;
