@NullMarked
package dev.lastgood.cosmos;

import org.jspecify.annotations.NullMarked;
