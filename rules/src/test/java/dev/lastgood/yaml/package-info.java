@NullMarked
package dev.lastgood.yaml;

import org.jspecify.annotations.NullMarked;
