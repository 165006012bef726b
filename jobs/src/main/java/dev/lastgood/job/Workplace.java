package dev.lastgood.job;

import dev.lastgood.capture.Adopter;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.incident.Members;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreFormat;
import dev.lastgood.snapshot.Trust;
import dev.lastgood.snapshot.TrustingStore;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Sessions;
import dev.lastgood.store.HadoopStore;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import dev.lastgood.workspace.WorkspaceReader;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A workspace with everything a job needs of the world: its store and catalog, the Spark session, its sources, a clock. Each
 * is opened when it is first asked for, so that what needs no Spark starts none.
 */
public final class Workplace {
    private final Workspace workspace;
    private final Clock clock;
    private final String by;
    private final String master;
    private final Map<String, String> conf;
    private final RandomGenerator random = new SecureRandom();
    private @Nullable Store store;
    private @Nullable Catalog catalog;
    private @Nullable SparkSession session;
    private @Nullable Sources sources;

    /**
     * @param by who acts, for the catalog
     * @param master where Spark runs
     * @param conf further configuration of Spark
     */
    public Workplace(Workspace workspace, Clock clock, String by, String master, Map<String, String> conf) {
        this.workspace = workspace;
        this.clock = clock;
        this.by = by;
        this.master = master;
        this.conf = Map.copyOf(conf);
    }

    /** Another workspace beside this one, at the same time, by the same person and on the same Spark. */
    Workplace beside(Workspace other) {
        Workplace beside = new Workplace(other, clock, by, master, conf);
        beside.session = session();
        return beside;
    }

    /** Reads the workspace file and its rules. Throws {@link InvalidInput} with every problem of all of them. */
    public static Workspace read(Path file, Map<String, String> env) {
        Problems problems = new Problems();
        Optional<Workspace> workspace = WorkspaceReader.read(file, env, problems);
        problems.throwIfErrors();
        return workspace.orElseThrow(() -> new InvalidInput(problems.list()));
    }

    public Workspace workspace() {
        return workspace;
    }

    public Clock clock() {
        return clock;
    }

    public RandomGenerator random() {
        return random;
    }

    public String by() {
        return by;
    }

    /** The store, which trusts whom the workspace trusts: so no reader of it can forget to ask for a signature. */
    public synchronized Store store() {
        if (store == null) {
            Trust trust = workspace.signing() == null
                    ? Trust.ANYONE
                    : workspace.signing().trusted();
            store = new TrustingStore(HadoopStore.open(workspace.store(), workspace.folder(), hadoop()), trust);
        }
        return store;
    }

    /** How file systems are reached. */
    Configuration hadoop() {
        Configuration hadoop = new Configuration();
        workspace.hadoop().forEach((name, value) -> hadoop.set(name, value.reveal()));
        return hadoop;
    }

    public synchronized Catalog catalog() {
        if (catalog == null) {
            catalog = Catalog.open(store(), workspace.name(), clock, by);
        }
        return catalog;
    }

    public synchronized SparkSession session() {
        if (session == null) {
            session = Sessions.open(master, conf);
        }
        return session;
    }

    public synchronized Sources sources() {
        if (sources == null) {
            sources = new Sources(session(), workspace);
        }
        return sources;
    }

    /**
     * What takes snapshots; makes the store if this is its first. Throws {@link InvalidInput} if they are to be signed and
     * cannot be.
     */
    public SnapshotTaker taker() {
        Signer signer = signer();
        StoreFormat.establish(store(), workspace.name());
        return new SnapshotTaker(session(), workspace, store(), catalog(), sources(), clock, random, signer);
    }

    /** Who signs manifests before they are published. Throws as {@link dev.lastgood.workspace.Signing#signer} does. */
    public Signer signer() {
        return workspace.signing() == null ? Signer.NOBODY : workspace.signing().signer(store().trust());
    }

    /** What adopts backups that others made; makes the store if this is its first snapshot. */
    Adopter adopter() {
        Signer signer = signer();
        StoreFormat.establish(store(), workspace.name());
        return new Adopter(session(), store(), catalog(), sources(), signer::signed, clock, random);
    }

    /** The members of the incidents an audit found in a dataset; none if it found no incident there. */
    public Dataset<Row> members(String audit, String dataset) {
        return AuditFiles.members(store(), audit, dataset)
                .map(folder -> Members.read(session(), store().location(folder)))
                .orElseGet(() -> session().createDataFrame(List.of(), Members.SCHEMA));
    }

    public AuditJob auditJob() {
        return new AuditJob(session(), workspace, store(), catalog(), sources(), clock, random);
    }

    /** The datasets of those names, all if there are none. Throws {@link InvalidInput} for a name nobody knows. */
    public List<DatasetSpec> datasets(Collection<String> names) {
        if (names.isEmpty()) {
            return List.copyOf(workspace.datasets().values());
        }
        List<DatasetSpec> found = new ArrayList<>();
        for (String name : names) {
            found.add(workspace
                    .dataset(name)
                    .orElseThrow(() -> InvalidInput.of(
                            "there is no dataset '%s'".formatted(name),
                            Suggestions.nearest(name, workspace.datasetNames())
                                            .map("Did you mean '%s'? "::formatted)
                                            .orElse("")
                                    + "The datasets are %s.".formatted(String.join(", ", workspace.datasetNames())))));
        }
        return found;
    }

    /**
     * Children before their parents, as far as the references of the rules tell; else in the order of the workspace. What a
     * child refers to when it is captured is then captured later, and not one that came in between.
     */
    public List<DatasetSpec> childrenFirst(List<DatasetSpec> datasets) {
        Map<String, DatasetSpec> open = new LinkedHashMap<>();
        datasets.forEach(dataset -> open.put(dataset.name(), dataset));
        List<DatasetSpec> ordered = new ArrayList<>();
        while (!open.isEmpty()) {
            DatasetSpec next = open.values().stream()
                    .filter(dataset -> open.values().stream()
                            .noneMatch(child -> !child.name().equals(dataset.name())
                                    && parents(child).contains(dataset.name())))
                    .findFirst()
                    .orElse(open.values().iterator().next());
            open.remove(next.name());
            ordered.add(next);
        }
        return ordered;
    }

    private Set<String> parents(DatasetSpec dataset) {
        Set<String> parents = new TreeSet<>();
        workspace.rules().about(dataset.name()).forEach(rule -> {
            if (rule.constraint() instanceof dev.lastgood.rule.Constraint.Reference reference) {
                parents.add(reference.to());
            }
        });
        return parents;
    }
}
