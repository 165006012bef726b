/** The command line: commands, what they print, and the exit codes scripts rely on. */
@NullMarked
package dev.lastgood.cli;

import org.jspecify.annotations.NullMarked;
