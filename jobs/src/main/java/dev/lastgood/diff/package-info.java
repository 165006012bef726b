/** Which records differ, and in which fields: key and content hashes as native Spark expressions, then field by field. */
@NullMarked
package dev.lastgood.diff;

import org.jspecify.annotations.NullMarked;
