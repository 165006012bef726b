/**
 * The demo's world: a small web shop on an embedded database, its people, its buggy release, and the truth about who
 * wrote what. Nothing here calls the product, so that what the demo claims about the product is not the product's own
 * word.
 */
@NullMarked
package dev.lastgood.demo;

import org.jspecify.annotations.NullMarked;
