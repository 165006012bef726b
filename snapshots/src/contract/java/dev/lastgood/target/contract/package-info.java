/** What every target must do, compiled into the tests of each module that has one. */
@NullMarked
package dev.lastgood.target.contract;

import org.jspecify.annotations.NullMarked;
