@NullMarked
package dev.lastgood.audit;

import org.jspecify.annotations.NullMarked;
