package dev.lastgood.rule;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes ids for rules that a program writes: from words that say what a rule is about, and none twice. */
public final class RuleIds {

    /** An id has at most 100 characters, and a number may follow. */
    private static final int LONGEST_BASE = 92;

    private final Set<String> taken;

    /** @param taken ids that are not to be given */
    public RuleIds(Collection<String> taken) {
        this.taken = new HashSet<>(taken);
    }

    /** An id of these words that nobody has; taken from now on. */
    public String next(List<String> words) {
        String id = words.stream()
                .map(RuleIds::part)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining("-"));
        String whole = id.isEmpty() ? "rule" : id;
        String base =
                whole.length() <= LONGEST_BASE ? whole : whole.substring(0, LONGEST_BASE - 9) + "-" + digest(whole);
        String free = base;
        for (int i = 2; !taken.add(free); i++) {
            free = base + "-" + i;
        }
        return free;
    }

    /** Letters, digits, dots and underscores; accents are left out, all else becomes a dash. */
    private static String part(String word) {
        return Normalizer.normalize(word.replace("[]", ""), Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replaceAll("[^A-Za-z0-9._]+", "-")
                .replaceAll("^[-._]+|[-.]+$", "");
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
