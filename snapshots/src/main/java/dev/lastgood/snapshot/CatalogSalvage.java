package dev.lastgood.snapshot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which events of a damaged catalog live on in a new one, and which snapshots are taken up that none of them names. Decides
 * by what lies in the store, and changes nothing.
 */
final class CatalogSalvage {
    private final List<Event.Kept> kept = new ArrayList<>();
    private final List<String> takenUp = new ArrayList<>();
    private final Map<String, Damage> leftOut = new TreeMap<>();
    private final List<Damage> lost = new ArrayList<>();
    private final long takenOver;
    private long dropped;

    CatalogSalvage(Store store, CatalogRemains remains, Instant now, String by) {
        Map<String, SnapshotFolder> folders = new LinkedHashMap<>();
        SnapshotFolder.all(store).forEach(folder -> folders.put(folder.name(), folder));
        List<Event.Kept> believed = believed(store, remains);
        CatalogState old = state(believed);
        Set<SnapshotId> crippled = cripple(old, folders);
        for (Event.Kept one : believed) {
            Event event = kept(one.event(), old, folders, crippled);
            if (event != null) {
                kept.add(new Event.Kept(one.id(), one.at(), one.by(), event));
            }
        }
        takenOver = kept.size();
        takeUp(remains, old, folders, now, by);
        lost(remains);
        if (!takenUp.isEmpty() && lost.isEmpty()) {
            lost.add(new Damage(
                    Entry.FOLDER,
                    Damage.Kind.MISSING,
                    "the events that named what is taken up, and any hold on it: hold again what must stay"));
        }
    }

    /** The events of the new catalog, in order. */
    List<Event.Kept> kept() {
        return kept;
    }

    CatalogRebuild.Outcome outcome() {
        return new CatalogRebuild.Outcome(takenOver, dropped, takenUp, lost, List.copyOf(leftOut.values()));
    }

    /** The events to choose from, in order: of a catalog that was begun anew already, what it took over stands in it. */
    private static List<Event.Kept> believed(Store store, CatalogRemains remains) {
        List<Event.Kept> all = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Optional<Entry> begun = remains.beginning();
        for (CatalogRemains.Piece piece : remains.pieces()) {
            Entry entry = remains.believed().get(piece.number());
            boolean contained = begun.isPresent()
                    && piece.number() < begun.get().number()
                    && CatalogRebuild.isCopied(store, piece, begun.get());
            if (entry == null || contained) {
                continue;
            }
            List<Event.Kept> events = entry.event() instanceof Event.Rebuilt rebuilt
                    ? rebuilt.kept()
                    : List.of(new Event.Kept(entry.id(), entry.at(), entry.by(), entry.event()));
            events.stream().filter(one -> ids.add(one.id())).forEach(all::add);
        }
        return all;
    }

    private static CatalogState state(List<Event.Kept> events) {
        Sha256 any = Sha256.of(new byte[0]);
        CatalogState state = CatalogState.empty(any);
        Entry all = new Entry(1, "", Instant.EPOCH, "", any, new Event.Rebuilt(CatalogRebuild.LOST, events));
        return state.plus(all, new byte[0]);
    }

    /** Snapshots the events name whose manifests are not what they were, dataset by dataset. */
    private Set<SnapshotId> cripple(CatalogState old, Map<String, SnapshotFolder> folders) {
        Set<SnapshotId> crippled = new HashSet<>();
        for (Snapshot snapshot : old.snapshots()) {
            String defect = defect(snapshot, folders.get(snapshot.folder()));
            if (defect != null) {
                crippled.add(snapshot.id());
                leave(snapshot.folder(), defect);
            }
        }
        folders.values().stream()
                .filter(folder -> folder instanceof SnapshotFolder.Unusable)
                .forEach(folder -> folder.id().ifPresent(crippled::add));
        return crippled;
    }

    private void leave(String folder, String defect) {
        String name = folder + "/" + Manifest.NAME;
        leftOut.put(name, new Damage(name, Damage.Kind.UNUSABLE, defect));
    }

    private static @Nullable String defect(Snapshot snapshot, @Nullable SnapshotFolder folder) {
        if (folder instanceof SnapshotFolder.Sound sound) {
            return sound.captured().manifest().equals(snapshot.manifest())
                    ? null
                    : "its digest is %s, and the catalog says %s"
                            .formatted(sound.captured().manifest(), snapshot.manifest());
        }
        return folder instanceof SnapshotFolder.Unusable unusable ? unusable.defect() : "it is missing";
    }

    /** The event as it lives on; null if it does not. */
    private @Nullable Event kept(
            Event event, CatalogState old, Map<String, SnapshotFolder> folders, Set<SnapshotId> crippled) {
        if (event instanceof Event.Verified || event instanceof Event.Approved) {
            dropped++;
            return null;
        }
        if (event instanceof Event.Taken taken) {
            var left = sound(taken.snapshot(), taken.datasets(), old, folders);
            return left.isEmpty() ? null : new Event.Taken(taken.snapshot(), left);
        }
        if (event instanceof Event.Adopted adopted) {
            var left = sound(adopted.snapshot(), adopted.datasets(), old, folders);
            return left.isEmpty() ? null : new Event.Adopted(adopted.snapshot(), left);
        }
        // What is left out is nobody's take: prune would remove what may still be saved by hand.
        return event instanceof Event.Taking taking && crippled.contains(taking.snapshot()) ? null : event;
    }

    private static SortedMap<String, Event.Captured> sound(
            SnapshotId id,
            SortedMap<String, Event.Captured> datasets,
            CatalogState old,
            Map<String, SnapshotFolder> folders) {
        if (old.isGoing(id)) {
            return datasets;
        }
        SortedMap<String, Event.Captured> sound = new TreeMap<>();
        datasets.forEach((dataset, captured) -> {
            SnapshotFolder folder = folders.get(Manifest.folder(dataset, id));
            if (folder instanceof SnapshotFolder.Sound one
                    && one.captured().manifest().equals(captured.manifest())) {
                sound.put(dataset, captured);
            }
        });
        return sound;
    }

    /** Snapshots that no event names, from their manifests. */
    private void takeUp(
            CatalogRemains remains, CatalogState old, Map<String, SnapshotFolder> folders, Instant now, String by) {
        Map<SnapshotId, SortedMap<String, Event.Captured>> taken = new TreeMap<>();
        Map<SnapshotId, SortedMap<String, Event.Captured>> adopted = new TreeMap<>();
        Set<String> named = new HashSet<>();
        old.snapshots().forEach(snapshot -> named.add(snapshot.folder()));
        Set<SnapshotId> takes = new HashSet<>();
        Set<SnapshotId> running = new HashSet<>();
        old.takes().forEach(take -> {
            takes.add(take.snapshot());
            // That it ended can only have been lost if something was, or if it is complete.
            if (remains.damages().isEmpty() && !SnapshotFolder.areAllSound(take, folders)) {
                running.add(take.snapshot());
            }
        });
        for (SnapshotFolder folder : folders.values()) {
            Optional<SnapshotId> id = folder.id();
            boolean known = named.contains(folder.name())
                    || id.isEmpty()
                    || old.isGoing(id.get())
                    || running.contains(id.get());
            if (known) {
                continue;
            }
            if (folder instanceof SnapshotFolder.Sound sound) {
                takenUp.add(folder.name());
                (sound.origin() == Manifest.Origin.TAKEN ? taken : adopted)
                        .computeIfAbsent(sound.snapshot(), any -> new TreeMap<>())
                        .put(sound.dataset(), sound.captured());
            } else if (folder instanceof SnapshotFolder.Unusable unusable) {
                leave(folder.name(), unusable.defect());
            } else if (!takes.contains(id.get())) {
                leave(folder.name(), "it is missing");
            }
        }
        taken.forEach((id, datasets) -> add(new Event.Taken(id, datasets), now, by));
        adopted.forEach((id, datasets) -> add(new Event.Adopted(id, datasets), now, by));
    }

    private void add(Event event, Instant now, String by) {
        kept.add(new Event.Kept(UUID.randomUUID().toString(), now, by, event));
    }

    private void lost(CatalogRemains remains) {
        remains.damages().stream()
                .filter(damage -> damage.kind() != Damage.Kind.CHAIN)
                .forEach(lost::add);
        for (CatalogRemains.Piece piece : remains.pieces()) {
            Entry entry = piece.entry();
            if (entry != null && !remains.believed().containsKey(piece.number())) {
                lost.add(new Damage(
                        piece.name(),
                        Damage.Kind.CHAIN,
                        "the next entry says that it was another; it is one of %s at %s, '%s'"
                                .formatted(entry.by(), entry.at(), EntryJson.kind(entry.event()))));
            }
        }
    }
}
