/** What the product does, one class a job: take, verify, diff, audit, plan, apply. The command line calls these and prints. */
@NullMarked
package dev.lastgood.job;

import org.jspecify.annotations.NullMarked;
