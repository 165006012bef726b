package dev.lastgood.workspace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who signs, and whose signatures count.
 *
 * @param key private key in PEM, resolved when revealed; null: this identity signs nothing
 * @param trust files with public keys, as patterns relative to the workspace's folder
 */
public record Signing(@Nullable Secret key, List<String> trust) {

    public Signing {
        trust = List.copyOf(trust);
    }
}
