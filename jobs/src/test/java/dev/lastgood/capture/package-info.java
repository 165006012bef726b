@NullMarked
package dev.lastgood.capture;

import org.jspecify.annotations.NullMarked;
