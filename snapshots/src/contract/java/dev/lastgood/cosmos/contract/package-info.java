/** A Cosmos DB for tests: a server in this JVM, or a real account, chosen in one place. */
@NullMarked
package dev.lastgood.cosmos.contract;

import org.jspecify.annotations.NullMarked;
