/** Rules brought along: data quality checks of other tools, written as rule files. */
@NullMarked
package dev.lastgood.imports;

import org.jspecify.annotations.NullMarked;
