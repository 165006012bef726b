/** The first workspace of a source: what lies there, what tells its records apart, and a commented file that says so. */
@NullMarked
package dev.lastgood.init;

import org.jspecify.annotations.NullMarked;
