package dev.lastgood.job;

import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.ByteVerification;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.FileCheck;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Scrub;
import dev.lastgood.snapshot.ScrubLedger;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.spark.Together;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies all snapshots in portions: what is most urgent first, until the time is over; the next run goes on where this one
 * ended, even if it was killed. See {@link Scrub} for the order and {@link ScrubLedger} for what is remembered.
 */
public final class ScrubJob {
    /** How many files are read before it is written down that they were. */
    private static final int PORTION = 8;

    private final Workplace workplace;
    private final VerifyJob verify;
    private final ScrubLedger ledger;

    public ScrubJob(Workplace workplace) {
        this.workplace = workplace;
        this.verify = new VerifyJob(workplace);
        this.ledger = new ScrubLedger(workplace.store());
    }

    /**
     * What came of a run.
     *
     * @param examined how many units this run looked at
     * @param coverage after it, by level
     * @param verified verifications that were completed, or found damage, in this run
     * @param damaged snapshots that anybody found damaged, in this run or before, with the lowest level at which they are
     */
    public record Scrubbed(
            Verdict verdict,
            long examined,
            long due,
            List<Scrub.Coverage> coverage,
            List<VerifyJob.Verified> verified,
            Map<Snapshot, Level> damaged) {}

    /**
     * Looks at what is due until the time is over; at one portion at least. The verdict is PASS if everything is covered,
     * FAIL if anything is damaged, else INCONCLUSIVE.
     *
     * @param upTo L0 to L4
     * @param budget after which nothing more is begun
     * @param maxAge how long what was looked at counts
     */
    public Scrubbed run(Collection<DatasetSpec> datasets, Level upTo, Duration budget, Duration maxAge) {
        Instant end = workplace.clock().instant().plus(budget);
        Map<String, DatasetSpec> specs = new LinkedHashMap<>();
        datasets.forEach(dataset -> specs.put(dataset.name(), dataset));
        List<VerifyJob.Verified> verified = new ArrayList<>();
        List<Scrub.Unit> due = Scrub.due(units(specs, upTo), workplace.clock().instant(), maxAge);
        long examined = 0;
        while (examined < due.size()
                && (examined == 0 || workplace.clock().instant().isBefore(end))) {
            List<Scrub.Unit> portion = portion(due.subList((int) examined, due.size()));
            Scrub.Unit first = portion.get(0);
            if (first.file() != null) {
                read(first.snapshot(), portion);
                conclude(first.snapshot(), maxAge).ifPresent(verified::add);
            } else if (first.level() != Level.L2 || files(first.snapshot()).isPresent()) {
                verify.verify(
                                Objects.requireNonNull(
                                        specs.get(first.snapshot().dataset())),
                                first.snapshot(),
                                first.level())
                        .ifPresent(verified::add);
            }
            examined += portion.size();
        }
        Instant now = workplace.clock().instant();
        List<Scrub.Unit> after = units(specs, upTo);
        List<Scrub.Coverage> coverage = Scrub.coverage(after, now, maxAge);
        Map<Snapshot, Level> damaged = damaged(specs);
        return new Scrubbed(
                verdict(damaged, coverage),
                examined,
                Scrub.due(after, now, maxAge).size(),
                coverage,
                verified,
                damaged);
    }

    private Map<Snapshot, Level> damaged(Map<String, DatasetSpec> specs) {
        CatalogState state = workplace.catalog().state();
        Map<Snapshot, Level> damaged = new LinkedHashMap<>();
        state.snapshots().stream()
                .filter(one -> specs.containsKey(one.dataset()))
                .forEach(one -> state.damaged(one.dataset(), one.id()).ifPresent(level -> damaged.put(one, level)));
        return damaged;
    }

    /** What anybody found damaged is, whatever a portion saw of it. */
    private static Verdict verdict(Map<Snapshot, Level> damaged, List<Scrub.Coverage> coverage) {
        if (!damaged.isEmpty() || coverage.stream().anyMatch(one -> one.damaged() > 0)) {
            return Verdict.FAIL;
        }
        boolean complete = !coverage.isEmpty() && coverage.stream().allMatch(Scrub.Coverage::isComplete);
        return complete ? Verdict.PASS : Verdict.INCONCLUSIVE;
    }

    /** Files of one snapshot that come one after the other, or one unit of another level. */
    private static List<Scrub.Unit> portion(List<Scrub.Unit> due) {
        Scrub.Unit first = due.get(0);
        if (first.file() == null) {
            return List.of(first);
        }
        List<Scrub.Unit> portion = new ArrayList<>();
        for (Scrub.Unit unit : due) {
            if (portion.size() == PORTION
                    || unit.file() == null
                    || !unit.snapshot().equals(first.snapshot())) {
                break;
            }
            portion.add(unit);
        }
        return portion;
    }

    // ---- what there is

    private List<Scrub.Unit> units(Map<String, DatasetSpec> specs, Level upTo) {
        CatalogState state = workplace.catalog().state();
        List<Scrub.Unit> units = new ArrayList<>();
        for (String dataset : specs.keySet()) {
            for (Snapshot snapshot : state.snapshots(dataset)) {
                Optional<List<FileEntry>> files = files(snapshot);
                for (Level level : EnumSet.range(Level.L0, upTo)) {
                    if (level == Level.L2 && !files.orElse(List.of()).isEmpty()) {
                        units.addAll(units(snapshot, files.get(), state));
                    } else {
                        // Whatever was found before, without a manifest it is not so any more.
                        Optional<CatalogState.Verification> last =
                                files.flatMap(all -> state.verification(dataset, snapshot.id(), level));
                        units.add(new Scrub.Unit(
                                snapshot,
                                level,
                                null,
                                snapshot.bytes(),
                                last.map(CatalogState.Verification::at).orElse(null),
                                last.map(one -> one.report().verdict()).orElse(null)));
                    }
                }
            }
        }
        return units;
    }

    /** The files of its manifest; nothing if there is none to rely on, which L0 says. */
    private Optional<List<FileEntry>> files(Snapshot snapshot) {
        try {
            return Optional.of(snapshot.manifest(workplace.store()).files());
        } catch (UnusableEntry e) {
            return Optional.empty();
        }
    }

    private List<Scrub.Unit> units(Snapshot snapshot, List<FileEntry> files, CatalogState state) {
        Map<String, ScrubLedger.Checked> read = lastRead(snapshot, files, state);
        List<Scrub.Unit> units = new ArrayList<>();
        for (FileEntry file : files) {
            ScrubLedger.Checked last = read.get(file.path());
            units.add(new Scrub.Unit(
                    snapshot,
                    Level.L2,
                    file,
                    file.bytes(),
                    last == null ? null : last.at(),
                    last == null ? null : last.verdict()));
        }
        Optional<Verdict> whole = state.verification(snapshot.dataset(), snapshot.id(), Level.L2)
                .map(last -> last.report().verdict())
                .filter(verdict -> verdict != Verdict.PASS);
        if (whole.isPresent() && units.stream().allMatch(unit -> unit.verdict() == Verdict.PASS)) {
            // Not a file of the list is damaged but what lies beside: reading one of them looks at that again.
            Scrub.Unit first = units.get(0);
            units.set(0, new Scrub.Unit(snapshot, Level.L2, first.file(), first.bytes(), first.last(), whole.get()));
        }
        return units;
    }

    /**
     * What the ledger knows, and what a verification of the whole snapshot has shown of each file. If that found damage,
     * what was read before it says nothing any more.
     */
    private Map<String, ScrubLedger.Checked> lastRead(Snapshot snapshot, List<FileEntry> files, CatalogState state) {
        Map<String, ScrubLedger.Checked> last = new HashMap<>(ledger.read(snapshot));
        state.verification(snapshot.dataset(), snapshot.id(), Level.L2).ifPresent(whole -> {
            last.values().removeIf(one -> one.at().isBefore(whole.at()));
            if (whole.report().verdict() == Verdict.PASS) {
                files.forEach(file -> last.putIfAbsent(
                        file.path(), new ScrubLedger.Checked(file.path(), whole.at(), file.bytes(), null)));
            }
        });
        return last;
    }

    // ---- reading

    private void read(Snapshot snapshot, List<Scrub.Unit> portion) {
        SnapshotFiles files = verify.files(snapshot);
        Instant at = workplace.clock().instant();
        List<FileEntry> entries = new ArrayList<>();
        portion.forEach(unit -> entries.add(Objects.requireNonNull(unit.file())));
        List<ScrubLedger.Checked> checks = Together.each(entries, entry -> FileCheck.of(entry, files)).stream()
                .map(check -> new ScrubLedger.Checked(check.path(), at, check.bytes(), check.damage()))
                .toList();
        ledger.add(snapshot, checks);
    }

    /** A verification of the whole snapshot at L2, once every file was read within the age, or one was found damaged. */
    private Optional<VerifyJob.Verified> conclude(Snapshot snapshot, Duration maxAge) {
        CatalogState state = workplace.catalog().state();
        if (state.snapshot(snapshot.dataset(), snapshot.id()).isEmpty()) {
            return Optional.empty();
        }
        Manifest manifest = snapshot.manifest(workplace.store());
        Map<String, ScrubLedger.Checked> last = lastRead(snapshot, manifest.files(), state);
        Instant earliest = workplace.clock().instant().minus(maxAge);
        List<FileCheck> checks = new ArrayList<>();
        @Nullable Instant oldest = null;
        boolean damaged = false;
        for (FileEntry file : manifest.files()) {
            ScrubLedger.Checked one = last.get(file.path());
            if (one == null || one.at().isBefore(earliest)) {
                continue;
            }
            Damage damage = one.damage();
            damaged |= one.verdict() == Verdict.FAIL;
            oldest = oldest == null || one.at().isBefore(oldest) ? one.at() : oldest;
            checks.add(new FileCheck(file.path(), one.bytes(), damage == null ? file.sha256() : null, damage));
        }
        if (oldest == null || (!damaged && checks.size() < manifest.files().size())) {
            return Optional.empty();
        }
        VerificationReport report =
                ByteVerification.ownBytes(snapshot, workplace.store(), verify.files(snapshot), all -> checks);
        workplace.catalog().append(new Event.Verified(snapshot.id(), snapshot.dataset(), report, oldest));
        return Optional.of(new VerifyJob.Verified(snapshot, report));
    }
}
