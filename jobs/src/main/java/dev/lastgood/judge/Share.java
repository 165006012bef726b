package dev.lastgood.judge;

import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * What each record of a dataset gives to a relation. Its columns read the struct column {@link CompiledRule#AFTER}.
 *
 * @param alike what its key is made of, as a text: shares of a dataset that are alike in it have the same key, so that
 *     records are brought together once for all of them; empty if it has no key
 * @param key a struct by which records are brought together, NULL if one of its values is; null if it has no key
 * @param value what the relation looks at; NULL if the record takes no part
 */
public record Share(String dataset, String alike, @Nullable Column key, Column value) {
    /** Fields of a value that is an amount: the number, and TRUE if there is one, UNKNOWN or ERROR. */
    public static final String AMOUNT = "amount";

    public static final String CODE = "code";

    /** A field of an amount that counts before even if the rule is not about the record: whether it is. */
    public static final String INSIDE = "inside";
}
