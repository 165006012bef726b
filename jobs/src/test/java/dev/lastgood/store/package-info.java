@NullMarked
package dev.lastgood.store;

import org.jspecify.annotations.NullMarked;
