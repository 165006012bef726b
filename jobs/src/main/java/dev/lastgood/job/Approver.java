package dev.lastgood.job;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Ed25519;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.workspace.Approval;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who signs what people answer for: approvals of plans, and evidence. */
public final class Approver {
    private Approver() {}

    /**
     * Who signs with a key; null where the workspace names no approvers and there is no key.
     *
     * @param key the approver's private key in PEM; null: there is none to sign with
     * @param left what has not happened if this throws, as in "nothing was approved"
     */
    public static @Nullable Signer signer(Approval.Approvers approvers, @Nullable String key, String left) {
        if (!approvers.trust().asks()) {
            if (key != null) {
                throw InvalidInput.of(
                        "there is a key to sign with, and nobody would look at the signature; " + left,
                        "Name the public keys of approvers in the workspace: 'approval: {keys: [keys/approvers/*.pub]}'.");
            }
            return null;
        }
        String all = String.join(", ", new TreeSet<>(approvers.names().values()));
        if (key == null) {
            throw new Refusal(
                    "the workspace asks for approvals signed by one of %s; %s".formatted(all, left),
                    "Say which key to sign with: --key FILE, or its PEM in LASTGOOD_APPROVAL_KEY.");
        }
        try {
            return Signer.of(Ed25519.privateKey(key), approvers.trust())
                    .orElseThrow(() -> new Refusal(
                            "the public half of this key is not among those of 'approval.keys'; " + left,
                            "Approvers are %s.".formatted(all)));
        } catch (IllegalArgumentException e) {
            throw InvalidInput.of(
                    "the key to sign with cannot be used: %s; %s".formatted(e.getMessage(), left),
                    "Make one with 'openssl genpkey -algorithm ed25519 -out approver.pem'.");
        }
    }
}
