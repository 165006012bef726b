@NullMarked
package dev.lastgood.audit.oracle;

import org.jspecify.annotations.NullMarked;
