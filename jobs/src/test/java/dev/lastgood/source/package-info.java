@NullMarked
package dev.lastgood.source;

import org.jspecify.annotations.NullMarked;
