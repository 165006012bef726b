/**
 * Records and what makes two of them the same: {@link dev.lastgood.record.Value} in its canonical form, the
 * {@link dev.lastgood.record.Key} that names a record, its {@link dev.lastgood.record.Image} at one moment, and the
 * leaves in which two images differ. Hash, diff, merge, plan and journal all use this one notion of sameness.
 */
@NullMarked
package dev.lastgood.record;

import org.jspecify.annotations.NullMarked;
