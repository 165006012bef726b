package dev.lastgood.workspace;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.snapshot.Ed25519;
import dev.lastgood.snapshot.Trust;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Who approves a plan, and for how long.
 *
 * @param expires how long after planning a plan may be applied
 * @param keys files with public keys of approvers; none: the operating system's user is taken at its word
 */
public record Approval(By by, Duration expires, KeyFiles keys) {

    public static final Approval DEFAULT = new Approval(By.ANYONE, Duration.ofHours(24), KeyFiles.NONE);

    /**
     * Those who may approve with a signature: each by the name of the file its public key is in, without its ending.
     *
     * @throws InvalidInput if a key cannot be read, or two have one name
     */
    public Approvers approvers() {
        var problems = new Problems();
        Map<String, String> names = new HashMap<>();
        Map<Path, PublicKey> read = keys.read(problems);
        read.forEach((file, key) -> {
            String name = String.valueOf(file.getFileName()).replaceFirst("[.][^.]*$", "");
            if (names.containsValue(name)) {
                problems.error(
                        keys.patterns().get(0).place(),
                        "two keys of approvers are named '%s'".formatted(name),
                        "An approver is known by the name of the file; rename one, or take it away.");
            }
            String other = names.put(Ed25519.id(key), name);
            if (other != null) {
                problems.error(
                        keys.patterns().get(0).place(),
                        "the approvers '%s' and '%s' have one key".formatted(other, name),
                        "A signature must say who has given it; take one of the files away.");
            }
        });
        problems.throwIfErrors();
        return new Approvers(read.isEmpty() ? Trust.ANYONE : Trust.in(read.values()), names);
    }

    /**
     * Who may approve with a signature.
     *
     * @param names by the id of their key
     */
    public record Approvers(Trust trust, Map<String, String> names) {
        public Approvers {
            names = Map.copyOf(names);
        }
    }

    /** Who may approve. */
    public enum By {
        /** Also who made the plan. */
        ANYONE,
        /** Not who made the plan. */
        SOMEONE_ELSE
    }
}
