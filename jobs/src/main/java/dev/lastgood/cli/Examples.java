package dev.lastgood.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Command lines that stand at the end of each command's help, to be typed as they are but for names and ids. */
final class Examples {
    private static final Map<String, List<String>> OF = Map.ofEntries(
            of("demo", "demo", "demo --keep --dir shop"),
            of(
                    "init",
                    "init -w lake --files /data/exports",
                    "init -w shop --jdbc jdbc:h2:/data/shop --user USER --password PASS",
                    "init -w docs --cosmos https://x.documents.azure.com --database shop"),
            of("status", "status", "status --prometheus /var/lib/node_exporter/lastgood.prom"),
            of("doctor", "doctor", "doctor --rebuild-catalog"),
            of("snapshot take", "snapshot take", "snapshot take --dataset orders --incremental"),
            of(
                    "snapshot adopt",
                    "snapshot adopt /backups/orders/2026-11-20 --dataset orders",
                    "snapshot adopt delta:/lake/orders@v12 --dataset orders"),
            of("snapshot list", "snapshot list", "snapshot list --dataset orders --json"),
            of("snapshot show", "snapshot show latest"),
            of("snapshot verify", "snapshot verify latest --level L5", "snapshot verify --budget 30m --max-age 30d"),
            of("snapshot export", "snapshot export latest --dataset orders --to /tmp/orders --format csv"),
            of("snapshot prune", "snapshot prune --dry-run"),
            of("snapshot hold", "snapshot hold latest --note migration --until 30d"),
            of("snapshot release", "snapshot release 3f9c"),
            of("rules check", "rules check"),
            of("rules test", "rules test", "rules test --junit rules.xml"),
            of("rules suggest", "rules suggest --out rules/suggested.yaml"),
            of("rules keys", "rules keys --dataset orders"),
            of("rules import", "rules import models/schema.yml --out rules/dbt.yaml"),
            of("rules schema", "rules schema > rules.schema.json"),
            of("diff", "diff latest live --out changes.jsonl", "diff delta:/lake/orders@v11 live --dataset orders"),
            of("audit", "audit --findings findings.jsonl", "audit --sample 100 --dataset orders"),
            of("incident list", "incident list"),
            of("incident show", "incident show i1"),
            of("history", "history orders 4711"),
            of(
                    "restore plan",
                    "restore plan --incident i1 --fixed 2026-11-22T03:10:00Z",
                    "restore plan --dataset orders --key 4711 --from latest"),
            of("restore show", "restore show 9f3c", "restore show 9f3c --out steps.jsonl"),
            of("restore approve", "restore approve 9f3c"),
            of("restore apply", "restore apply 9f3c"),
            of("restore undo", "restore undo 9f3c"),
            of("restore verify", "restore verify 9f3c"),
            of("restore resolve", "restore resolve 9f3c --step 41 --as written --note \"asked the bank\""),
            of("restore export", "restore export 9f3c --format sql --out steps.sql"),
            of("restore pause", "restore pause 9f3c --why \"the shop is slow\""),
            of(
                    "report",
                    "report --out incident.html",
                    "report --trends",
                    "report --evidence --from 2026-07-01 --to 2026-09-30 --out q3.json"));

    private Examples() {}

    private static Map.Entry<String, List<String>> of(String command, String... examples) {
        return Map.entry(command, List.of(examples));
    }

    /** Adds them to the help of a command and of all below it. */
    static CommandLine addedTo(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<String> footer = new ArrayList<>(List.of(spec.usageMessage().footer()));
        List<String> examples = OF.getOrDefault(spec.qualifiedName().replaceFirst("^lastgood ?", ""), List.of());
        if (!examples.isEmpty()) {
            footer.add("");
            examples.forEach(example -> footer.add("  lastgood " + example));
            spec.usageMessage().footer(footer.toArray(String[]::new));
        }
        command.getSubcommands().values().forEach(Examples::addedTo);
        return command;
    }
}
