@NullMarked
package dev.lastgood.incident;

import org.jspecify.annotations.NullMarked;
