/**
 * Rules as Spark expressions. A rule is bound to the shape of its dataset, with every problem placed in its file, and
 * compiled to one {@link dev.lastgood.judge.Code} a record; Spark parses, types and evaluates the expressions.
 */
@NullMarked
package dev.lastgood.judge;

import org.jspecify.annotations.NullMarked;
