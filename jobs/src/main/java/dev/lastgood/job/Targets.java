package dev.lastgood.job;

import dev.lastgood.cosmos.CosmosAccess;
import dev.lastgood.cosmos.CosmosContainer;
import dev.lastgood.cosmos.CosmosTarget;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.target.JdbcTarget;
import dev.lastgood.target.Target;
import dev.lastgood.target.WholeFile;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Deletes;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Secret;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens live datasets as targets: with the identity that may write where the workspace has one. */
final class Targets {
    private final Workplace workplace;

    Targets(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * For writing. Throws {@link Refusal} if nobody may write there from here.
     *
     * @param originals keeps files as they were before they are written
     */
    Target writable(DatasetSpec dataset, WholeFile.Originals originals) {
        Source source = workplace.workspace().source(dataset);
        if (!source.isWritable()) {
            throw new Refusal(
                    "source '%s' of dataset '%s' is read-only; nothing was applied"
                            .formatted(source.name(), dataset.name()),
                    "Give the source a 'write' section with the identity that may write.");
        }
        Target target = open(dataset, source, originals, Who.WRITER);
        if (target instanceof ScannedTarget scanned) {
            throw scanned.refusal();
        }
        if (target instanceof DeltaTarget delta) {
            delta.requireWritable();
        }
        return target;
    }

    /** For reading records with their tokens, as who may only read. */
    Target readable(DatasetSpec dataset) {
        return open(dataset, workplace.workspace().source(dataset), WholeFile.Originals.NONE, Who.READER);
    }

    /**
     * The store in which datasets of a source are written in one transaction; empty: none. Of one source, connections go to one
     * database, as one user. A table that may be that of another dataset too has a store of its own: what is written of a row
     * twice in one transaction is decided by what was before both.
     */
    static String store(Workspace workspace, DatasetSpec dataset) {
        Source source = workspace.source(dataset);
        if (!(source instanceof Source.Jdbc)) {
            return "";
        }
        boolean isShared = workspace.datasets().values().stream()
                .anyMatch(other -> !other.name().equals(dataset.name())
                        && workspace.source(other).name().equals(source.name())
                        && mayBeOne(tableName(dataset), tableName(other)));
        return isShared ? source.name() + " " + dataset.name() : source.name();
    }

    private static String tableName(DatasetSpec dataset) {
        return ((Location.Table) dataset.location()).name();
    }

    /** Whether two names may be of one table, one of them perhaps without its schema. */
    static boolean mayBeOne(String one, String other) {
        String plain = plain(one);
        String plainOther = plain(other);
        return plain.endsWith(plainOther) || plainOther.endsWith(plain);
    }

    private static String plain(String table) {
        return "." + table.replaceAll("[\"`]", "").toLowerCase(Locale.ROOT);
    }

    private enum Who {
        READER,
        WRITER
    }

    private Target open(DatasetSpec dataset, Source source, WholeFile.Originals originals, Who who) {
        if (!dataset.hasKey()) {
            throw new Refusal(
                    "dataset '%s' has no key, so no record of it can be put back".formatted(dataset.name()),
                    "Declare its 'key' in lastgood.yaml if it has one.");
        }
        return source.accept(new Source.Visitor<>() {
            @Override
            public Target jdbc(Source.Jdbc jdbc) {
                return new JdbcTarget(
                        () -> who == Who.WRITER ? writer(jdbc) : connect(jdbc, jdbc.user(), jdbc.password()),
                        table(dataset),
                        store(workplace.workspace(), dataset));
            }

            @Override
            public Target cosmos(Source.Cosmos cosmos) {
                return Targets.cosmos(dataset, cosmos, who);
            }

            @Override
            public Target files(Source.Files files) {
                return FileTargets.open(workplace, dataset, files, originals);
            }
        });
    }

    private static Target cosmos(DatasetSpec dataset, Source.Cosmos source, Who who) {
        Long units = source.limit().requestUnitsPerSecond();
        CosmosContainer container = new CosmosContainer(
                who == Who.WRITER
                        ? CosmosAccess.writer(source)
                        : CosmosAccess.reader(source).withAccountsConsistency(),
                source.database(),
                ((Location.Container) dataset.location()).name(),
                units == null ? 0 : (double) units);
        Source.CosmosWriter write = source.write();
        CosmosTarget target =
                CosmosTarget.open(container, dataset.key(), write == null ? Source.Requests.POINT : write.requests());
        if (who == Who.READER) {
            return target;
        }
        target.requireOwnWritesSeen();
        return write != null && write.multiRegionWrites() ? target : target.requireOneWriteRegion();
    }

    private static JdbcTarget.Table table(DatasetSpec dataset) {
        JdbcTarget.Table table = new JdbcTarget.Table(
                ((Location.Table) dataset.location()).name(),
                dataset.key().stream().map(FieldPath::root).toList(),
                dataset.token() == null ? "" : dataset.token().root(),
                json(dataset),
                dataset.deletes() instanceof Deletes.Table deletes ? list(dataset, deletes) : null,
                dataset.erasures() == null ? null : list(dataset, dataset.erasures()),
                dataset.restore().timeouts().lock(),
                dataset.restore().timeouts().statement());
        return table;
    }

    private static Set<String> json(DatasetSpec dataset) {
        return dataset.json().stream().map(FieldPath::root).collect(Collectors.toSet());
    }

    private static JdbcTarget.Deletes list(DatasetSpec dataset, Deletes.Table deletes) {
        return new JdbcTarget.Deletes(
                deletes.table(),
                dataset.key().stream()
                        .map(path -> deletes.key().getOrDefault(path, path.root()))
                        .toList(),
                deletes.at() == null ? "" : deletes.at());
    }

    private static Connection writer(Source.Jdbc source) throws SQLException {
        Source.Login write = source.write();
        return write == null
                ? connect(source, source.user(), source.password())
                : connect(
                        source,
                        write.user() == null ? source.user() : write.user().reveal(),
                        write.password());
    }

    private static Connection connect(Source.Jdbc source, @Nullable String user, @Nullable Secret password)
            throws SQLException {
        Properties properties = new Properties();
        put(properties, "user", user);
        put(properties, "password", password == null ? null : password.reveal());
        return DriverManager.getConnection(source.url(), properties);
    }

    private static void put(Properties properties, String name, @Nullable String value) {
        if (value != null) {
            properties.setProperty(name, value);
        }
    }
}
