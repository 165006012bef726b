@NullMarked
package dev.lastgood.path;

import org.jspecify.annotations.NullMarked;
