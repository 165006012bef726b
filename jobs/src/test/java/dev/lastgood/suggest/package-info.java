@NullMarked
package dev.lastgood.suggest;

import org.jspecify.annotations.NullMarked;
