@NullMarked
package dev.lastgood.trend;

import org.jspecify.annotations.NullMarked;
