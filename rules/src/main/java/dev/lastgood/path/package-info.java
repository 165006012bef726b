/** Field paths and the plain values written in them. */
@NullMarked
package dev.lastgood.path;

import org.jspecify.annotations.NullMarked;
