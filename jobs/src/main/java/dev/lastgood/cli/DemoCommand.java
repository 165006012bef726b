package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.demo.Figures;
import dev.lastgood.demo.Found;
import dev.lastgood.demo.Shop;
import dev.lastgood.demo.Truth;
import dev.lastgood.job.AuditJob;
import dev.lastgood.job.Audits;
import dev.lastgood.job.PlanJob;
import dev.lastgood.job.ReportJob;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Selection;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.Refusal;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Receipt;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job, on a shop that a buggy release damages while honest customers go on buying. */
@Command(
        name = "demo",
        description = "Runs the main job on an embedded shop: snapshots, a buggy release, audit, plan, restore, undo.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The figures are computed by SQL over the shop's own log of writes; they know nothing of Lastgood."
        })
final class DemoCommand extends LastgoodCommand {
    private static final String MARK = ".lastgood-demo";
    private static final long SEED = 20261122;
    private static final int STAGES = 12;

    /** What the restore itself writes: counters, times and its stamp. */
    private static final Set<String> OWN_FIELDS = Set.of("row_version", "updated_at", "restored_by");

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "where the shop and its workspace are made (default: ${DEFAULT-VALUE})",
            defaultValue = "lastgood-demo")
    Path dir = Path.of("lastgood-demo");

    @Option(
            names = "--keep",
            description = "leave the shop damaged and its workspace in place, to try commands by hand")
    boolean keep;

    @Option(
            names = "--scale",
            description = "size of the shop; 1 is about 200,000 records",
            defaultValue = "1",
            hidden = true)
    double scale = 1;

    @Override
    int run(Console console) {
        try {
            return story(dir.toAbsolutePath().normalize(), console);
        } catch (SQLException e) {
            throw new IllegalStateException("the demo's own database failed", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int story(Path folder, Console console) throws SQLException, IOException {
        prepare(folder);
        try (Stages stages = new Stages(console)) {
            return story(folder, stages, console);
        }
    }

    private int story(Path folder, Stages stages, Console console) throws SQLException, IOException {
        Shop shop = new Shop(folder, scale);
        stages.next("opening a shop");
        shop.create(SEED);
        // Held open, or the embedded database would close and open again at every step.
        try (Connection held = DriverManager.getConnection(Shop.jdbcUrl(folder), Shop.GUEST, Shop.PASSWORD)) {
            Workplace workplace = workplace(folder, shop);
            for (int night = 1; night <= 3; night++) {
                stages.next("a day of trade, then snapshot %d".formatted(night));
                shop.day();
                take(workplace, shop, Integer.toString(night));
            }
            stages.next("release 4.2.1 writes for a while beside honest traffic, then snapshot 4");
            shop.buggyRelease();
            take(workplace, shop, "4");
            stages.next("trade goes on, on damaged records too, and more is damaged");
            shop.afterFourthNight();
            stages.next("audit of live against the last clean snapshot");
            AuditJob.Audit audit = workplace.auditJob().run(workplace.datasets(List.of()), "", Severity.ERROR);
            stages.end();
            AuditCommand.print(audit.document(), console);
            stages.next("restore plan");
            RestoreJob restore = new RestoreJob(workplace);
            PlanFiles.Stored plan = new PlanJob(workplace).plan(Selection.all());
            stages.end();
            console.line("");
            RestoreCommand.print(plan, console);
            stages.next("approve and apply");
            restore.approve(plan.id(), Set.of(), null);
            Truth truth = shop.truth();
            truth.found(found(new Audits(workplace), audit));
            truth.beforeRestore();
            Receipt applied = restore.apply(plan.id(), new Applier.Watch() {});
            stages.end();
            RestoreCommand.print(applied, console);
            stages.next("the truth, from the shop's own log");
            Figures figures = truth.figures();
            List<String> losses = figures.legitimateWritesLost() == 0 ? List.of() : truth.losses(10);
            stages.next("undo");
            Receipt undone = restore.undo(plan.id(), new Applier.Watch() {});
            stages.end();
            RestoreCommand.print(undone, console);
            boolean undoExact = truth.undoDifferences(OWN_FIELDS) == 0 && undone.isClean();
            stages.next("report");
            Path report = report(workplace, audit, plan, folder);
            held.isValid(1);
            stages.end();
            return end(figures, losses, undoExact, report, folder, console);
        }
    }

    /** Says which part of the story runs, and how long it took. */
    private static final class Stages implements AutoCloseable {
        private final Console console;
        private final long start = System.nanoTime();
        private int number;
        private long begun;
        private String stage = "";

        Stages(Console console) {
            this.console = console;
        }

        /** Ends the stage that runs, if one does, and begins the next. */
        void next(String what) {
            end();
            number++;
            begun = System.nanoTime();
            stage = "%2d/%d  %s".formatted(number, STAGES, what);
            console.working(stage);
        }

        /** Ends the stage that runs, if one does; after that, lines may be printed. */
        void end() {
            if (!stage.isEmpty()) {
                long now = System.nanoTime();
                console.note("%s (%.1f s, %.0f s in all)".formatted(stage, (now - begun) / 1e9, (now - start) / 1e9));
                stage = "";
            }
        }

        /** A stage that has not ended by then has failed, and is not told as ended. */
        @Override
        public void close() {
            console.rest();
        }
    }

    private static Path report(Workplace workplace, AuditJob.Audit audit, PlanFiles.Stored plan, Path folder) {
        Path report = folder.resolve("report.html");
        new ReportJob(workplace, ReportCommand.version())
                .write(audit.id(), Optional.of(ReportCommand.restore(workplace, plan)), Optional.of(report));
        return report;
    }

    private int end(Figures figures, List<String> losses, boolean undoExact, Path report, Path folder, Console console)
            throws IOException {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("formatVersion", 1)
                .put("damagedRecords", figures.damagedRecords())
                .put("damagedFound", figures.damagedFound())
                .put("fieldsDamaged", figures.fieldsDamaged())
                .put("fieldsRestored", figures.fieldsRestored())
                .put("fieldsStale", figures.fieldsStale())
                .put("fieldsInConflict", figures.fieldsInConflict())
                .put("fieldsUnrecoverable", figures.fieldsUnrecoverable())
                .put("legitimateWrites", figures.legitimateWrites())
                .put("legitimateWritesLost", figures.legitimateWritesLost())
                .put("undoExact", undoExact)
                .put("report", report.toString());
        console.document(document);
        boolean good = figures.legitimateWritesLost() == 0 && undoExact && figures.sumsAgree();
        console.line("");
        console.line("damaged records          %7d, of which found %d"
                .formatted(figures.damagedRecords(), figures.damagedFound()));
        console.line("damaged fields           %7d".formatted(figures.fieldsDamaged()));
        console.line("  restored               %7d to the value just before the bug's write"
                .formatted(figures.fieldsRestored()));
        console.line("  restored as of         %7d to the value of an older capture".formatted(figures.fieldsStale()));
        console.line("  in conflict            %7d: somebody wrote them after the bug; kept"
                .formatted(figures.fieldsInConflict()));
        console.line(
                "  unrecoverable or left  %7d: %d without any capture, %d beside later legitimate work, %d that no rule could decide"
                        .formatted(
                                figures.fieldsUnrecoverable(),
                                figures.leftWithoutCapture(),
                                figures.leftBesideLegitimateWork(),
                                figures.leftThoughCaptured()));
        console.line("legitimate writes        %7d".formatted(figures.legitimateWrites()));
        console.line("legitimate writes lost   %7d".formatted(figures.legitimateWritesLost()));
        losses.forEach(loss -> console.line("  lost: " + loss));
        console.line("undo exact               %7s".formatted(undoExact));
        console.line("");
        console.line("report: " + report);
        if (keep) {
            console.note(
                    "next: lastgood audit -w %s (the shop is damaged again: the restore was undone)".formatted(folder));
        } else {
            console.note("next: open the report in a browser; lastgood demo --keep --dir shop leaves the shop damaged,"
                    + " to try commands by hand");
            Files.deleteIfExists(folder.resolve("lastgood.yaml"));
            delete(folder.resolve("store"));
            delete(folder.resolve("rules"));
        }
        return good ? ExitCode.PASS : ExitCode.FINDINGS;
    }

    private static void take(Workplace workplace, Shop shop, String name) throws SQLException {
        workplace.taker().take(workplace.childrenFirst(workplace.datasets(List.of())), workplace.auditJob()::verdict);
        shop.truth().captured(name);
    }

    /** What the audit calls corrupt, for the truth to count. */
    private static List<Found> found(Audits audits, AuditJob.Audit audit) {
        List<Found> found = new ArrayList<>();
        for (String dataset : audit.records().keySet()) {
            for (Row row : audits.records(audit.id(), dataset)
                    .where("fault = 'corrupt'")
                    .select("key")
                    .collectAsList()) {
                found.add(new Found(dataset, Long.parseLong(row.getString(0).replaceAll("[^0-9]", ""))));
            }
        }
        return found;
    }

    /** A fresh folder; one that another demo left is made anew, any other is left alone. */
    private static void prepare(Path folder) throws IOException {
        boolean ours = Files.exists(folder.resolve(MARK));
        if (Files.exists(folder) && !ours) {
            try (Stream<Path> inside = Files.list(folder)) {
                if (inside.findAny().isPresent()) {
                    throw new Refusal(
                            "%s is not empty and no demo made it; nothing was done".formatted(folder),
                            "Name another folder with --dir.");
                }
            }
        }
        delete(folder);
        Files.createDirectories(folder.resolve("rules"));
        Files.writeString(folder.resolve(MARK), "made by lastgood demo; made anew by the next one\n");
        Path password = folder.resolve("shop.password");
        Files.writeString(password, Shop.PASSWORD);
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                resource("lastgood.yaml")
                        .replace("@JDBC_URL@", Shop.jdbcUrl(folder))
                        .replace("@PASSWORD_FILE@", password.toString()));
        Files.writeString(folder.resolve("rules").resolve("shop.yaml"), resource("rules/shop.yaml"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Shop.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not beside " + Shop.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(path)) {
            for (Path one : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
    }

    /** The workspace, with the shop's own time. */
    private Workplace workplace(Path folder, Shop shop) {
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                try {
                    return shop.now();
                } catch (SQLException e) {
                    throw new IllegalStateException("the demo's own database failed", e);
                }
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        return new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), Map.of()), clock, "demo", common.master, common.conf);
    }
}
