package dev.lastgood.target.contract;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one MariaDB of this JVM, the server that is installed on the machine, started by the first test that asks for it. */
public final class MariaDb {
    public static final String USER = "root";

    private static final List<String> PLACES = List.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin");
    private static @Nullable MariaDb running;

    private final int port;

    private MariaDb(int port) {
        this.port = port;
    }

    /** Where a database of that name is; aborts the test that calls it, saying why, where no server is installed. */
    public static synchronized String url(String database) {
        return "jdbc:mariadb://127.0.0.1:%d/%s".formatted(server().port, database);
    }

    /** The same server for MySQL's own driver. */
    public static String mySqlUrl(String database) {
        return url(database).replace("jdbc:mariadb:", "jdbc:mysql:");
    }

    /** A connection of MySQL's own driver to a database of that name, which is made if there is none. */
    public static Connection connectAsMySql(String database) throws SQLException {
        connect(database).close();
        return DriverManager.getConnection(mySqlUrl(database), USER, "");
    }

    /** A connection to a database of that name, which is made if there is none. */
    public static Connection connect(String database) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(""), USER, "");
                Statement statement = connection.createStatement()) {
            statement.execute("create database if not exists " + database);
        }
        return DriverManager.getConnection(url(database), USER, "");
    }

    private static synchronized MariaDb server() {
        MariaDb server = running;
        if (server == null) {
            try {
                server = start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            running = server;
        }
        return server;
    }

    private static MariaDb start() throws IOException, InterruptedException {
        Path install = program("mariadb-install-db");
        Path daemon = program("mariadbd");
        if (install == null || daemon == null) {
            if (Boolean.getBoolean("lastgood.mariadb")) {
                throw new IllegalStateException("mariadb-server is not on this machine, and -Dlastgood.mariadb wants it");
            }
            abort("mariadb-server is not on this machine: nothing was tried against MariaDB");
            throw new IllegalStateException("unreachable");
        }
        Path folder = Files.createTempDirectory("mariadb");
        String user = "--user=" + System.getProperty("user.name");
        String data = "--datadir=" + folder.resolve("data");
        Path log = folder.resolve("log");
        int done = new ProcessBuilder(
                        install.toString(),
                        "--no-defaults",
                        data,
                        user,
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (done != 0) {
            throw new IOException("mariadb-install-db: " + Files.readString(log));
        }
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        daemon.toString(),
                        "--no-defaults",
                        data,
                        user,
                        "--socket=" + folder.resolve("socket"),
                        "--port=" + port,
                        "--bind-address=127.0.0.1",
                        "--character-set-server=utf8mb4")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            process.destroyForcibly();
            delete(folder);
        }));
        MariaDb server = new MariaDb(port);
        while (!server.answers()) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                throw new IOException("mariadbd ended: " + Files.readString(log));
            }
        }
        return server;
    }

    private boolean answers() {
        try (Connection connection = DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/", USER, "")) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private static @Nullable Path program(String name) {
        return PLACES.stream()
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            System.err.println("left behind: " + folder);
        }
    }
}
