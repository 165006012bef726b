package dev.lastgood.source;

import dev.lastgood.spark.Shape;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The records of a dataset on one side, not yet read. Its columns are the stored columns of the shape, in order. */
public record Frame(Dataset<Row> records, Shape shape) {}
