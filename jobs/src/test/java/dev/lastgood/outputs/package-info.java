@NullMarked
package dev.lastgood.outputs;

import org.jspecify.annotations.NullMarked;
