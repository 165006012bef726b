/** Rules as they stand in rule files, before they are bound to a schema, and the outcomes they can have. */
@NullMarked
package dev.lastgood.rule;

import org.jspecify.annotations.NullMarked;
