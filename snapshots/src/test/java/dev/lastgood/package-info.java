@NullMarked
package dev.lastgood;

import org.jspecify.annotations.NullMarked;
