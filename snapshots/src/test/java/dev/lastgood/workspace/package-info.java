@NullMarked
package dev.lastgood.workspace;

import org.jspecify.annotations.NullMarked;
