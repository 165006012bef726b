package dev.lastgood.suggest;

import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was learned.
 *
 * @param entries rules that passed on their snapshots and failed on damage
 * @param learned by dataset from what
 * @param known suggestions that rules of the workspace say already
 * @param dropped suggestions that did not hold in every record, or saw no damage
 * @param remarks what could not be learned, for people
 */
public record Suggestions(
        List<Entry> entries, Map<String, Learned> learned, int known, int dropped, List<String> remarks) {

    public Suggestions {
        entries = List.copyOf(entries);
        learned = Collections.unmodifiableMap(new LinkedHashMap<>(learned));
        remarks = List.copyOf(remarks);
    }

    /** A rule that is suggested. */
    public static final class Entry {
        private final Rule rule;
        private final Suggestion suggestion;
        private final int seen;

        Entry(Rule rule, Suggestion suggestion, int seen) {
            this.rule = rule;
            this.suggestion = suggestion;
            this.seen = seen;
        }

        public Rule rule() {
            return rule;
        }

        /** What speaks for it, in a sentence or two. */
        public String evidence() {
            return suggestion.evidence().text();
        }

        /** How many could have broken it and did not. */
        public long witnesses() {
            return suggestion.evidence().witnesses();
        }

        /** Of how many mutations it finds something. */
        public int seen() {
            return seen;
        }

        private String yaml() {
            return suggestion.yaml(
                    rule.id(),
                    List.of(evidence(), "Fails on %d of %d mutations.".formatted(seen, Mutation.ALL.size())));
        }
    }

    /** A snapshot of a dataset, how many records it holds, and how many snapshots were compared, itself among them. */
    public record Learned(SnapshotId snapshot, long records, int snapshots) {}

    /** Mutations on which each was tried. */
    public int mutations() {
        return Mutation.ALL.size();
    }

    /** The rule file. */
    public String yaml() {
        StringBuilder text = new StringBuilder();
        head().forEach(line -> text.append("# ").append(YamlText.comment(line)).append('\n'));
        if (entries.isEmpty()) {
            return text.append("rules: []\n").toString();
        }
        List<String> rules = entries.stream().map(Entry::yaml).toList();
        return text.append("rules:\n").append(String.join("\n", rules)).toString();
    }

    private List<String> head() {
        List<String> lines = new ArrayList<>();
        lines.add("Suggested by 'lastgood rules suggest'; read them, and delete what is true by chance. Learned from");
        learned.forEach((dataset, from) -> lines.add(String.format(
                Locale.ROOT,
                "  %s: snapshot %s, %,d records%s",
                dataset,
                from.snapshot(),
                from.records(),
                from.snapshots() == 1
                        ? "; no earlier one to compare it with"
                        : ", compared with the %d before it".formatted(from.snapshots() - 1))));
        lines.add("Each holds there without exception, and fails on at least one of %d seeded mutations of a sample."
                .formatted(mutations()));
        lines.add("The confidence supposes that records to come are like those that were seen.");
        return lines;
    }
}
