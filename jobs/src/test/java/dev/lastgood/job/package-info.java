@NullMarked
package dev.lastgood.job;

import org.jspecify.annotations.NullMarked;
