@NullMarked
package dev.lastgood.judge;

import org.jspecify.annotations.NullMarked;
