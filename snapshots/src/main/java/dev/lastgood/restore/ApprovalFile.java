package dev.lastgood.restore;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.restore.Json.Malformed;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Trust;
import dev.lastgood.workspace.Approval.Approvers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.erdtman.jcs.JsonCanonicalizer;
import org.jspecify.annotations.Nullable;

/**
 * An approval as it lies in the store, {@code plans/ID/approvals/NAME.json}: what was approved, by whom and when, and where
 * the workspace asks for that, an Ed25519 signature over the RFC 8785 form of all of it.
 */
public final class ApprovalFile {
    private ApprovalFile() {}

    private static final int FORMAT = 1;

    /** Why an approval does not count, in words that go on after "an approval". */
    public static final class NotValid extends Exception {
        private static final long serialVersionUID = 1;

        NotValid(String why) {
            super(why);
        }
    }

    /** The bytes of an approval. Signed if there is a key to sign with. */
    public static byte[] bytes(String plan, PlanApproval approval, @Nullable Signer signer) {
        ObjectNode node = content(plan, approval);
        if (signer != null) {
            Manifest.Signature signature = signer.signature(message(node));
            node.putObject("signature")
                    .put("algorithm", signature.algorithm())
                    .put("key", signature.key())
                    .put("value", signature.value());
        }
        return Json.bytes(node);
    }

    private static ObjectNode content(String plan, PlanApproval approval) {
        ObjectNode node = Json.object()
                .put("formatVersion", FORMAT)
                .put("plan", plan)
                .put("digest", approval.digest())
                .put("by", approval.by())
                .put("user", approval.user())
                .put("authenticated", approval.authenticated())
                .put("at", approval.at().toString());
        new TreeSet<>(approval.acknowledged()).forEach(node.putArray("acknowledged")::add);
        return node;
    }

    private static byte[] message(ObjectNode content) {
        try {
            return ("lastgood approval signature 1\n" + new JsonCanonicalizer(Json.bytes(content)).getEncodedString()
                            + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    /**
     * Reads an approval of a plan.
     *
     * @param approvers whose signatures count; where none is asked for, anybody's word does
     */
    public static PlanApproval read(String plan, byte[] bytes, Approvers approvers) throws NotValid {
        PlanApproval approval;
        Manifest.@Nullable Signature signature;
        try {
            JsonNode node = Json.parse(bytes);
            if (Json.number(node, "formatVersion") != FORMAT
                    || !Json.text(node, "plan").equals(plan)) {
                throw new Malformed("it is of another plan, or another version");
            }
            JsonNode authenticated = Json.member(node, "authenticated");
            approval = new PlanApproval(
                    Json.text(node, "digest"),
                    Json.text(node, "by"),
                    Json.text(node, "user"),
                    authenticated.asBoolean(),
                    Json.instant(node, "at"),
                    Set.copyOf(Json.texts(node, "acknowledged")));
            signature = node.has("signature") ? signature(Json.member(node, "signature")) : null;
        } catch (Malformed e) {
            throw new NotValid("is not as it was written: " + e.what());
        }
        if (!approvers.trust().asks()) {
            return new PlanApproval(
                    approval.digest(), approval.by(), approval.user(), false, approval.at(), approval.acknowledged());
        }
        Trust.Standing standing = approvers.trust().standing(message(content(plan, approval)), signature);
        if (standing != Trust.Standing.TRUSTED || signature == null) {
            throw new NotValid(
                    switch (standing) {
                        case UNSIGNED -> "is not signed, and 'approval.keys' asks for a signature";
                        case UNKNOWN_KEY -> "is signed by a key that is not among those of 'approval.keys'";
                        default -> "has a signature that is not one of the key it names";
                    });
        }
        String name = String.valueOf(approvers.names().get(signature.key()));
        if (!name.equals(approval.by())) {
            throw new NotValid("is signed with the key of '%s' and says to be by '%s'".formatted(name, approval.by()));
        }
        return approval;
    }

    private static Manifest.Signature signature(JsonNode node) throws Malformed {
        try {
            return new Manifest.Signature(
                    Json.text(node, "algorithm"), Json.text(node, "key"), Json.text(node, "value"));
        } catch (IllegalArgumentException e) {
            throw new Malformed("its signature is of an algorithm that nobody knows");
        }
    }
}
