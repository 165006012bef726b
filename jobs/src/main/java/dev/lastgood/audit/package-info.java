/**
 * One pass of the rules over live, beside its baseline: findings, changes, outcomes, one verdict. What is decided about a
 * record is pure code in {@link dev.lastgood.audit.Examiner}; everything else brings records to it or counts.
 */
@NullMarked
package dev.lastgood.audit;

import org.jspecify.annotations.NullMarked;
