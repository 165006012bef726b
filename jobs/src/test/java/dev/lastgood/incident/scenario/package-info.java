/** Traffic of a small business with a bug planted into it, and how much of what the bug did is found. */
@NullMarked
package dev.lastgood.incident.scenario;

import org.jspecify.annotations.NullMarked;
