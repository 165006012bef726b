/** Learns rules from trusted snapshots: a profile proposes, the audit and mutations of a sample dispose. */
@NullMarked
package dev.lastgood.suggest;

import org.jspecify.annotations.NullMarked;
