/** What is wrong in something a person wrote: where, what, and what was probably meant. */
@NullMarked
package dev.lastgood.problem;

import org.jspecify.annotations.NullMarked;
