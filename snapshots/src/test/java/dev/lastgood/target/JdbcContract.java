package dev.lastgood.target;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.contract.TargetContract;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The contract on a table of a real database. */
abstract class JdbcContract extends TargetContract {

    abstract Connection connect() throws SQLException;

    @Override
    protected Target create() throws SQLException {
        execute("drop table if exists orders");
        execute("create table orders(id int primary key, name varchar(10000), note varchar(100), total int)");
        return new JdbcTarget(
                this::connect,
                JdbcTarget.Table.of("orders", List.of("id")).waiting(Duration.ofSeconds(5), Duration.ofSeconds(10)));
    }

    final void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int number(Image image, String field) {
        return ((Value.Num) Objects.requireNonNull(image.field(field))).value().intValueExact();
    }

    @Override
    protected void application(Key key, @Nullable Image image) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            Value id = Objects.requireNonNull(key.parts().get("id"));
            try (PreparedStatement delete = connection.prepareStatement("delete from orders where id = ?")) {
                delete.setInt(1, ((Value.Num) id).value().intValueExact());
                delete.executeUpdate();
            }
            if (image != null) {
                try (PreparedStatement insert =
                        connection.prepareStatement("insert into orders(id, name, note, total) values (?, ?, ?, ?)")) {
                    insert.setInt(1, number(image, "id"));
                    insert.setString(2, text(image, "name"));
                    insert.setString(3, text(image, "note"));
                    insert.setInt(4, number(image, "total"));
                    insert.executeUpdate();
                }
            }
            connection.commit();
        }
    }

    private static @Nullable String text(Image image, String field) {
        return image.field(field) instanceof Value.Text text ? text.value() : null;
    }

    @Override
    protected Adder adder() throws SQLException {
        Connection connection = connect();
        PreparedStatement update = connection.prepareStatement("update orders set total = total + 1 where id = ?");
        return key -> {
            update.setInt(
                    1,
                    ((Value.Num) Objects.requireNonNull(key.parts().get("id")))
                            .value()
                            .intValueExact());
            boolean added = false;
            while (!added) {
                try {
                    added = update.executeUpdate() == 1;
                } catch (java.sql.SQLTransactionRollbackException e) {
                    // The database asks to try again.
                    added = false;
                }
            }
        };
    }

    @Override
    protected Map<Key, Image> everything() throws SQLException {
        Map<Key, Image> all = new TreeMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id, name, note, total from orders")) {
            while (rows.next()) {
                int id = rows.getInt(1);
                all.put(
                        key(id),
                        image(id, rows.getString(2), rows.getInt(4)).with("note", Value.of(rows.getString(3))));
            }
        }
        return all;
    }
}
