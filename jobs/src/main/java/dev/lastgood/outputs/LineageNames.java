package dev.lastgood.outputs;

import dev.lastgood.outputs.OpenLineage.Name;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What other tools call the datasets of a workspace, by the conventions of OpenLineage (spec, Naming): so the lineage they
 * draw and what an audit says meet. Where there is no convention it is left to {@link OpenLineage}.
 */
public final class LineageNames {
    private static final Pattern JDBC =
            Pattern.compile("jdbc:(postgresql|mariadb|mysql)://([^/,?;@]+)/([^?;/]+).*", Pattern.DOTALL);

    private LineageNames() {}

    /** By the names in the workspace. Nothing of an address but host, port and path comes into it. */
    public static Map<String, Name> of(Workspace workspace) {
        Map<String, Name> names = new TreeMap<>();
        workspace
                .datasets()
                .forEach((name, dataset) ->
                        of(workspace.source(dataset), dataset).ifPresent(found -> names.put(name, found)));
        return names;
    }

    private static Optional<Name> of(Source source, DatasetSpec dataset) {
        if (source instanceof Source.Jdbc jdbc && dataset.location() instanceof Location.Table table) {
            return jdbc(jdbc.url(), table.name());
        }
        if (source instanceof Source.Cosmos cosmos && dataset.location() instanceof Location.Container container) {
            return Optional.ofNullable(URI.create(cosmos.endpoint()).getHost())
                    .map(host -> new Name(
                            "azurecosmos://%s/dbs/%s".formatted(host, cosmos.database()), "colls/" + container.name()));
        }
        if (source instanceof Source.Files files && dataset.location() instanceof Location.Folder folder) {
            String place = folder.path().matches("[a-z][a-z0-9+.-]*:.*|/.*")
                    ? folder.path()
                    : files.root().replaceAll("/+$", "") + "/" + folder.path();
            return Optional.of(file(place));
        }
        return Optional.empty();
    }

    private static Optional<Name> jdbc(String url, String table) {
        Matcher parts = JDBC.matcher(url);
        if (!parts.matches()) {
            return Optional.empty();
        }
        boolean postgres = parts.group(1).equals("postgresql");
        String server = parts.group(2);
        String port = server.matches(".*:[0-9]+") ? "" : postgres ? ":5432" : ":3306";
        String schema = postgres && !table.contains(".") ? "public." : "";
        String inDatabase = parts.group(3) + "." + schema + table;
        // A table of MariaDB is named with its database where it is named in full.
        String full = !postgres && table.contains(".") ? table : inDatabase;
        return Optional.of(new Name((postgres ? "postgres://" : "mysql://") + server + port, full));
    }

    private static Name file(String place) {
        Matcher parts = Pattern.compile("([a-z][a-z0-9+.-]*)://([^/]*)/?(.*)").matcher(place);
        if (!parts.matches() || parts.group(1).equals("file")) {
            return new Name("file", place.replaceFirst("^file:/*", "/"));
        }
        return new Name(parts.group(1) + "://" + parts.group(2), parts.group(3));
    }
}
