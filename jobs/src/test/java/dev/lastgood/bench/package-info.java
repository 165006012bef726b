@NullMarked
package dev.lastgood.bench;

import org.jspecify.annotations.NullMarked;
