/** What an auditor asks for: what the catalog says of a period, with the means to find out whether it is so. */
@NullMarked
package dev.lastgood.evidence;

import org.jspecify.annotations.NullMarked;
