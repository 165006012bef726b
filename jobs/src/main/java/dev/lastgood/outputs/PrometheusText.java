package dev.lastgood.outputs;

import dev.lastgood.outputs.Checked.Capture;
import dev.lastgood.outputs.Checked.Check;
import dev.lastgood.outputs.Checked.Volume;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run as gauges in Prometheus' text format 0.0.4, for the text file collector of a node exporter. Outcomes and verdicts are
 * a series each, of which one is 1: what is no pass can then not be mistaken for one by a query that forgets it.
 */
public final class PrometheusText {
    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> run;

    private PrometheusText(Run run) {
        this.run = labels("workspace", run.workspace(), "command", run.command());
    }

    public static String of(Checked checked) {
        PrometheusText text = new PrometheusText(checked.run());
        text.run(checked);
        text.checks(checked.checks());
        text.volumes(checked.volumes());
        text.captures(checked.captures());
        return text.text.toString();
    }

    private void run(Checked checked) {
        head("lastgood_run_timestamp_seconds", "When the last run ended, whatever came of it; in Unix time.");
        sample(
                "lastgood_run_timestamp_seconds",
                run,
                Long.toString(checked.run().at().getEpochSecond()));
        head("lastgood_verdict", "1 for what the last run came to. Only PASS is good.");
        for (Verdict verdict : Verdict.values()) {
            sample("lastgood_verdict", with("verdict", verdict.name()), checked.verdict() == verdict ? "1" : "0");
        }
        head("lastgood_checks", "Checks with a say in the verdict, by what became of them.");
        for (Outcome outcome : Outcome.values()) {
            sample("lastgood_checks", with("outcome", outcome.name()), Long.toString(checked.deciding(outcome)));
        }
        head("lastgood_incidents", "Incidents that the last run has found.");
        sample("lastgood_incidents", run, Long.toString(checked.incidents()));
    }

    private void checks(List<Check> checks) {
        if (checks.isEmpty()) {
            return;
        }
        // A label with an id of a snapshot in it would be a new series every night, and a series must not be there
        // twice.
        Map<Map<String, String>, List<Check>> series = new LinkedHashMap<>();
        checks.forEach(check ->
                series.computeIfAbsent(with(check), labels -> new ArrayList<>()).add(check));
        head(
                "lastgood_check_outcome",
                "How many that came to: 1 of a rule, of a verification snapshots. Only PASS is good.");
        series.forEach((labels, all) -> {
            for (Outcome outcome : Outcome.values()) {
                Map<String, String> more = new LinkedHashMap<>(labels);
                more.put("outcome", outcome.name());
                long those =
                        all.stream().filter(check -> check.outcome() == outcome).count();
                sample("lastgood_check_outcome", more, Long.toString(those));
            }
        });
        head("lastgood_check_examined", "Records that a rule has looked at, or files of a verification.");
        series.forEach((labels, all) -> sample(
                "lastgood_check_examined",
                labels,
                Long.toString(all.stream().mapToLong(Check::examined).sum())));
        head("lastgood_check_violations", "Those of them that broke it.");
        series.forEach((labels, all) -> sample(
                "lastgood_check_violations",
                labels,
                Long.toString(all.stream().mapToLong(Check::violations).sum())));
    }

    private void captures(List<Capture> captures) {
        if (captures.isEmpty()) {
            return;
        }
        head(
                "lastgood_snapshot_timestamp_seconds",
                "When the last snapshot was taken, in Unix time; 0 if there is none.");
        captures.forEach(one -> sample(
                "lastgood_snapshot_timestamp_seconds",
                with("dataset", one.dataset()),
                Long.toString(one.at().getEpochSecond())));
    }

    private void volumes(List<Volume> volumes) {
        if (volumes.isEmpty()) {
            return;
        }
        head("lastgood_dataset_records", "Records of a dataset, in the baseline (before) and live (after).");
        for (Volume volume : volumes) {
            sample("lastgood_dataset_records", of(volume, "side", "before"), Long.toString(volume.before()));
            sample("lastgood_dataset_records", of(volume, "side", "after"), Long.toString(volume.after()));
        }
        head("lastgood_dataset_changes", "Records of a dataset that differ from the baseline.");
        for (Volume volume : volumes) {
            sample("lastgood_dataset_changes", of(volume, "change", "added"), Long.toString(volume.added()));
            sample("lastgood_dataset_changes", of(volume, "change", "removed"), Long.toString(volume.removed()));
            sample("lastgood_dataset_changes", of(volume, "change", "changed"), Long.toString(volume.changed()));
        }
    }

    private Map<String, String> of(Volume volume, String label, String value) {
        Map<String, String> labels = with("dataset", volume.dataset());
        labels.put(label, value);
        return labels;
    }

    private Map<String, String> with(Check check) {
        Map<String, String> labels = with("dataset", check.dataset());
        labels.put("check", check.series());
        labels.put("severity", check.severity());
        labels.put("decides", Boolean.toString(check.decides()));
        return labels;
    }

    private Map<String, String> with(String label, String value) {
        Map<String, String> labels = new LinkedHashMap<>(run);
        labels.put(label, value);
        return labels;
    }

    private static Map<String, String> labels(String... pairs) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            labels.put(pairs[i], pairs[i + 1]);
        }
        return labels;
    }

    private void head(String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
    }

    private void sample(String name, Map<String, String> labels, String value) {
        List<String> pairs = new ArrayList<>();
        labels.forEach((label, text) -> pairs.add("%s=\"%s\"".formatted(label, escaped(text))));
        text.append(name)
                .append('{')
                .append(String.join(",", pairs))
                .append("} ")
                .append(value)
                .append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
