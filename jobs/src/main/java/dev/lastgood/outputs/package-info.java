/** What a run has checked, as the machines that watch it read it: one pure function from a command's document to each text. */
@NullMarked
package dev.lastgood.outputs;

import org.jspecify.annotations.NullMarked;
