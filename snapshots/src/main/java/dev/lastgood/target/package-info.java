/**
 * Live datasets that a restore may write to. {@link dev.lastgood.target.Target} is the seam: read records with the token
 * that makes a write conditional, then write each only if it still is as it was read.
 */
@NullMarked
package dev.lastgood.target;

import org.jspecify.annotations.NullMarked;
