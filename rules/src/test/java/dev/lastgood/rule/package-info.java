@NullMarked
package dev.lastgood.rule;

import org.jspecify.annotations.NullMarked;
