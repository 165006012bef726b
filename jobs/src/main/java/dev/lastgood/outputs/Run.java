package dev.lastgood.outputs;

import java.time.Instant;

/**
 * Which run it was, as far as the document of the command does not say.
 *
 * @param command {@code audit}, {@code snapshot verify} or {@code rules test}
 * @param workspace its name; empty if it could not be read
 * @param at when it ended
 * @param version of the product
 */
public record Run(String command, String workspace, Instant at, String version) {}
