@NullMarked
package dev.lastgood.diff;

import org.jspecify.annotations.NullMarked;
