@NullMarked
package dev.lastgood.problem;

import org.jspecify.annotations.NullMarked;
