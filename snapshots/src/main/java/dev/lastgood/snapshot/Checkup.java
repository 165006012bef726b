package dev.lastgood.snapshot;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is wrong with a store, all of it, found without changing anything: format, catalog, manifests, and what lies there
 * that nobody knows. It reads no data; that is what verifying does.
 *
 * @param entries of the catalog that were read
 * @param snapshots of datasets whose manifests were read
 * @param damages what is not as it must be
 * @param remarks what is left behind and harms nobody
 * @param rebuildable whether a new catalog can be made from what there is, and ought to be
 */
public record Checkup(long entries, long snapshots, List<Damage> damages, List<Remark> remarks, boolean rebuildable) {

    /** From when on a file in tmp/ belongs to no process that is still at work. */
    static final Duration OLD = Duration.ofDays(7);

    /** Something to know about a place in the store. */
    public record Remark(String name, String text) {}

    public Checkup {
        damages = List.copyOf(damages);
        remarks = List.copyOf(remarks);
    }

    /** FAIL if anything is damaged, INCONCLUSIVE if there was nothing to look at, else PASS. */
    public Verdict verdict() {
        if (!damages.isEmpty()) {
            return Verdict.FAIL;
        }
        return entries == 0 && snapshots == 0 ? Verdict.INCONCLUSIVE : Verdict.PASS;
    }

    /** Looks at a store. Throws {@link InvalidInput} if there is none or it is another workspace's. */
    public static Checkup of(Store store, String workspace, Clock clock) {
        return new Examination(store, clock.instant()).checkup(workspace);
    }

    private static final class Examination {
        private final Store store;
        private final Instant now;
        private final List<Damage> damages = new ArrayList<>();
        private final List<Remark> remarks = new ArrayList<>();

        Examination(Store store, Instant now) {
            this.store = store;
            this.now = now;
        }

        Checkup checkup(String workspace) {
            boolean hasFormat = format(workspace);
            Sha256 format = Sha256.of(store.read(StoreFormat.NAME).orElse(new byte[0]));
            CatalogRemains remains = CatalogRemains.read(store, format);
            damages.addAll(remains.damages());
            remains.others().stream()
                    .filter(name -> !name.startsWith(".") && !name.startsWith("checkpoint-"))
                    .forEach(name -> remark(Entry.FOLDER + "/" + name, "it is no entry of the catalog"));
            List<SnapshotFolder> folders = SnapshotFolder.all(store);
            CatalogState state = remains.state();
            manifests(state, folders);
            boolean unknown = unknown(state, folders);
            unknown |= unfinished(state, folders);
            temporary();
            return new Checkup(
                    remains.pieces().size(),
                    folders.stream()
                            .filter(folder -> !(folder instanceof SnapshotFolder.Bare))
                            .count(),
                    damages.stream().distinct().sorted().toList(),
                    remarks,
                    hasFormat && (!remains.damages().isEmpty() || unknown));
        }

        private void remark(String name, String text) {
            remarks.add(new Remark(name, text));
        }

        private boolean format(String workspace) {
            try {
                StoreFormat.open(store, workspace);
                return true;
            } catch (UnusableEntry e) {
                damages.add(new Damage(e.name(), Damage.Kind.UNUSABLE, e.defect()));
                return false;
            }
        }

        /** Every snapshot that the catalog names has the manifest it had. */
        private void manifests(CatalogState state, List<SnapshotFolder> folders) {
            Map<String, SnapshotFolder> byName = byName(folders);
            for (Snapshot snapshot : state.snapshots()) {
                String name = snapshot.folder() + "/" + Manifest.NAME;
                SnapshotFolder folder = byName.get(snapshot.folder());
                if (folder == null || folder instanceof SnapshotFolder.Bare) {
                    damages.add(Damage.of(name, Damage.Kind.MISSING, "a manifest", "none"));
                } else if (folder instanceof SnapshotFolder.Unusable unusable) {
                    damages.add(new Damage(name, Damage.Kind.UNUSABLE, unusable.defect()));
                } else if (folder instanceof SnapshotFolder.Sound sound
                        && !sound.captured().manifest().equals(snapshot.manifest())) {
                    damages.add(Damage.of(
                            name,
                            Damage.Kind.UNUSABLE,
                            snapshot.manifest().toString(),
                            sound.captured().manifest().toString()));
                }
            }
        }

        /** Folders that no event names. Whether a sound manifest is among them: then the catalog has lost events. */
        private boolean unknown(CatalogState state, List<SnapshotFolder> folders) {
            Set<String> known = new HashSet<>();
            state.snapshots().forEach(snapshot -> known.add(snapshot.folder()));
            Set<SnapshotId> begun = new HashSet<>(state.pruning());
            begun.addAll(state.pruned());
            state.takes().forEach(take -> begun.add(take.snapshot()));
            boolean lost = false;
            for (SnapshotFolder folder : folders) {
                Optional<SnapshotId> id = folder.id();
                if (known.contains(folder.name()) || (id.isPresent() && begun.contains(id.get()))) {
                    continue;
                }
                if (folder instanceof SnapshotFolder.Sound) {
                    lost = true;
                    damages.add(new Damage(
                            folder.name(),
                            Damage.Kind.EXTRA,
                            "no event of the catalog names it, and its manifest is sound:"
                                    + " the end of the catalog may have been cut off"));
                } else if (folder instanceof SnapshotFolder.Unusable unusable) {
                    damages.add(new Damage(
                            folder.name(),
                            Damage.Kind.EXTRA,
                            "no event of the catalog names it, and its manifest cannot be used: " + unusable.defect()));
                } else {
                    remark(folder.name(), "no event of the catalog names it, and it has no manifest");
                }
            }
            return lost;
        }

        /** Takes and prunes without an end. Whether one of the takes lacks nothing but its event. */
        private boolean unfinished(CatalogState state, List<SnapshotFolder> folders) {
            Map<String, SnapshotFolder> byName = byName(folders);
            boolean lost = false;
            for (CatalogState.Take take : state.takes()) {
                if (state.isGoing(take.snapshot())) {
                    continue;
                }
                if (SnapshotFolder.areAllSound(take, byName)) {
                    lost = true;
                    damages.add(new Damage(
                            "snapshots/*/" + take.snapshot(),
                            Damage.Kind.EXTRA,
                            "no event says that this take has ended, and all its manifests are there and sound:"
                                    + " the end of the catalog may have been cut off"));
                    continue;
                }
                boolean abandoned = !now.isBefore(take.at().plus(CatalogState.TAKE_ABANDONED));
                remark(
                        "snapshots/*/" + take.snapshot(),
                        "a take that %s began at %s %s"
                                .formatted(
                                        take.by(),
                                        take.at(),
                                        abandoned
                                                ? "and never ended; it may be pruned"
                                                : "and that has not ended; after a week it may be pruned"));
            }
            Set<SnapshotId> left = new HashSet<>();
            folders.forEach(folder -> folder.id().ifPresent(left::add));
            state.pruning()
                    .forEach(id -> remark("snapshots/*/" + id, "its removal has begun and not ended; prune ends it"));
            state.pruned().stream()
                    .filter(left::contains)
                    .forEach(id -> remark("snapshots/*/" + id, "it was pruned, and files of it are still there"));
            return lost;
        }

        private static Map<String, SnapshotFolder> byName(List<SnapshotFolder> folders) {
            Map<String, SnapshotFolder> byName = new HashMap<>();
            folders.forEach(folder -> byName.put(folder.name(), folder));
            return byName;
        }

        private void temporary() {
            List<Store.Stored> old = store.files("tmp").stream()
                    .filter(file -> file.modified().plus(OLD).isBefore(now))
                    .toList();
            if (!old.isEmpty()) {
                remark(
                        "tmp",
                        "%d files of %d bytes are older than a week: processes that died have left them"
                                .formatted(
                                        old.size(),
                                        old.stream()
                                                .mapToLong(Store.Stored::bytes)
                                                .sum()));
            }
        }
    }
}
