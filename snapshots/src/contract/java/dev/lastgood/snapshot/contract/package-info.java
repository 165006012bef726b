/** What every store must do, and who tries it in another process. Compiled into the tests of each module with a store. */
@NullMarked
package dev.lastgood.snapshot.contract;

import org.jspecify.annotations.NullMarked;
