@NullMarked
package dev.lastgood.spark;

import org.jspecify.annotations.NullMarked;
