/** Live datasets and files as frames: typed exactly as their source has them, or refused by name. */
@NullMarked
package dev.lastgood.source;

import org.jspecify.annotations.NullMarked;
