package dev.lastgood.workspace;

import dev.lastgood.problem.Place;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A connection; a dataset names one. */
public sealed interface Source {

    String name();

    /** Of the name in the workspace file. */
    Place place();

    /** Whether it has a second identity, without which nothing may be written. */
    boolean isWritable();

    <R> R accept(Visitor<R> visitor);

    /** Reads a source from outside, one method a kind. */
    interface Visitor<R> {
        R jdbc(Jdbc source);

        R cosmos(Cosmos source);

        R files(Files source);
    }

    /**
     * A database.
     *
     * @param url without any secret
     * @param user null if the driver finds it out
     * @param confirm how what is found in it is looked at again
     * @param write null: read-only
     */
    record Jdbc(
            String name,
            String url,
            @Nullable String user,
            @Nullable Secret password,
            Limit limit,
            Confirm confirm,
            @Nullable Login write,
            Place place)
            implements Source {

        @Override
        public boolean isWritable() {
            return write != null;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.jdbc(this);
        }
    }

    /**
     * A database of Azure Cosmos DB for NoSQL.
     *
     * @param endpoint URI of the account: https, or http of this machine, where an emulator is
     * @param regions preferred, in order; empty for the account's own order
     * @param consistency of reads; null: the account's own
     * @param write null: read-only
     */
    record Cosmos(
            String name,
            String endpoint,
            String database,
            Auth auth,
            List<String> regions,
            @Nullable Consistency consistency,
            Limit limit,
            @Nullable CosmosWriter write,
            Place place)
            implements Source {

        /** What goes over the wire is signed or worth a look, so it is not sent in the clear to another machine. */
        private static final Pattern ENDPOINT = Pattern.compile(
                "https://[^/\\s;@?#]+(/[^\\s;@?#]*)?|http://(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d+)?/?");

        /** Whether a text is the endpoint of an account, and nothing else: a connection string has a key in it. */
        public static boolean isEndpoint(String text) {
            return ENDPOINT.matcher(text).matches();
        }

        public Cosmos {
            regions = List.copyOf(regions);
        }

        @Override
        public boolean isWritable() {
            return write != null;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.cosmos(this);
        }
    }

    /**
     * A folder of files on any file system Hadoop knows.
     *
     * @param root URI, or absolute path on this machine
     * @param write settings for Hadoop that a writer has beside the workspace's; null: read-only
     */
    record Files(
            String name, String root, Limit limit, @Nullable Map<String, Secret> write, Place place) implements Source {

        public Files {
            write = write == null ? null : Workspace.ordered(write);
        }

        @Override
        public boolean isWritable() {
            return write != null;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.files(this);
        }
    }

    /** The second identity of a database. Resolved when revealed: an audit runs without it. */
    record Login(@Nullable Secret user, @Nullable Secret password) {}

    /** What reads of Cosmos DB ask for. The service grants none that is stronger than the account's own. */
    enum Consistency {
        STRONG,
        BOUNDED_STALENESS,
        SESSION,
        CONSISTENT_PREFIX,
        EVENTUAL
    }

    /**
     * The second identity of Cosmos DB, and how it writes.
     *
     * @param multiRegionWrites whether it was said that writes may be overwritten by those of another region
     */
    record CosmosWriter(Auth auth, Requests requests, boolean multiRegionWrites) {}

    /** How documents that share no partition with others are written: a request each, or many to a request. */
    enum Requests {
        POINT,
        BULK
    }

    /** How to sign in to Cosmos DB. */
    sealed interface Auth {

        /** azure-identity's default chain; clientId chooses a managed identity, null leaves the choice to the chain. */
        record Default(@Nullable Secret clientId) implements Auth {}

        /** The account's key. */
        record AccountKey(Secret key) implements Auth {}

        /** The account's connection string. */
        record ConnectionString(Secret text) implements Auth {}
    }

    /**
     * When what differs or breaks a rule in a source that others write to is read again.
     *
     * @param after so long after it was read; zero: it is not read again
     * @param max records that are read by their keys; where there are more, all are read
     */
    record Confirm(Duration after, int max) {
        public static final Confirm DEFAULT = new Confirm(Duration.ofSeconds(5), 100_000);
    }

    /** What a run may ask of the source at most. Null: no limit. */
    record Limit(
            @Nullable Integer connections,
            @Nullable Long recordsPerSecond,
            @Nullable Long requestUnitsPerSecond) {

        public static final Limit NONE = new Limit(null, null, null);
    }
}
