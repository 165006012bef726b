/** Servers of others that tests start where Node is. */
@NullMarked
package dev.lastgood.node.contract;

import org.jspecify.annotations.NullMarked;
