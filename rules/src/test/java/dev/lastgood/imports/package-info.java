@NullMarked
package dev.lastgood.imports;

import org.jspecify.annotations.NullMarked;
