@NullMarked
package dev.lastgood.snapshot;

import org.jspecify.annotations.NullMarked;
