package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.snapshot.Ed25519;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Trust;
import dev.lastgood.workspace.Approval.Approvers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ApprovalFileTest {
    private static final Approvers NOBODY = new Approvers(Trust.ANYONE, Map.of());

    private final KeyPair anna = pair();
    private final KeyPair bert = pair();
    private final Approvers approvers = new Approvers(
            Trust.in(List.of(anna.getPublic(), bert.getPublic())),
            Map.of(Ed25519.id(anna.getPublic()), "anna", Ed25519.id(bert.getPublic()), "bert"));

    private static KeyPair pair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PlanApproval approval(String by, boolean authenticated) {
        return new PlanApproval(
                "d1gest", by, "ada", authenticated, Scene.NOON, Set.of("invoicing", "no_delete_evidence"));
    }

    private byte[] signed(String by, KeyPair key) {
        Signer signer =
                Signer.of(key.getPrivate(), Trust.in(List.of(key.getPublic()))).orElseThrow();
        return ApprovalFile.bytes("p1", approval(by, true), signer);
    }

    @Test
    void what_is_signed_counts_as_its_signers() throws ApprovalFile.NotValid {
        assertThat(ApprovalFile.read("p1", signed("anna", anna), approvers)).isEqualTo(approval("anna", true));
    }

    @Test
    void where_no_signature_is_asked_for_a_word_counts_and_is_not_authenticated() throws ApprovalFile.NotValid {
        byte[] bytes = ApprovalFile.bytes("p1", approval("ada", false), null);

        assertThat(ApprovalFile.read("p1", bytes, NOBODY)).isEqualTo(approval("ada", false));
        assertThat(ApprovalFile.read("p1", signed("anna", anna), NOBODY)).isEqualTo(approval("anna", false));
        assertNot("is not signed, and 'approval.keys' asks for a signature", bytes);
    }

    @Test
    void a_signature_is_for_all_that_is_said_and_by_who_it_is_said_to_be() {
        assertNot("is signed by a key that is not among those of 'approval.keys'", signed("anna", pair()));
        assertNot("is signed with the key of 'bert' and says to be by 'anna'", signed("anna", bert));
        String text = new String(signed("anna", anna), StandardCharsets.UTF_8);
        for (String[] change : new String[][] {
            {"invoicing", "everything"}, {"d1gest", "another"}, {"2026", "2027"}, {"true", "false"},
        }) {
            assertThat(text).contains(change[0]);
            assertNot(
                    "has a signature that is not one of the key it names",
                    text.replaceFirst(change[0], change[1]).getBytes(StandardCharsets.UTF_8));
        }
        assertThatThrownBy(() -> ApprovalFile.read("p2", signed("anna", anna), approvers))
                .hasMessage("is not as it was written: it is of another plan, or another version");
        byte[] next = text.replace("\"formatVersion\":1", "\"formatVersion\":2").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ApprovalFile.read("p1", next, approvers))
                .hasMessage("is not as it was written: it is of another plan, or another version");
    }

    @Test
    void what_is_no_approval_is_none() {
        for (String text : List.of("", "{", "[]", "{}", "null", "{\"formatVersion\":1,\"plan\":\"p1\"}")) {
            assertThatThrownBy(() -> ApprovalFile.read("p1", text.getBytes(StandardCharsets.UTF_8), approvers))
                    .as(text)
                    .isInstanceOf(ApprovalFile.NotValid.class)
                    .hasMessageStartingWith("is not as it was written: ");
        }
    }

    private void assertNot(String why, byte[] bytes) {
        assertThatThrownBy(() -> ApprovalFile.read("p1", bytes, approvers))
                .isInstanceOf(ApprovalFile.NotValid.class)
                .hasMessage(why);
    }
}
