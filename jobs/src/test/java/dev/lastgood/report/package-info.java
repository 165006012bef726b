@NullMarked
package dev.lastgood.report;

import org.jspecify.annotations.NullMarked;
