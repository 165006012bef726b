/** What people and programs get to see: JSON Lines, and the HTML report. Values are masked here as the workspace declares. */
@NullMarked
package dev.lastgood.report;

import org.jspecify.annotations.NullMarked;
