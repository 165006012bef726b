/** Azure Cosmos DB for NoSQL: signing in, budget, and the documents of a container. */
@NullMarked
package dev.lastgood.cosmos;

import org.jspecify.annotations.NullMarked;
