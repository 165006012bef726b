package dev.lastgood.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a report is made from. Values in it are masked already.
 *
 * @param audit the document of the audit, as {@code audit --json} prints it
 * @param rules what the workspace says of the rules of the audit, as far as it still has them
 * @param fields the most frequent changes, the most frequent first
 * @param classes what the records that differ or are accused were found to be
 * @param samples of the incidents in their order, then of the datasets
 * @param restore null: there is no plan
 */
public record Report(
        ObjectNode audit,
        Provenance provenance,
        List<Statement> rules,
        List<FieldCount> fields,
        List<ClassCount> classes,
        List<Sample> samples,
        @Nullable Restore restore) {

    public Report {
        rules = List.copyOf(rules);
        fields = List.copyOf(fields);
        classes = List.copyOf(classes);
        samples = List.copyOf(samples);
    }

    /** The most records that are shown, over all samples. */
    public static final int MOST_RECORDS = 200;

    /** The most rows of {@link #fields} that are shown. */
    public static final int MOST_FIELD_COUNTS = 200;

    /**
     * Where it all comes from.
     *
     * @param version of the product that wrote the report
     * @param document digest of the audit's document
     * @param made when the report was made
     */
    public record Provenance(
            String workspace,
            String version,
            Instant audited,
            String by,
            Sha256 document,
            Instant made,
            List<Baseline> baselines) {
        public Provenance {
            baselines = List.copyOf(baselines);
        }
    }

    /**
     * The snapshot a dataset was compared with.
     *
     * @param capture null: the catalog does not list it any more
     */
    public record Baseline(
            String dataset, SnapshotId snapshot, @Nullable Capture capture) {}

    /** When a snapshot was captured, and the digest of its manifest. */
    public record Capture(Instant from, Instant to, long records, Sha256 manifest) {}

    /**
     * What a rule says.
     *
     * @param hash of the rule as the workspace has it
     * @param audited hashes under which the audit reports findings of it, none if there are no findings
     */
    public record Statement(String id, String hash, SortedMap<String, Long> audited, String sentence, String because) {}

    /**
     * How often a field underwent a kind of change.
     *
     * @param path without indexes and keys of elements
     * @param fault what the field was found to be in these records
     */
    public record FieldCount(String dataset, String path, String kind, String fault, long changes) {}

    /** How many records of a dataset were found to be something. */
    public record ClassCount(String dataset, String fault, long records) {}

    /**
     * Some records that have something in common, in the order of their keys.
     *
     * @param incident the id of their incident; empty: those of the dataset that are of none
     * @param records how many there are
     * @param changes a line of JSON a record that differs, as {@link Lines#changes} makes it
     * @param findings a line of JSON a finding of these records, as {@link Lines#findings} makes it
     */
    public record Sample(String dataset, String incident, long records, List<String> changes, List<String> findings) {
        public Sample {
            changes = List.copyOf(changes);
            findings = List.copyOf(findings);
        }
    }

    /**
     * A restore plan.
     *
     * @param plan the document of the plan, as {@code restore plan --json} prints it
     * @param steps the first of its steps, a line of JSON each, as {@code restore show} prints them
     * @param conflicts the first of its conflicts, a line of JSON each, as {@code restore show} prints them
     */
    public record Restore(ObjectNode plan, List<String> steps, List<String> conflicts) {
        public Restore {
            steps = List.copyOf(steps);
            conflicts = List.copyOf(conflicts);
        }
    }
}
